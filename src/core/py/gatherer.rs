//! Concatenates the tables of many trackers: for a thousand small captures, making single tables would
//! take longer than filling them.

use super::columns::{BookRow, TableRow, WantedRow, dictionaries, named, table};
use super::tracker::Tracker;
use crate::columns::books::Shelf;
use crate::columns::take::{Filling, Those, Wanted};
use pyo3::prelude::*;

/// Gathers the tables of connections of many trackers.
#[pyclass(module = "wirestat._core")]
pub struct Gatherer {
    wanted: Vec<Wanted>,
    filling: Filling,
    books: Shelf,
}

#[pymethods]
impl Gatherer {
    /// Empty tables of the wanted columns; see `columns`.
    #[new]
    fn new(wanted: Vec<WantedRow>) -> PyResult<Self> {
        let wanted = wanted.into_iter().map(named).collect::<PyResult<Vec<_>>>()?;
        Ok(Self { filling: Filling::of(&wanted, 0), wanted, books: Shelf::default() })
    }

    /// Adds a part of the connections of a tracker; see `columns`. Returns the rows so far: of connections, and of
    /// transitions.
    fn add(
        &mut self,
        py: Python<'_>,
        tracker: &mut Tracker,
        part: (usize, usize),
        chosen: Option<&[u8]>,
    ) -> PyResult<[usize; 2]> {
        let places = tracker.places(part.0, part.1, chosen)?;
        let (flows, decoder) = (&tracker.flows, &tracker.line.decoder);
        let describe = |scope| decoder.tunnel(scope);
        py.detach(|| {
            let mut books = std::mem::take(&mut self.books).open(&describe);
            self.filling.add(flows, Those::Here(&places), i64::MAX, &mut books);
            self.books = books.close();
        });
        Ok(self.filling.rows())
    }

    /// Returns the gathered tables, and starts over.
    fn take<'py>(&mut self, py: Python<'py>) -> (Vec<TableRow<'py>>, Vec<BookRow<'py>>) {
        let filled = std::mem::replace(&mut self.filling, Filling::of(&self.wanted, 0));
        let books = std::mem::take(&mut self.books);
        (filled.finish().into_iter().map(|columns| table(py, columns)).collect(), dictionaries(py, &books))
    }
}
