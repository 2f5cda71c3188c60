//! A capture in pieces, each read by another process: the result equals that of one process reading the whole.
//!
//! ```text
//! survey  first everybody reads a piece for what has to be known of it elsewhere: which 4-tuples there are, who listens
//! plan    of all surveys: which 4-tuples cross from one piece to another, and what only all pieces together can tell
//! piece   then the others are tracked, each where all of its frames are; what crosses is handed on
//! rest    what crosses is tracked in the order of time, by 4-tuple
//! whole   the table of all
//! kept    a frame that is handed on as it is; wire: how all of this is put in bytes
//! ```
//!
//! A connection depends on the frames of its own 4-tuple, the capture's last instant, and little else: that little is what
//! surveys are for. Where more would be needed, as a table that fills up lets go of what came first, a plan refuses.

pub mod kept;
pub mod piece;
pub mod plan;
pub mod rest;
pub mod survey;
#[cfg(test)]
mod tests;
pub mod whole;
pub mod wire;

use crate::flows::piece::Crowded;
use std::fmt;

/// Why a capture cannot be tracked in pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no room for all connections: which are evicted depends on the whole capture.
    Crowded,
    /// The bytes that arrived are not the bytes that were sent.
    Garbled,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crowded => "more than a table has room for",
            Self::Garbled => "what a worker sent cannot be read",
        })
    }
}

impl From<Crowded> for Refusal {
    fn from(_: Crowded) -> Self {
        Self::Crowded
    }
}
