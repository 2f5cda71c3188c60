//! The number of cores that a tracker may use in addition to the caller's.

use super::tracker::Tracker;
use pyo3::prelude::*;

/// Lets two threads count connections if there are many. The result is the same as with one.
#[pyfunction]
pub fn use_cores(tracker: &mut Tracker) {
    tracker.flows.uses_cores = true;
}
