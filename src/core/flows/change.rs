//! Reading a segment whose connection is found, and all else that changes a connection.

use super::ladder::{Line, Traced};
use super::slab::{Place, ReadShortly, Slot};
use super::table::Flows;
use super::worth;
use crate::segment::Segment;
use crate::tcp::profile::Profile;
use crate::tcp::reading::Reading;
use crate::tcp::side::Side;

impl Flows {
    pub(super) fn read(&mut self, place: Place, from: Side, segment: &Segment) {
        if !self.read_shortly(place, from, segment) {
            self.read_watched(place, from, segment);
        }
    }

    /// Reads a segment of which little need be asked. Otherwise nothing has happened, and the answer is false.
    #[inline]
    fn read_shortly(&mut self, place: Place, from: Side, segment: &Segment) -> bool {
        if self.is_watched {
            return false;
        }
        let Some(slot) = self.slab.get_mut(place) else { return false };
        let Some(outcome) = slot.read_shortly(from, segment, &self.profile) else { return false };
        self.keep_outcome(outcome, from, segment);
        true
    }

    /// Looks whether somebody asks for changes, or connections are put into queues or squeezed: then more has to be done for
    /// a segment than reading it. The same holds where each segment is written down.
    #[inline]
    pub(super) fn look_who_watches(&mut self) {
        self.is_watched = self.events.are_wanted() || self.queues.is_active() || self.squeezes();
        self.is_written_down = self.zeek.is_some() || self.ladder.traced != Traced::Nobody;
    }

    /// Keeps what came of a segment that was read shortly.
    #[inline]
    pub(super) fn keep_outcome(&mut self, read: ReadShortly, from: Side, segment: &Segment) {
        if read.heap_before != read.heap_after {
            let (before, after) = (read.heap_before.bytes(), read.heap_after.bytes());
            self.heap_bytes = (self.heap_bytes + after).saturating_sub(before);
        }
        self.keep_track(read.id, from, segment, Reading::Plain);
    }

    #[inline(never)]
    pub(super) fn read_watched(&mut self, place: Place, from: Side, segment: &Segment) {
        let squeezes = self.squeezes();
        let read = |slot: &mut Slot, profile: &Profile| {
            let lacked = slot.connection.lacks_frames();
            let reading = slot.connection.observe(from, segment, profile);
            let room = if squeezes { slot.connection.squeeze_log() } else { None };
            (slot.id, reading, !lacked && slot.connection.lacks_frames(), room)
        };
        let Some((id, reading, lacks, room)) = self.change(place, read) else { return };
        if room.is_some() {
            self.slab.keep_room(room);
        }
        self.loss.lacking += u64::from(lacks);
        self.traffic.count_copy(reading);
        self.keep_track(id, from, segment, reading);
    }

    /// Whether so many connections are held that those which are over keep their histories in as few bytes as these take.
    pub(super) const fn squeezes(&self) -> bool {
        self.slab.len() * self.share.tables() >= self.limits.squeezed_from
    }

    /// Squeezes the histories of all connections that are over, once there are so many that others are squeezed as they end.
    #[inline]
    pub(super) fn squeeze_those_over(&mut self) {
        if self.squeezes() && !self.has_squeezed {
            self.has_squeezed = true;
            self.squeeze_all();
        }
    }

    #[cold]
    fn squeeze_all(&mut self) {
        for place in 0..self.slab.places() {
            self.slab.ask_for_next(place);
            let Some(slot) = self.slab.get_mut(place) else { continue };
            let heap_before = slot.connection.heap_bytes();
            let room = slot.connection.squeeze_log();
            let heap_after = slot.connection.heap_bytes();
            self.heap_bytes = (self.heap_bytes + heap_after).saturating_sub(heap_before);
            self.slab.keep_room(room);
        }
    }

    /// Changes a connection in a way that may add to its log or take up heap: that is counted, and reported to a caller that
    /// watches.
    #[inline]
    pub(super) fn change<T>(
        &mut self,
        place: Place,
        change: impl FnOnce(&mut Slot, &Profile) -> T,
    ) -> Option<T> {
        let slot = self.slab.get_mut(place)?;
        let heap_before = slot.connection.heap_bytes();
        let log_before = self.events.before(slot.connection.log());
        let result = change(slot, &self.profile);
        self.events.compare(place, log_before, slot);
        if self.queues.is_active() && worth::is_over(&slot.connection) {
            self.queues.put_forward(place, &slot.connection);
        }
        let heap_after = slot.connection.heap_bytes();
        self.heap_bytes = (self.heap_bytes + heap_after).saturating_sub(heap_before);
        Some(result)
    }

    #[inline]
    pub(super) fn keep_track(&mut self, id: u64, from: Side, segment: &Segment, reading: Reading) {
        self.last_read = Some((id, from, reading));
        if self.is_written_down {
            self.write_down(id, from, segment, reading);
        }
    }

    /// Writes a segment down for Zeek's log, or for those who trace its connection.
    #[inline(never)]
    fn write_down(&mut self, id: u64, from: Side, segment: &Segment, reading: Reading) {
        if let Some(notes) = &mut self.zeek {
            notes.observe(id, from, segment, reading);
        }
        if self.ladder.is_wanted(id) {
            self.ladder.keep(id, Line::of(segment, from, reading));
        }
    }
}
