//! Sequence space of an endpoint: which octets it sent, which are acknowledged, and which are missing.

use crate::segment::Segment;
use crate::seq::Seq;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::end::space::Placement;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{FAR, LARGEST_SCALE, UNSCALED_WINDOW};

owns!(
    AnsweredSyn,
    Fin,
    FinDelivered,
    FinGuessed,
    Iss,
    IssGuessed,
    OfferedScale,
    OpenedActively,
    ScaleUnknown,
    Space
);

impl Endpoint {
    /// Reads what a SYN or SYN,ACK says about its sender.
    pub(in crate::tcp) fn learn_syn(&mut self, segment: &Segment, again: bool) {
        self.learn_iss(segment.seq);
        let first = segment.seq.plus(1 + segment.payload);
        // With Fast Open, data and a FIN may have overtaken it.
        let is_overtaken = self.marks().has_space() && self.next.within(first, UNSCALED_WINDOW);
        self.next = if is_overtaken { self.next } else { first };
        self.set_mark(mark::Space, true, ME);
        self.acked = segment.seq;
        self.mss = segment.options.mss.unwrap_or(0);
        self.set_mark(mark::ScaleUnknown, segment.options.malformed, ME);
        self.set_mark(mark::OfferedScale, segment.options.window_scale.is_some(), ME);
        self.scale = segment.options.window_scale.unwrap_or(0).min(LARGEST_SCALE);
        self.window = u32::from(segment.window);
        self.note_request(segment.time_ns, again);
    }

    /// Sets its initial sequence number, which is known.
    pub(in crate::tcp) const fn learn_iss(&mut self, iss: Seq) {
        self.iss = iss;
        self.set_mark(mark::Iss, true, ME);
    }

    /// Notes that it has sent a SYN without ACK.
    pub(in crate::tcp) const fn note_active_open(&mut self) {
        self.note_mark(mark::OpenedActively, ME);
    }

    /// Notes that it has sent a SYN with ACK.
    pub(in crate::tcp) const fn note_answer_to_syn(&mut self) {
        self.note_mark(mark::AnsweredSyn, ME);
    }

    /// Concludes its initial sequence number from an acknowledgement.
    pub(in crate::tcp) const fn guess_iss(&mut self, iss: Seq) {
        self.learn_iss(iss);
        self.set_mark(mark::IssGuessed, true, ME);
    }

    /// Whether nothing of it was captured before its last `frames` segments, and its numbers are concluded from an
    /// acknowledgement.
    #[must_use]
    pub const fn is_guessed_before(&self, frames: u32) -> bool {
        self.frames <= frames && self.marks().iss_is_guessed()
    }

    /// Forgets what was concluded from that. The log still has a state for an end that `is_moved`; that state stays.
    pub(in crate::tcp) const fn forget_guesses(&mut self, is_moved: bool) {
        self.set_mark(mark::Iss, false, ME);
        self.set_mark(mark::IssGuessed, false, ME);
        self.set_mark(mark::AnsweredSyn, false, ME);
        self.set_mark(mark::Space, false, ME);
        self.set_asked(0);
        self.set_answered(0);
        if !is_moved {
            self.begin_in(State::Unknown);
        }
    }

    /// Whether `ack`, which is near the acknowledged number, does not even acknowledge its SYN. Later on the numbers wrap.
    #[must_use]
    #[inline]
    pub const fn lies_before_first(&self, ack: Seq) -> bool {
        let acked = self.acked.since(self.iss).cast_unsigned();
        acked < FAR && !ack.after(self.iss)
    }

    /// Sets the number of its FIN, which is known.
    pub(in crate::tcp) const fn learn_fin(&mut self, fin: Seq) {
        self.fin = fin;
        self.set_mark(mark::Fin, true, ME);
    }

    /// Concludes the number of its FIN from an acknowledgement, which shows that it arrived as well.
    pub(in crate::tcp) const fn guess_fin(&mut self, fin: Seq) {
        self.learn_fin(fin);
        self.set_mark(mark::FinGuessed, true, ME);
        self.set_mark(mark::FinDelivered, true, ME);
    }

