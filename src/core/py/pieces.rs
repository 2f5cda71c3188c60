//! A capture in pieces: the orders for processes and their results, as bytes.

use super::reader::Reader;
use super::timers::profile;
use super::tracker::Tracker;
use crate::file::Next;
use crate::flows::table::Capacity;
use crate::frame::Frame;
use crate::intake::line::{Line, Status};
use crate::pieces::plan::{Head, Orders, Plan};
use crate::pieces::survey::Survey;
use crate::pieces::wire::{packed, unpacked};
use crate::pieces::{Refusal, piece, rest, survey, whole};
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

create_exception!(
    wirestat._core,
    Crowded,
    PyException,
    "A capture cannot be tracked in pieces: there is no room for all of it, and what gives way depends on the whole."
);

type Timers = HashMap<String, i64>;

fn refused(refusal: Refusal) -> PyErr {
    match refusal {
        Refusal::Crowded => Crowded::new_err(refusal.to_string()),
        Refusal::Garbled => PyValueError::new_err(refusal.to_string()),
    }
}

fn is_finished() -> PyErr {
    PyRuntimeError::new_err("it is finished")
}

fn limits(max_connections: usize, max_bytes: usize) -> Capacity {
    Capacity { connections: max_connections, bytes: max_bytes, ..Capacity::default() }
}

/// Passes up to `frames` frames of a reader to `take`.
fn read(reader: &Reader, frames: u64, mut take: impl FnMut(Frame<'_>)) -> Status {
    let mut reader = reader.lock();
    for _ in 0..frames {
        match reader.next() {
            Next::Frame(frame) => take(frame.in_sane_time()),
            Next::End => return Status::End,
            Next::Pending => return Status::Pending,
        }
    }
    Status::More
}

/// Work in progress, until it is finished. The lock is there because Python may pass an object to any thread.
struct UnderWay<T>(Mutex<Option<T>>);

impl<T> UnderWay<T> {
    const fn new(one: T) -> Self {
        Self(Mutex::new(Some(one)))
    }

    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self) -> PyResult<T> {
        self.lock().take().ok_or_else(is_finished)
    }
}

/// Surveys a piece of a capture: collects what the processes of other pieces need to know.
#[pyclass(module = "wirestat._core", frozen)]
pub struct Surveyor(UnderWay<survey::Surveyor>);

#[pymethods]
impl Surveyor {
    /// A survey that has read nothing.
    #[new]
    fn new() -> Self {
        Self(UnderWay::new(survey::Surveyor::default()))
    }

    /// Takes in up to `frames` frames of a reader; see `Tracker.read`.
    fn read(&self, py: Python<'_>, reader: &Reader, frames: u64) -> PyResult<&'static str> {
        let status = py.detach(|| {
            let mut surveyor = self.0.lock();
            surveyor.as_mut().map(|surveyor| read(reader, frames, |frame| surveyor.take(&frame)))
        });
        status.map(Status::name).ok_or_else(is_finished)
    }

    /// The survey, the times of the first and the last frame, and the latest time.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyBytes>, [Option<i64>; 3])> {
        let surveyor = self.0.finish()?;
        let told = py.detach(|| {
            let survey = surveyor.finish();
            Ok((packed(&survey)?, survey.times()))
        });
        let (survey, times) = told.map_err(refused)?;
        Ok((PyBytes::new(py, &survey), times))
    }
}

/// Orders by piece, orders for the whole, the number of 4-tuples, and of those that cross pieces.
type Planned<'py> = (Vec<Bound<'py, PyBytes>>, Bound<'py, PyBytes>, usize, usize);

/// Makes a plan from the surveys of all pieces, in the order of time. Returns the orders for each piece, the orders
/// for the whole, the number of 4-tuples, and the number of those in several pieces. What belongs to the latter is
/// passed on in `parts` parts, and one more.
#[pyfunction]
pub fn plan_pieces<'py>(py: Python<'py>, surveys: Vec<PyBackedBytes>, parts: u32) -> PyResult<Planned<'py>> {
    let planned = py.detach(|| {
        let surveys: Vec<Survey> = surveys.iter().map(|survey| unpacked(survey)).collect::<Result<_, _>>()?;
        let plan = Plan::of(surveys, parts)?;
        let orders: Vec<Vec<u8>> = plan.orders.iter().map(packed).collect::<Result<_, _>>()?;
        Ok((orders, packed(&plan.head)?, plan.keys))
    });
    let (orders, head, (keys, crossing)) = planned.map_err(refused)?;
    let orders = orders.iter().map(|orders| PyBytes::new(py, orders)).collect();
    Ok((orders, PyBytes::new(py, &head), keys, crossing))
}

