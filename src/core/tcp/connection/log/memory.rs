//! The memory of the log: asked for ahead of time, and counted.

use super::{Log, Packed};
use crate::memory::ask_for;

impl Log {
    /// Asks for the memory of the first entries, and does not wait for it.
    pub fn ask_for_first(&self) {
        self.first.iter().step_by(Self::A_LINE).for_each(ask_for);
    }

    /// The same of the first of them where that `is_wanted`, and else of the last, without a branch: where that lies data are
    /// asked about as well.
    #[inline]
    pub fn ask_for_first_if(&self, is_wanted: bool) {
        ask_for(&self.first[usize::from(!is_wanted) * Self::A_LINE]);
    }

    /// The same for those behind.
    pub fn ask_for_heap(&self) {
        self.more.iter().step_by(Self::A_LINE).for_each(ask_for);
    }

    /// Bytes of heap in use.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        Self::bytes_of_room(self.steps)
    }

    /// Its room on the heap, in one byte.
    #[inline]
    pub(in crate::tcp::connection) const fn room(&self) -> u8 {
        self.steps
    }

    /// How much such room takes up, in bytes.
    pub(in crate::tcp::connection) fn bytes_of_room(room: u8) -> usize {
        let steps = usize::from(room & !Self::SQUEEZED);
        let entries = if room & Self::SQUEEZED != 0 { steps } else { steps * Self::STEP };
        entries * Packed::BYTES
    }
}