    /// Notes that the FIN which was concluded in this way is captured after all.
    pub(in crate::tcp) const fn find_guessed_fin(&mut self) {
        self.set_mark(mark::FinGuessed, false, ME);
    }

    /// Notes that there was no such FIN: the octet acknowledged was data.
    pub(in crate::tcp) const fn take_guessed_fin_for_data(&mut self) {
        self.forget_fin();
        self.set_mark(mark::FinGuessed, false, ME);
    }

    /// Treats the number `seq`, the last that seemed to be sent, as not sent.
    pub(in crate::tcp) fn take_back(&mut self, seq: Seq) {
        let after = seq.plus(1);
        if self.next == after {
            self.fill(seq, after);
            self.next = seq;
        }
        if self.acked == after {
            self.acked = seq;
        }
    }

    /// Presumes that its FIN has arrived at the other end.
    pub(in crate::tcp) const fn deliver_fin(&mut self) {
        self.note_mark(mark::FinDelivered, ME);
    }

    /// Treats a FIN in its name as somebody else's.
    pub(in crate::tcp) const fn forget_fin(&mut self) {
        self.set_mark(mark::Fin, false, ME);
        self.set_mark(mark::FinDelivered, false, ME);
    }

    /// Notes that it sent everything before `next`, with nothing missing.
    #[inline]
    pub(in crate::tcp) const fn advance_next(&mut self, next: Seq) {
        self.next = next;
    }

    /// Notes that everything before `acked` is acknowledged, unless more is.
    pub(in crate::tcp) const fn advance_acked(&mut self, acked: Seq) {
        self.acked = self.acked.later(acked);
    }

    /// Notes that everything before `acked` is acknowledged, and no more.
    #[inline]
    pub(in crate::tcp) const fn restore_acked(&mut self, acked: Seq) {
        self.acked = acked;
    }

    /// The end of what was captured without a gap.
    #[must_use]
    pub fn contiguous(&self) -> Seq {
        self.rare.as_ref().and_then(|rare| rare.missing.holes().first_open()).unwrap_or(self.next)
    }

    /// Octets that the capture lacks and that nobody acknowledged, though later ones were captured.
    #[must_use]
    pub fn octets_open(&self) -> u64 {
        self.rare().map_or(0, |rare| rare.missing.holes().octets_open())
    }

    /// Whether its last octet before `seq` was never captured, acknowledged or not.
    #[must_use]
    pub fn is_missing_before(&self, seq: Seq) -> bool {
        let began_unseen = self.marks().iss_is_guessed() && !self.marks().sent_new_data();
        began_unseen
            || seq.after(self.contiguous())
            || self.rare.as_ref().is_some_and(|rare| rare.missing.holes().has_end_at(seq))
    }

