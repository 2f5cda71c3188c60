//! The worth of a connection, for a table that has no room for all.

use super::proof::Proof;
use crate::tcp::connection::Connection;

/// The worth of a connection: the least is let go first. A connection that is over is counted and needs no room; among the
/// others, proof and exchanged data tell real conversations from those that anybody can make up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worth {
    /// Closed, and never open as far as is known.
    Failed,
    /// Closed at both ends, or in TIME_WAIT.
    Over,
    /// See [`Proof::Unanswered`].
    Unanswered,
    /// See [`Proof::Answered`].
    Answered,
    /// See [`Proof::OneWay`].
    OneWay,
    /// See [`Proof::Opened`].
    Opened,
    /// See [`Proof::Exchanged`].
    Exchanged,
}

impl Worth {
    /// All of them, the least first.
    pub const ALL: [Self; 7] = [
        Self::Failed,
        Self::Over,
        Self::Unanswered,
        Self::Answered,
        Self::OneWay,
        Self::Opened,
        Self::Exchanged,
    ];

    /// The worth of a connection now.
    #[must_use]
    pub fn of(connection: &Connection) -> Self {
        match (is_over(connection), Proof::of(connection)) {
            (true, Proof::Unanswered | Proof::Answered | Proof::OneWay) => Self::Failed,
            (true, Proof::Opened | Proof::Exchanged) => Self::Over,
            (false, Proof::Unanswered) => Self::Unanswered,
            (false, Proof::Answered) => Self::Answered,
            (false, Proof::OneWay) => Self::OneWay,
            (false, Proof::Opened) => Self::Opened,
            (false, Proof::Exchanged) => Self::Exchanged,
        }
    }

    /// Whether such connections have yet to prove themselves.
    #[must_use]
    pub const fn is_young(self) -> bool {
        matches!(self, Self::Unanswered | Self::Answered)
    }
}

/// Whether neither end has anything left of a connection, except perhaps a TIME_WAIT.
#[must_use]
pub fn is_over(connection: &Connection) -> bool {
    connection.is_closed() || connection.ends().iter().all(|end| end.state().is_over())
}
