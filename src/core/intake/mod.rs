//! The only way of a frame to the table: gate, decoder, look-ahead, table.
//!
//! * [`gate`] says which frames are wanted, counts them and has them recorded.
//! * [`crew`] has several lines read the same files at one time, each for a table of its own.
//! * frames that are to be recorded with comments are held until those are known.
//! * [`line`] takes frames in, from wherever they come, and hands what they hold to a [`Table`], a few at a time.
//!
//! Python, the join of several captures and the fuzz targets all go this way.

pub mod crew;
pub mod gate;
mod held;
pub mod line;

use crate::flows::ahead::Seen;
use crate::flows::notes::Note;
use crate::flows::table::Flows;

/// The consumer of decoded frames.
pub trait Table {
    /// Takes in decoded frames, in their order.
    fn observe_all(&mut self, seen: &[Seen]);

    /// Returns the comments on frames since the last call; none if no comments are kept.
    fn take_notes(&mut self) -> Vec<Note> {
        Vec::new()
    }
}

impl Table for Flows {
    fn observe_all(&mut self, seen: &[Seen]) {
        Self::observe_all(self, seen);
    }

    fn take_notes(&mut self) -> Vec<Note> {
        self.events.notes.as_mut().map(std::mem::take).unwrap_or_default()
    }
}
