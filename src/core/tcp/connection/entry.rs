//! One entry of a connection's log: a change of state, or the first sight of a fact.

use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;

/// The fate of a transition since it was inferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing more is known.
    Open,
    /// A later frame proved it.
    Confirmed(u64),
    /// A later frame disproved it.
    Retracted(u64),
    /// Nothing may disprove it any more, but whether it happened then or later does not show.
    Undated,
}

/// A change of state of one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Which end.
    pub side: Side,
    /// The state left.
    pub from: State,
    /// The state entered.
    pub to: State,
    /// When, in Unix ns.
    pub time_ns: i64,
    /// The frame that showed it.
    pub frame: u64,
    /// The cue that caused it.
    pub cue: Cue,
    /// How it is known.
    pub evidence: Evidence,
    /// Its fate since.
    pub verdict: Verdict,
}

impl Transition {
    /// Whether it is believed now.
    #[must_use]
    pub const fn is_believed(&self) -> bool {
        !matches!(self.verdict, Verdict::Retracted(_))
    }

    /// Whether it is proven: nothing may disprove it later.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        matches!(
            (self.evidence, self.verdict),
            (Evidence::Seen, Verdict::Open) | (_, Verdict::Confirmed(_) | Verdict::Undated)
        )
    }
}

/// How a transition is known, and what became of it since, in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Standing {
    /// Seen.
    Seen,
    /// Presumed.
    Presumed,
    /// Implied.
    Implied,
    /// By timer.
    Timer,
    /// Confirmed since, however it was known.
    Confirmed,
    /// Certain to have happened, then or later.
    Undated,
    /// Believed for a while and disproved.
    Retracted,
}

impl Standing {
    /// How many there are.
    pub const COUNT: usize = Self::Retracted as usize + 1;
}

/// A transition in short: as much as counting needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// When, in Unix ns.
    pub time_ns: i64,
    /// Which end.
    pub side: Side,
    /// The state left.
    pub from: State,
    /// The state entered.
    pub to: State,
    /// How it is known.
    pub standing: Standing,
}

impl Move {
    /// Whether it is a move of `side` that is believed now.
    #[must_use]
    #[inline]
    pub fn is_believed_of(&self, side: Side) -> bool {
        self.side == side && self.standing != Standing::Retracted
    }
}

/// The first sight of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The end that did it; meaningless for a fact about the connection as a whole.
    pub side: Side,
    /// The fact.
    pub fact: Fact,
    /// When, in Unix ns.
    pub time_ns: i64,
    /// The frame that showed it.
    pub frame: u64,
    /// The number that belongs to it, up to 2^49; 0 where none does.
    pub figure: u64,
}

/// Either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A transition.
    Transition(Transition),
    /// A fact.
    Sighting(Sighting),
}
