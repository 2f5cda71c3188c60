//! Runs filters from Python, and returns the selection.

use super::tracker::Tracker;
use crate::address::Ip;
use crate::filter::program::{Program, Row};
use crate::filter::run::{Over, run};
use crate::flows::slab::{Place, Slot};
use foldhash::fast::RandomState;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use std::collections::HashSet;

/// Returns a byte for each connection of a tracker in the order of ids: 1 if a program chooses the connection, else
/// 0.
///
/// Operations are tuples of a name, columns, pairs of numbers, and texts; `wirestat.query.program` lists them. `given`
/// columns have a byte for each connection. Durations end at `now_ns`. With `only`, the place and id of a connection,
/// the result is the byte of that one, or empty if it was dropped.
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

/// Returns a byte for each connection as `choose` does: 1 if an end has one of these addresses. Each address takes
/// sixteen bytes; an IPv4 address has four, and zeros after them. None if no connection has such an end: then nothing
/// is built or sorted.
#[pyfunction]
pub fn having_ends<'py>(
    py: Python<'py>,
    tracker: &mut Tracker,
    addresses: Vec<PyBackedBytes>,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let addresses = addresses.iter().map(|address| Ip::try_from(address.as_ref()));
    let wanted = addresses.collect::<Result<HashSet<Ip, RandomState>, _>>();
    let wanted = wanted.map_err(|_| PyValueError::new_err("an address has sixteen bytes"))?;
    let has = |slot: &Slot| slot.key.key().ips.iter().any(|ip| wanted.contains(ip));
    if !py.detach(|| tracker.flows.slab.iter().any(|(_, slot)| has(slot))) {
        return Ok(None);
    }
    let places = tracker.places(0, usize::MAX, None)?;
    let slots = places.iter().map(|place| tracker.flows.slab.get(*place));
    let chosen: Vec<u8> = slots.map(|slot| u8::from(slot.is_some_and(has))).collect();
    Ok(Some(PyBytes::new(py, &chosen)))
}