    /// Whether the octet at `seq`, before the next number, was never captured.
    #[must_use]
    pub fn lacks(&self, seq: Seq) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.missing.holes().has(seq))
    }

    /// Octets that were acknowledged and never captured.
    #[must_use]
    pub fn unseen_bytes(&self) -> u64 {
        self.rare().map_or(0, |rare| rare.missing.unseen_bytes())
    }

    /// Whether so much was missing at one time that some of it is forgotten.
    #[must_use]
    pub fn has_forgotten_holes(&self) -> bool {
        self.rare().is_some_and(|rare| rare.missing.holes().has_forgotten())
    }

    /// One past its FIN.
    #[must_use]
    pub const fn after_fin(&self) -> Seq {
        self.fin.plus(1)
    }

    /// Whether its FIN was captured with no octet missing before it.
    #[must_use]
    pub fn fin_is_deliverable(&self) -> bool {
        self.marks().has_fin() && self.contiguous().covers(self.fin)
    }

    /// Whether it has sent data beyond `ack`: a FIN is not data.
    #[must_use]
    pub const fn has_data_beyond(&self, ack: Seq) -> bool {
        let end =
            if self.marks().has_fin() && self.next.covers(self.after_fin()) { self.fin } else { self.next };
        self.marks().has_space() && end.after(ack)
    }

    /// Whether its FIN was captured, and `ack` acknowledges it.
    #[must_use]
    pub const fn fin_is_covered_by(&self, ack: Seq) -> bool {
        self.marks().has_fin() && ack.covers(self.after_fin())
    }

    /// Whether its FIN was captured and acknowledged.
    #[must_use]
    pub const fn fin_is_acked(&self) -> bool {
        self.fin_is_covered_by(self.acked)
    }

    /// Payload octets captured or acknowledged, and not yet acknowledged: netstat's Send-Q.
    #[must_use]
    pub const fn unacknowledged(&self) -> u32 {
        if !self.marks().has_space() || !self.acked.before(self.next) {
            return 0;
        }
        let octets = self.next.since(self.acked).unsigned_abs();
        let fin = self.marks().has_fin() && !self.fin_is_acked();
        let syn = self.marks().has_iss() && self.acked.0 == self.iss.0;
        octets.saturating_sub(fin as u32 + syn as u32)
    }

    /// Payload octets that were captured and acknowledged.
    #[must_use]
    pub fn octets_acknowledged(&self) -> u64 {
        self.bytes().saturating_sub(self.retransmitted_bytes() + u64::from(self.unacknowledged()))
    }

    /// Begins the sequence space at `seq`.
    pub(in crate::tcp) const fn begin_space(&mut self, seq: Seq) {
        if !self.marks().has_space() {
            self.set_mark(mark::Space, true, ME);
            self.next = seq;
            self.acked = seq;
        }
    }

    /// Places a segment that is neither SYN nor RST. A FIN ahead of a hole takes up no room until it is accepted.
    pub(in crate::tcp) fn place(&mut self, segment: &Segment) -> Placement {
        self.begin_space(segment.seq);
        let fin = segment.flags.fin() && !segment.seq.after(self.contiguous());
        let length = segment.payload + u32::from(fin);
        if length == 0 {
            if segment.seq.after(self.next) {
                // Octets before it were not captured, or not yet.
                self.open_hole(segment);
                self.next = segment.seq;
                return Placement::Ahead;
            }
            return Placement::Empty;
        }
        let (start, end) = (segment.seq, segment.seq.plus(length));
        if start == self.next {
            self.next = end;
            return Placement::Next;
        }
        if start.after(self.next) {
            self.open_hole(segment);
            self.next = end;
            return Placement::Ahead;
        }
        let filled = self.fill(start, end);
        let beyond = end.after(self.next);
        self.next = self.next.later(end);
        match filled {
            Some(true) => Placement::FillsAcknowledged,
            Some(false) => Placement::Fills,
            None if beyond => Placement::Next,
            None => Placement::Again,
        }
    }

    /// Opens a hole before a segment that lies beyond what comes next.
    fn open_hole(&mut self, segment: &Segment) {
        let next = self.next;
        let missing = &mut self.rare_mut().missing;
        missing.begin(segment.time_ns);
        missing.open(next, segment.seq);
    }

    /// Notes that the octets missing before `seq` were sent before the capture began.
    pub(in crate::tcp) fn precede_the_capture(&mut self, seq: Seq) {
        self.rare_mut().missing.precede_the_capture(seq);
    }

    /// When octets of it began to be missing, in Unix ns: those that are missing now, or were last; 0 where none were.
    #[must_use]
    pub fn missing_since_ns(&self) -> i64 {
        self.rare().map_or(0, |rare| rare.missing.since_ns())
    }

    /// Treats octets missing between `start` and `end` as captured, if there are any; returns whether they had been
    /// acknowledged.
    fn fill(&mut self, start: Seq, end: Seq) -> Option<bool> {
        self.rare.as_mut()?.missing.fill(start, end)
    }

    /// Treats octets before `seq` that the capture leaves out as arrived.
    pub(in crate::tcp) fn leave_out(&mut self, seq: Seq) {
        if seq.after(self.next) {
            let next = self.next;
            self.rare_mut().missing.open(next, seq);
            self.next = seq;
        }
        self.rare_mut().missing.acknowledge(seq);
    }

    /// Makes room for a FIN that was captured ahead of a hole.
    pub(in crate::tcp) fn accept_fin(&mut self, fin: Seq) {
        if fin.after(self.next) {
            let next = self.next;
            self.rare_mut().missing.open(next, fin);
        }
        self.fill(fin, fin.plus(1));
        self.next = self.next.later(fin.plus(1));
    }

    /// Whether everything captured of it may be probes, without its opening: bare acknowledgements of nothing new. A probe
    /// bears the number before the next one (RFC 9293, 3.8.4).
    #[must_use]
    pub fn may_only_have_probed(&self) -> bool {
        let is_placed = self.marks().has_space() && self.frames > 0;
        let has_said_more = self.marks().has_iss() || self.marks().has_fin() || self.marks().ack_advanced();
        is_placed && !has_said_more && self.bytes() == 0
    }

    /// Notes that the other end acknowledges everything before `ack`. Returns how many octets that shows to be missing.
    pub(in crate::tcp) fn acknowledge(&mut self, ack: Seq) -> u32 {
        if !self.marks().has_space() {
            self.begin_space(ack);
            return 0;
        }
        let mut missing = 0;
        if let Some(rare) = &mut self.rare {
            missing = rare.missing.acknowledge(ack);
        }
        if ack.after(self.next) {
            let next = self.next;
            missing += self.rare_mut().missing.open_acknowledged(next, ack);
            self.next = ack;
        }
        self.acked = self.acked.later(ack);
        missing
    }

    /// Notes the receive window that the segment advertises.
    pub(in crate::tcp) fn note_window(&mut self, segment: &Segment) {
        self.window = self.window_in(segment);
    }

    /// The receive window that one of its segments advertises, in bytes.
    pub(in crate::tcp) fn window_in(&self, segment: &Segment) -> u32 {
        let shift = if self.marks().is_scaled() { u32::from(self.scale) } else { 0 };
        u32::from(segment.window) << shift
    }

    /// The receive window as it stands in its last header: what it is for whoever knows of no scale. `None` if it is not scaled,
    /// as that of a SYN never is (RFC 7323, 2.2): more than that it has told once it has acknowledged what followed.
    pub(in crate::tcp) fn unscaled_window(&self) -> Option<u16> {
        let is_other = self.marks().is_scaled() && self.scale > 0 && self.marks().ack_advanced();
        u16::try_from(self.window >> self.scale).ok().filter(|_| is_other)
    }

    /// The widest receive window that it can advertise, in bytes.
    #[must_use]
    pub const fn widest_window(&self) -> u32 {
        (u16::MAX as u32) << if self.marks().is_scaled() { self.scale } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segment::Flags;
    use crate::testing;

    /// An end that began at 99 and sent forty octets: `acked` of its numbers are acknowledged.
    fn with_queue(acked: u32) -> Endpoint {
        let mut end = Endpoint::default();
        end.learn_iss(Seq(99));
        end.begin_space(Seq(99));
        end.advance_next(Seq(140));
        end.restore_acked(Seq(acked));
        end
    }

    #[test]
    fn send_q_counts_octets_and_neither_syn_nor_fin() {
        assert_eq!(with_queue(99).unacknowledged(), 40);
        assert_eq!(with_queue(100).unacknowledged(), 40);
        assert_eq!(with_queue(101).unacknowledged(), 39);
        assert_eq!(with_queue(140).unacknowledged(), 0);
        for (acked, octets) in [(99, 40), (100, 40), (139, 1), (140, 0), (141, 0)] {
            let mut end = with_queue(acked);
            end.learn_fin(Seq(140));
            end.advance_next(Seq(141));
            assert_eq!(end.unacknowledged(), octets, "{acked}");
        }
    }

    #[test]
    fn a_fin_ahead_of_a_hole_takes_up_room_once_it_is_accepted() {
        let mut end = with_queue(140);
        let fin = Segment { seq: Seq(160), flags: Flags(Flags::FIN | Flags::ACK), ..testing::segment() };
        assert_eq!(end.place(&fin), Placement::Ahead);
        assert_eq!((end.next(), end.contiguous()), (Seq(160), Seq(140)));
        end.accept_fin(Seq(160));
        assert_eq!((end.next(), end.contiguous()), (Seq(161), Seq(140)));
    }
}
