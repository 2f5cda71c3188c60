//! The memory of a connection: asked for ahead of time, and counted.

use super::{Connection, Pause, Stray};
use crate::memory::ask_for;
use crate::tcp::connection::log::{Log, Room};
use crate::tcp::end::endpoint::Endpoint;

/// All that a connection keeps beside itself, in one word: one look tells whether that has changed. A bit for what is rare of
/// each end, one for a stray, one for a pause; above those, the room of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptBeside(u32);

impl KeptBeside {
    const ROOM: u32 = 4;

    /// How much that is, in bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        let sizes = [Endpoint::RARE_BYTES, Endpoint::RARE_BYTES, size_of::<Stray>(), size_of::<Pause>()];
        let are_there = sizes.into_iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1);
        Log::bytes_of_room((self.0 >> Self::ROOM) as u8) + are_there.map(|(_, bytes)| bytes).sum::<usize>()
    }
}

impl Connection {
    /// Asks for the memory that segments need which only carry on, and does not wait for it. They may begin a turn.
    #[inline]
    pub fn ask_for(&self) {
        ask_for(self);
        self.ends.iter().for_each(Endpoint::ask_for);
        ask_for(&self.log);
        ask_for(&self.longest_turns);
    }

    /// Asks for the memory of the rest of it, and does not wait for it.
    #[inline]
    pub fn ask_for_rest(&self) {
        self.log.ask_for_first();
    }

    /// Asks for the memory of what is kept beside the connection, and does not wait for it.
    pub fn ask_for_heap(&self) {
        self.log.ask_for_heap();
        self.ends.iter().for_each(Endpoint::ask_for_heap);
        self.ask_for_pause();
    }

    /// The same for what is kept of the last pause: after a silence, segments that only carry on need it as well.
    #[inline]
    pub fn ask_for_pause(&self) {
        if let Some(pause) = &self.pause {
            ask_for(&pause.woke_ns);
        }
    }

    /// Gives up everything kept beside the connection; another log gets the room of its log. Nobody asks for the rest of it any
    /// more.
    pub fn leave_room(&mut self) -> Option<Room> {
        self.stray = None;
        self.pause = None;
        self.ends.iter_mut().for_each(Endpoint::forget_rare);
        self.log.leave_room()
    }

    /// Bytes of heap in use beside the connection itself.
    #[must_use]
    #[inline]
    pub fn heap_bytes(&self) -> usize {
        let [low, high] = &self.ends;
        let has_nothing_else =
            low.has_no_rare() & high.has_no_rare() & self.stray.is_none() & self.pause.is_none();
        self.log.heap_bytes() + if has_nothing_else { 0 } else { self.heap_bytes_beside_log() }
    }

    /// All that is kept beside it, but for segments that are set aside: to count them, memory has to be waited for, and segments of
    /// which little need be asked set none aside.
    #[must_use]
    #[inline]
    pub fn kept_beside(&self) -> KeptBeside {
        let [low, high] = &self.ends;
        let are_there = u32::from(!low.has_no_rare())
            | u32::from(!high.has_no_rare()) << 1
            | u32::from(self.stray.is_some()) << 2
            | u32::from(self.pause.is_some()) << 3;
        KeptBeside(are_there | u32::from(self.log.room()) << KeptBeside::ROOM)
    }

    #[inline(never)]
    fn heap_bytes_beside_log(&self) -> usize {
        self.ends[0].heap_bytes()
            + self.ends[1].heap_bytes()
            + self.stray.as_ref().map_or(0, |_| size_of::<Stray>())
            + self.pause.as_ref().map_or(0, |_| size_of::<Pause>())
    }
}
