//! Counts of the connections that there was no room for.

use super::worth::Worth;
use crate::tcp::connection::Connection;

/// Connections let go for want of room, by what they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evicted {
    /// Closed at both ends, or in TIME_WAIT.
    pub closed: u64,
    /// Never opened.
    pub embryonic: u64,
    /// Not opened in the capture, and nothing proves that both ends are real.
    pub unproven: u64,
    /// Of the others, the one silent for longest.
    pub idle: u64,
    /// One too many of its 4-tuple.
    pub superseded: u64,
}

impl Evicted {
    /// Counts a connection of that worth.
    pub fn count(&mut self, worth: Worth, connection: &Connection) {
        let states = connection.ends().each_ref().map(|end| end.state());
        let never_opened = !states.iter().any(|state| state.is_synchronized())
            || states.iter().any(|state| state.is_opening());
        let count = match worth {
            Worth::Failed | Worth::Over => &mut self.closed,
            Worth::Unanswered | Worth::Answered if never_opened => &mut self.embryonic,
            Worth::Unanswered | Worth::Answered => &mut self.unproven,
            Worth::OneWay | Worth::Opened | Worth::Exchanged => &mut self.idle,
        };
        *count += 1;
    }

    /// All of them.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.closed + self.embryonic + self.unproven + self.idle + self.superseded
    }
}
