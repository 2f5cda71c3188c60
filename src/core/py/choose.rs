//! Filters on their way from Python, and what they choose on its way back.

use super::tracker::Tracker;
use crate::filter::program::{Program, Row};
use crate::filter::run::{Over, run};
use crate::flows::slab::Place;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

/// A byte for each connection of a tracker in the order of ids: 1 where a program chooses it and 0 where not.
///
/// Operations are tuples of a name, columns, pairs of numbers, and texts: `wirestat.query.program` says which there are.
/// Columns that are `given` are lists of a byte for each connection. `now_ns` is the instant that times
/// are counted to. `only` is the place and the id of a connection that alone is asked about: then there is one byte, or
/// none where it was let go.
#[pyfunction]
#[pyo3(signature = (tracker, program, given, now_ns, only = None))]
pub fn choose<'py>(
    py: Python<'py>,
    tracker: &mut Tracker,
    program: Vec<Row>,
    given: Vec<PyBackedBytes>,
    now_ns: i64,
    only: Option<(Place, u64)>,
) -> PyResult<Bound<'py, PyBytes>> {
    let program = Program::new(&program).map_err(PyValueError::new_err)?;
    let places = match only {
        Some((place, id)) => {
            tracker.flows.slab.get(place).filter(|slot| slot.id == id).map(|_| place).into_iter().collect()
        }
        None => tracker.places(0, usize::MAX, None)?,
    };
    let given: Vec<&[u8]> = given.iter().map(AsRef::as_ref).collect();
    if given.len() < program.given || given.iter().any(|bytes| bytes.len() != places.len()) {
        return Err(PyValueError::new_err("a byte for each connection has to be given"));
    }
    let (flows, decoder) = (&tracker.flows, &tracker.line.decoder);
    let describe = |scope| decoder.tunnel(scope);
    let over = Over { flows, places: &places, given: &given, now_ns, describe: &describe };
    let chosen = py.detach(|| run(&program, &over));
    Ok(PyBytes::new(py, &chosen))
}
