//! Time stamps (RFC 7323): the latest of each end, which later ones are compared with.

use super::Connection;
use crate::segment::Segment;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::machine::side::Side;

owns!(Stamps);

impl Connection {
    /// The latest time stamp of `side`, TSval; 0 where none was kept.
    #[inline]
    pub(in crate::tcp) const fn latest_stamp(&self, side: Side) -> u32 {
        self.stamps[side as usize]
    }

    /// Makes `value` the latest time stamp of `side`, though later ones were kept: its clock has been set.
    pub(in crate::tcp) const fn reset_stamp(&mut self, side: Side, value: u32) {
        self.stamps[side as usize] = value;
    }

    /// Keeps the time stamp of a segment of `side`, if none later was kept. The receiver does not keep that of a segment
    /// before which octets are missing (RFC 7323, 4.3), nor of one that ends before what it has acknowledged.
    #[inline]
    pub(in crate::tcp) fn keep_stamp(&mut self, side: Side, segment: &Segment) {
        let Some((value, _)) = segment.options.timestamps else { return };
        let end = segment.seq.plus(segment.payload + u32::from(segment.flags.syn() | segment.flags.fin()));
        let sender = &self.ends[side];
        if segment.flags.rst() || segment.seq.after(sender.contiguous()) || end.before(sender.acked()) {
            return;
        }
        self.keep_next_stamp(side, value);
    }

    /// The same for a segment that comes next, with nothing missing before it.
    #[inline]
    pub(in crate::tcp) fn keep_next_stamp(&mut self, side: Side, value: u32) {
        let sender = &mut self.ends[side];
        let recent = &mut self.stamps[side];
        if !sender.marks().stamps() || value.wrapping_sub(*recent).cast_signed() > 0 {
            *recent = value;
        }
        sender.note_mark(mark::Stamps, ME);
    }
}
