//! A frame's one way to the table: gate, decoder, look-ahead, table.
//!
//! * [`gate`] says which frames are wanted, counts them and has them recorded.
//! * [`line`] takes frames in, from wherever they come, and hands what they hold to a [`Table`], a few at a time.
//!
//! Python, the join of several captures and the fuzz targets all go this way.

pub mod gate;
pub mod line;

use crate::flows::ahead::Seen;
use crate::flows::table::Flows;

/// What frames are taken in for.
pub trait Table {
    /// Takes in what some frames hold, in their order.
    fn observe_all(&mut self, seen: &[Seen]);
}

impl Table for Flows {
    fn observe_all(&mut self, seen: &[Seen]) {
        Self::observe_all(self, seen);
    }
}