/// Tracks a piece of a capture.
#[pyclass(module = "wirestat._core", frozen)]
pub struct Piece(UnderWay<piece::Piece>);

#[pymethods]
impl Piece {
    /// A piece not yet read, with orders of a plan.
    #[new]
    #[pyo3(signature = (orders, timers, *, max_connections, max_bytes))]
    fn new(orders: &[u8], timers: Timers, max_connections: usize, max_bytes: usize) -> PyResult<Self> {
        let orders: Orders = unpacked(orders).map_err(refused)?;
        Ok(Self(UnderWay::new(piece::Piece::new(
            orders,
            profile(&timers)?,
            limits(max_connections, max_bytes),
        ))))
    }

    /// Takes in up to `frames` frames of a reader; see `Tracker.read`.
    fn read(&self, py: Python<'_>, reader: &Reader, frames: u64) -> PyResult<&'static str> {
        let status = py.detach(|| {
            let mut piece = self.0.lock();
            piece.as_mut().map(|piece| read(reader, frames, |frame| piece.take(frame)))
        });
        status.map(Status::name).ok_or_else(is_finished)
    }

    /// The connections that lie wholly in this piece, and in parts the segments and ICMP errors of the others.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyBytes>, Vec<Bound<'py, PyBytes>>)> {
        let piece = self.0.finish()?;
        let (parcel, parts) = py.detach(|| piece.finish()).map_err(refused)?;
        Ok((PyBytes::new(py, &parcel), parts.iter().map(|part| PyBytes::new(py, part)).collect()))
    }
}

/// Tracks the same part of the rest of all pieces, in their order, and returns its connections.
#[pyfunction]
#[pyo3(signature = (left, head, timers, *, max_connections, max_bytes))]
pub fn track_rest<'py>(
    py: Python<'py>,
    left: Vec<PyBackedBytes>,
    head: &[u8],
    timers: Timers,
    max_connections: usize,
    max_bytes: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    let profile = profile(&timers)?;
    let tracked = py.detach(|| {
        let head: Head = unpacked(head)?;
        rest::track(&left, &head, profile, limits(max_connections, max_bytes))
    });
    Ok(PyBytes::new(py, &tracked.map_err(refused)?))
}

/// Assembles the table of a capture that was tracked in pieces.
#[pyclass(module = "wirestat._core", frozen)]
pub struct Whole(UnderWay<whole::Whole>);

#[pymethods]
impl Whole {
    /// Begins with a plan's orders for the whole, and the last part of the rest of all pieces.
    #[new]
    #[pyo3(signature = (head, left, timers, *, max_connections, max_bytes))]
    fn new(
        py: Python<'_>,
        head: &[u8],
        left: Vec<PyBackedBytes>,
        timers: Timers,
        max_connections: usize,
        max_bytes: usize,
    ) -> PyResult<Self> {
        let profile = profile(&timers)?;
        let begun = py.detach(|| {
            let head: Head = unpacked(head)?;
            whole::Whole::new(head, &left, profile, limits(max_connections, max_bytes))
        });
        Ok(Self(UnderWay::new(begun.map_err(refused)?)))
    }

    /// Adds the connections of a piece, or of a part of the rest.
    fn add(&self, py: Python<'_>, parcel: &[u8]) -> PyResult<()> {
        let added = py.detach(|| {
            let mut whole = self.0.lock();
            whole.as_mut().map(|whole| whole.add(parcel))
        });
        added.ok_or_else(is_finished)?.map_err(refused)
    }

    /// The finished table.
    fn finish(&self, py: Python<'_>) -> PyResult<Tracker> {
        let whole = self.0.finish()?;
        let (flows, decoder) = py.detach(|| whole.finish()).map_err(refused)?;
        Ok(Tracker::around(flows, Line::with(decoder)))
    }
}
