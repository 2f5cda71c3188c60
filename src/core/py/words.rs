//! The words of Python's enumerations: each is passed as a member of its Python class.

use super::witness::Effect;
use crate::flows::table::DirectionReason;
use crate::join::fate::Fate;
use crate::tcp::cue::{Cue, Evidence};
use crate::tcp::fact::Fact;
use crate::tcp::state::State;
use crate::tcp::thresholds::Unit;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

/// An end by its role: the active opener or the passive one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The active opener.
    Client,
    /// The passive opener.
    Server,
}

impl Role {
    const ALL: [Self; 2] = [Self::Client, Self::Server];

    /// 0 is the client, 1 the server.
    pub const fn of(number: usize) -> Self {
        if number == 0 { Self::Client } else { Self::Server }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// The evidence for which end is the client, strongest first.
pub const REASONS: [DirectionReason; 6] = [
    DirectionReason::Syn,
    DirectionReason::SynAck,
    DirectionReason::Listener,
    DirectionReason::WellKnownPort,
    DirectionReason::EphemeralPort,
    DirectionReason::FirstSender,
];

/// Declares enumerations: the Rust type, the Python class, and the name of each value.
macro_rules! words {
    ($($type:ty = $module:literal . $class:literal, $all:expr, $name:ident;)*) => {$(
        impl<'py> IntoPyObject<'py> for $type {
            type Target = PyAny;
            type Output = Bound<'py, PyAny>;
            type Error = PyErr;

            fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
                static MEMBERS: PyOnceLock<Vec<Py<PyAny>>> = PyOnceLock::new();
                let names = || $all.iter().map(|value| value.$name());
                let members = MEMBERS.get_or_try_init(py, || members(py, $module, $class, names()))?;
                Ok(members[self as usize].bind(py).clone())
            }
        }
    )*};
}

words! {
    Role = "wirestat.model"."Side", Role::ALL, name;
    State = "wirestat.model"."State", State::ALL, name;
    Evidence = "wirestat.model"."Evidence", Evidence::ALL, name;
    DirectionReason = "wirestat.model"."DirectionReason", REASONS, name;
    Cue = "wirestat.vocabulary"."Cue", Cue::ALL, words;
    Fact = "wirestat.vocabulary"."Fact", Fact::ALL, name;
    Fate = "wirestat.crossing"."Fate", Fate::ALL, name;
    Effect = "wirestat.witness"."Effect", Effect::ALL, name;
    Unit = "wirestat.witness"."Unit", Unit::ALL, name;
}

/// The members of an enumeration by their values; an error if one does not exist.
fn members<'a>(
    py: Python<'_>,
    module: &str,
    class: &str,
    values: impl Iterator<Item = &'a str>,
) -> PyResult<Vec<Py<PyAny>>> {
    let class = py.import(module)?.getattr(class)?;
    values.map(|value| Ok(class.call1((value,))?.unbind())).collect()
}
