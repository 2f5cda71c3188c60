//! The memory of a connection: its changes of state, the first sight of its facts, and its state at an instant.

use crate::tcp::entry::{Transition, Verdict};
use crate::tcp::fact::Fact;
use crate::tcp::state::State;

/// A connection at an instant: the state of each end and when it entered that state, or `None` before its first
/// segment. When an end entered its initial state is unknown.
pub struct Then {
    /// The id of the connection.
    pub connection: u64,
    /// The client.
    pub client: Option<(State, Option<i64>)>,
    /// The server.
    pub server: Option<(State, Option<i64>)>,
}

/// A change of state, or the first sighting of a fact.
pub enum Remembered {
    /// A change of state.
    Step(Step),
    /// A fact.
    Sight(Sight),
}

/// A change of state of one end.
pub struct Step {
    /// The id of the connection.
    pub connection: u64,
    /// Whether it is a change of the server's state.
    pub server: bool,
    /// The change.
    pub transition: Transition,
}

impl Step {
    /// The frame that proved it.
    #[must_use]
    pub const fn confirmed_by(&self) -> Option<u64> {
        match self.transition.verdict {
            Verdict::Confirmed(frame) => Some(frame),
            Verdict::Open | Verdict::Undated | Verdict::Retracted(_) => None,
        }
    }

    /// The frame that disproved it.
    #[must_use]
    pub const fn retracted_by(&self) -> Option<u64> {
        match self.transition.verdict {
            Verdict::Retracted(frame) => Some(frame),
            Verdict::Open | Verdict::Undated | Verdict::Confirmed(_) => None,
        }
    }
}

/// The first sighting of a fact.
pub struct Sight {
    /// The id of the connection.
    pub connection: u64,
    /// The fact.
    pub fact: Fact,
    /// Whether it is about the server; `None` where it is about the connection as a whole.
    pub server: Option<bool>,
    /// The frame that showed it first.
    pub frame: u64,
    /// When, in Unix ns.
    pub time_ns: i64,
    /// The number that belongs to the fact, if it has one.
    pub figure: Option<u64>,
}
