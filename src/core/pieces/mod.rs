//! A capture in pieces, each read by another process: the result equals that of one process reading the whole.
//!
//! ```text
//! survey  first each process reads its piece for facts that other pieces need: its 4-tuples, its listeners
//! plan    made from all surveys: the 4-tuples that cross from one piece to another, and facts that only all pieces show
//! piece   then each process tracks the connections that lie wholly in its piece, and passes on what crosses
//! rest    what crosses is tracked in the order of time, by 4-tuple
//! whole   one table of all connections
//! kept    a frame that is passed on unchanged; wire: the encoding of all of this
//! ```
//!
//! A connection depends on the frames of its own 4-tuple, on the latest time in the capture, and on few other facts,
//! which the surveys collect. If more is needed, the plan refuses: a full table, for one, evicts connections, and
//! which ones depends on the whole capture.

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
    /// There is no room for all connections, and which ones a table would evict depends on the whole capture.
    Crowded,
    /// A worker's bytes arrived damaged.
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
