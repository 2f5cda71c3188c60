//! Segments out of the ordinary, counted by kind.

use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::marks::{mark, owns};

owns!(SynAsksEcn, SynAsksFastOpen, SynAsksMultipath, SynAsksToJoin, SynAsksToCount, AckBoreLaterStamp);

/// Counts one more, and tells how many there are.
const fn one_more(count: &mut u32) -> u64 {
    *count = count.saturating_add(1);
    *count as u64
}

impl Endpoint {
    /// Counts a segment that filled a hole.
    pub(in crate::tcp) fn count_out_of_order(&mut self) {
        self.rare_mut().odd.out_of_order += 1;
    }

    /// Counts a segment that others overtook on the way, and returns how many there are.
    pub(in crate::tcp) fn count_overtaken(&mut self) -> u64 {
        one_more(&mut self.rare_mut().odd.overtaken)
    }

    /// Counts a frame that the capture holds twice.
    pub(in crate::tcp) fn count_duplicate(&mut self) {
        self.rare_mut().odd.duplicate += 1;
    }

    /// Counts a segment without a time stamp where both ends had agreed to send some, and tells how many there are.
    pub(in crate::tcp) fn count_unstamped(&mut self) -> u64 {
        one_more(&mut self.rare_mut().odd.unstamped)
    }

    /// Counts a report of octets that it got twice, and returns how many there are.
    pub(in crate::tcp) fn count_got_twice(&mut self) -> u64 {
        one_more(&mut self.rare_mut().odd.got_twice)
    }

    /// Counts a segment that echoes a mark of congestion, and returns how many there are.
    pub(in crate::tcp) fn count_echoed_mark(&mut self) -> u64 {
        one_more(&mut self.rare_mut().odd.echoed_marks)
    }

    /// Counts a segment with a wrong checksum, and returns how many there are.
    pub(in crate::tcp) fn count_wrong_sum(&mut self) -> u64 {
        one_more(&mut self.rare_mut().odd.wrong_sums)
    }

    /// Counts a segment that was rejected for an old time stamp, and returns how many there are.
    pub(in crate::tcp) fn count_old_stamp(&mut self) -> u64 {
        one_more(&mut self.rare_mut().odd.old_stamps)
    }

    /// Counts a FIN without ACK that would come next, and returns how many there are.
    pub(in crate::tcp) fn count_lone_fin(&mut self) -> u64 {
        one_more(&mut self.rare_mut().odd.lone_fins)
    }

    /// Keeps which options that some networks drop its first SYN asked for: ECN, Fast Open, Multipath TCP.
    pub(in crate::tcp) const fn keep_first_asks(&mut self, [ecn, fast_open, multipath]: [bool; 3]) {
        self.set_mark(mark::SynAsksEcn, ecn, ME);
        self.set_mark(mark::SynAsksFastOpen, fast_open, ME);
        self.set_mark(mark::SynAsksMultipath, multipath, ME);
    }

    /// Keeps whether its first SYN asked to join a connection of Multipath TCP.
    pub(in crate::tcp) const fn keep_whether_it_joins(&mut self, joins: bool) {
        self.set_mark(mark::SynAsksToJoin, joins, ME);
    }

    /// Keeps whether its first SYN asked for accurate ECN.
    pub(in crate::tcp) const fn keep_whether_it_counts(&mut self, counts: bool) {
        self.set_mark(mark::SynAsksToCount, counts, ME);
    }

    /// Marks that its acknowledgement of the other's SYN bore a later time stamp than its SYN.
    pub(in crate::tcp) const fn mark_later_stamp_of_ack(&mut self) {
        self.note_mark(mark::AckBoreLaterStamp, ME);
    }

    /// Whether its first SYN asked for each of these.
    #[must_use]
    pub const fn first_asks(&self) -> [bool; 3] {
        [self.marks().syn_asks_ecn(), self.marks().syn_asks_fast_open(), self.marks().syn_asks_multipath()]
    }

    /// Counts a copy of its SYN, which `asks` for one of four options that some networks drop, as its first SYN did or did
    /// not; returns how many SYNs asked for it, the first one included.
    pub(in crate::tcp) fn count_asking_syn(&mut self, kind: usize, first_did: bool, asks: bool) -> u64 {
        let Some(count) = self.rare_mut().odd.asking_syns.get_mut(kind) else { return 0 };
        *count = (*count).max(u8::from(first_did)).saturating_add(u8::from(asks));
        u64::from(*count)
    }

    /// Segments that filled a hole.
    #[must_use]
    pub fn out_of_order_frames(&self) -> u64 {
        self.rare().map_or(0, |rare| rare.odd.out_of_order)
    }

    /// Frames that the capture holds twice.
    #[must_use]
    pub fn duplicate_frames(&self) -> u64 {
        self.rare().map_or(0, |rare| rare.odd.duplicate)
    }
}
