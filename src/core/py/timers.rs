//! The timers of the core, by the names and units of `wirestat.timers`.

use crate::tcp::profile::Profile;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::collections::HashMap;

/// The field of a value.
type Set = fn(&mut Profile, Value);

/// Each timer by its name.
pub const TIMERS: [(&str, Set); 8] = [
    ("time_wait_ns", |profile, value| profile.time_wait = value.duration()),
    ("fin_timeout_ns", |profile, value| profile.fin_timeout = value.duration()),
    ("syn_retries", |profile, value| profile.syn_retries = value.retries()),
    ("synack_retries", |profile, value| profile.synack_retries = value.retries()),
    ("orphan_retries", |profile, value| profile.orphan_retries = value.retries()),
    ("close_wait_held_ns", |profile, value| profile.close_wait_held = value.duration()),
    ("zero_window_held_ns", |profile, value| profile.zero_window_held = value.duration()),
    ("idle_gap_ns", |profile, value| profile.idle_gap = value.duration()),
];

/// A timer's value from Python.
#[derive(Clone, Copy)]
pub struct Value(i64);

impl Value {
    /// A duration beyond that of any capture, and far from overflow.
    const NEVER: i64 = i64::MAX / 4;

    /// The duration in ns; 0 and less mean never.
    fn duration(self) -> i64 {
        if self.0 > 0 { self.0.min(Self::NEVER) } else { Self::NEVER }
    }

    fn retries(self) -> u8 {
        u8::try_from(self.0.clamp(0, 255)).unwrap_or(u8::MAX)
    }
}

/// The profile with these timers; the others are Linux's. Raises `ValueError` for an unknown name.
pub(super) fn profile(timers: &HashMap<String, i64>) -> PyResult<Profile> {
    let mut profile = Profile::default();
    for (name, value) in timers {
        let Some((_, set)) = TIMERS.iter().find(|(known, _)| known == name) else {
            return Err(PyValueError::new_err(format!("no such timer: {name}")));
        };
        set(&mut profile, Value(*value));
    }
    Ok(profile)
}
