//! Connections for Python, as JSON or as Zeek's log lines.

use super::tracker::Tracker;
use crate::columns::conn_log::{ConnLog as Lines, Named as NamedFindings};
use crate::columns::json::connection::Connections;
use crate::columns::json::pen::Pen;
use crate::columns::json::words::{Named, Sentence, Wait, Waits, Words};
use crate::columns::take::in_blocks;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// The findings of connections: the ids of connections, the index of each one's list, and the lists.
type NamedRow = (Vec<u64>, Vec<u32>, Vec<String>);

/// The packet that one end waits for: whether it is the server's; the sentence if all that it sent is acknowledged; the
/// sentence if not.
type WaitRow = (bool, Option<String>, Option<String>);

/// Writes the records of connections, with the parts that only the report knows.
#[pyclass(module = "wirestat._core", frozen)]
pub struct Records {
    words: Words,
    style: (String, String, String),
}

#[pymethods]
impl Records {
    /// Takes, for each state left and each state entered, in the order of their numbers, the fields of a transition
    /// about RFC 9293; for each state of the client and each of the server, the packet that they wait for, or None if
    /// the connection has not stopped; and the findings that name connections. The style is the text before a record,
    /// after it, braces included, and between two.
    #[new]
    fn new(
        documented: Vec<String>,
        waits: Vec<Option<Vec<WaitRow>>>,
        findings: NamedRow,
        style: (String, String, String),
    ) -> PyResult<Self> {
        let waits = waits.into_iter().map(|ends| ends.map(|ends| ends.into_iter().map(wait).collect()));
        let waits: Vec<Waits> = waits.collect();
        let (connections, lists, texts) = findings;
        let words = Words::new(documented, waits, Named { connections, lists, texts });
        let words = words.ok_or_else(|| PyValueError::new_err("one for every two states is needed"))?;
        Ok(Self { words, style })
    }

    /// The records of the chosen ones among `count` connections, from the `start`th on; see `columns`.
    fn write<'py>(
        &self,
        py: Python<'py>,
        tracker: &mut Tracker,
        start: usize,
        count: usize,
        chosen: Option<&[u8]>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let places = tracker.places(start, count, chosen)?;
        let (flows, decoder) = (&tracker.flows, &tracker.line.decoder);
        let describe = |scope| decoder.tunnel(scope);
        let (opening, closing, between) = &self.style;
        let connections = Connections { flows, describe: &describe, words: &self.words, opening, closing };
        let text = py.detach(|| {
            let mut pen = Pen::default();
            in_blocks(flows, &places, |block| {
                for slot in block {
                    if !pen.text.is_empty() {
                        pen.raw(between);
                    }
                    connections.write(&mut pen, slot);
                }
            });
            pen.text
        });
        Ok(PyBytes::new(py, text.as_bytes()))
    }
}

fn wait((server, quiet, owing): WaitRow) -> Wait {
    Wait { server, sentences: [quiet, owing].map(|text| text.as_deref().map(Sentence::of)) }
}

/// The findings of connections: the ids of connections, the index of each one's list, and the lists.
type FindingsRow = (Vec<u64>, Vec<u32>, Vec<Vec<String>>);

/// Writes lines of Zeek's conn.log, as JSON or tab-separated.
#[pyclass(module = "wirestat._core", frozen)]
pub struct ConnLog {
    named: NamedFindings,
    is_json: bool,
}

#[pymethods]
impl ConnLog {
    /// A log with these findings.
    #[new]
    fn new(findings: FindingsRow, is_json: bool) -> Self {
        let (connections, lists, findings) = findings;
        Self { named: NamedFindings { connections, lists, findings }, is_json }
    }

    /// The lines of the chosen ones among `count` connections, from the `start`th on; see `columns`. Empty without
    /// `note_for_zeek` of the tracker.
    fn write<'py>(
        &self,
        py: Python<'py>,
        tracker: &mut Tracker,
        start: usize,
        count: usize,
        chosen: Option<&[u8]>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let places = tracker.places(start, count, chosen)?;
        let flows = &tracker.flows;
        let text = py.detach(|| {
            let mut log = Lines::new(self.is_json);
            in_blocks(flows, &places, |block| {
                block.iter().for_each(|slot| log.connection(flows, slot, &self.named));
            });
            log.finish()
        });
        Ok(PyBytes::new(py, text.as_bytes()))
    }

    /// The lines of all UDP conversations.
    fn write_udp<'py>(&self, py: Python<'py>, tracker: &Tracker) -> Bound<'py, PyBytes> {
        let mut log = Lines::new(self.is_json);
        for (key, conversation) in tracker.flows.udp.list() {
            log.conversation(&key, &conversation);
        }
        PyBytes::new(py, log.finish().as_bytes())
    }
}
