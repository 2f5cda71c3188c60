//! How many cores a tracker may use beside the one it is called on.

use super::tracker::Tracker;
use pyo3::prelude::*;

/// Lets two threads count connections where there are many. The result is the same.
#[pyfunction]
pub fn use_cores(tracker: &mut Tracker) {
    tracker.flows.uses_cores = true;
}
