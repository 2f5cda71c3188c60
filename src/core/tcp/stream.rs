//! The stream: what a segment without SYN and RST means to both ends.

use super::connection::{At, Connection, Reading};
use super::cue::Cue;
use super::entry::Side;
use super::fact::Fact;
use super::space::Placement;
use super::state::State;
use super::tick::Tick;
use crate::segment::Segment;

/// From this many times on, resent data count as unanswered.
const RESENT_OFTEN: u8 = 5;
/// A segment this close to the maximum segment size is a full one: options take up to 40 bytes.
const OPTIONS: u32 = 40;
/// Less than this is never called a full segment, whatever the maximum may be.
const SMALL: u32 = 500;

impl Connection {
    /// Reads a segment that has neither SYN nor RST.
    pub(super) fn stream(&mut self, from: Side, segment: &Segment, at: At) -> Reading {
        if !segment.flags.ack() {
            // Every segment after the SYN has the ACK bit (RFC 9293, 3.10.7.4); what has not is a probe of some scanner.
            return Reading::Stray;
        }
        let reset_under_way = self.speaks_after_reset(from, segment, at);
        self.answers_reset(from, segment, at);
        if !self.belongs_to_opening(from, segment, at) {
            return Reading::Stray;
        }
        if !segment.flags.fin() {
            self.ends[from].marks.set_carried_on(true);
        }
        let (reading, placement) = self.place(from, segment, at);
        self.enter_mid_stream(from, segment, at);
        self.handshake(from, segment, at);
        self.acknowledgement(from, segment, at);
        self.finish(from, segment, placement, at);
        if reset_under_way {
            self.cue(from, Cue::ReceivedRst, at);
        }
        self.window(from, segment, at);
        if reading != Reading::Retransmission {
            // Which copy would be acknowledged does not show (RFC 6298, 3: Karn's algorithm).
            self.begin_round_trip(from, segment, at);
        }
        reading
    }

    /// A host that knows no such attempt, or another one, answers a SYN with an acknowledgement of its own
    /// (RFC 9293, 3.10.7.4): that says nothing of this connection.
    fn belongs_to_opening(&mut self, from: Side, segment: &Segment, at: At) -> bool {
        let to = 1 - from;
        let (sender, receiver) = (&self.ends[from], &self.ends[to]);
        let opener_waits = receiver.marks.opened_actively()
            && !receiver.state.is_synchronized()
            && !sender.marks.has_iss()
            && !sender.marks.has_space();
        // With Fast Open data and a FIN may overtake the SYN,ACK.
        if opener_waits && receiver.asked_ns != 0 && !self.acknowledges_syn(to, segment.ack) {
            self.note(from, Fact::ChallengeAck, at);
            return false;
        }
        true
    }

    /// An acknowledgement of nothing new, in answer to a reset that must not be accepted: the challenge of RFC 5961.
    fn answers_reset(&mut self, from: Side, segment: &Segment, at: At) {
        if !self.ends[from].marks.challenged() {
            return;
        }
        self.ends[from].marks.set_challenged(false);
        let (sender, receiver) = (&self.ends[from], &self.ends[1 - from]);
        let says_nothing = segment.payload == 0 && !segment.flags.fin() && segment.seq == sender.next;
        if says_nothing && receiver.marks.has_space() && !segment.ack.after(receiver.acked) {
            self.note(from, Fact::ChallengeAck, at);
        }
    }

    pub(super) const fn sent_octets(&mut self, from: Side) {
        self.ends[from].marks.set_heard_last(false);
        self.ends[1 - from].marks.set_heard_last(true);
    }

    /// Counts new, resent and missing octets, and tells probes from data.
    fn place(&mut self, from: Side, segment: &Segment, at: At) -> (Reading, Placement) {
        if let Some(probe) = self.probe(from, segment, at) {
            return (probe, Placement::Empty);
        }
        self.size(from, segment, at);
        let is_placed = self.ends[from].marks.has_space();
        let is_head = is_placed && segment.seq == self.ends[from].acked;
        let placement = self.ends[from].place(segment);
        if segment.payload > 0 {
            self.sent_octets(from);
        }
        let sender = &self.ends[from];
        let fills_all = placement == Placement::Fills && sender.contiguous() == sender.next;
        if fills_all && !segment.flags.fin() {
            self.ends[from].marks.set_acked_fin_past_gap(false);
        }
        let old = placement == Placement::Again && !segment.seq.covers(self.ends[from].acked);
        self.ends[from].marks.set_said_old_things(old);
        if placement == Placement::Next && is_placed && segment.payload > 0 {
            self.new_data(from, at);
        }
        if placement == Placement::Again {
            self.resent(from, segment, is_head, at);
        }
        if !self.ends.iter().any(|end| end.marks.has_iss()) {
            let comes_next = is_placed && placement == Placement::Next;
            self.sends_old_or_new(from, segment, comes_next, at);
        }
        (self.reading(from, placement, at), placement)
    }

    fn reading(&mut self, from: Side, placement: Placement, at: At) -> Reading {
        match placement {
            Placement::Empty | Placement::Next => Reading::Plain,
            Placement::Ahead => Reading::AfterHole,
            Placement::Fills => {
                self.ends[from].rare().out_of_order_frames += 1;
                Reading::OutOfOrder
            }
            Placement::FillsAcknowledged => {
                self.note(from, Fact::ReorderedByTap, at);
                Reading::OutOfOrder
            }
            Placement::Again => Reading::Retransmission,
        }
    }

    /// Segments larger than the other end can take are cut by the adapter behind the tap (segmentation offload).
    fn size(&mut self, from: Side, segment: &Segment, at: At) {
        let most = u32::from(self.ends[1 - from].mss);
        if most > 0 && segment.payload > most {
            self.note(from, Fact::OversizedSegments, at);
        }
    }

    fn new_data(&mut self, from: Side, at: At) {
        let to = 1 - from;
        self.ends[from].marks.set_sent_new_data(true);
        if self.ends[from].marks.has_fin() && self.ends[from].next.after(self.ends[from].after_fin()) {
            self.beyond_fin(from, at);
        }
        self.ends[from].marks.set_asked_after_pause(self.woke_ns() == at.time_ns);
        if self.ends[to].fin_is_acked() {
            self.note(from, Fact::DataAfterPeerFin, at);
        } else if self.has(to, Fact::FinAfterIdle) && !self.has(from, Fact::DataAfterPeerFin) {
            self.crosses_fin(from, at);
        }
    }

    /// Where the opening was not captured: both ends send what they never sent before, so neither has closed, and neither
    /// was half-closed when the capture began. What merely comes next may be old: who has closed resends what was lost, and
    /// its FIN. But a bare acknowledgement bears the number that follows all that was sent.
    fn sends_old_or_new(&mut self, from: Side, segment: &Segment, comes_next: bool, at: At) {
        let sender = &mut self.ends[from];
        if segment.payload == 0 && !segment.flags.fin() && segment.seq == sender.next {
            sender.marks.set_told_next(true);
        }
        if !comes_next || !sender.marks.has_told_next() {
            return;
        }
        sender.marks.set_sent_first_copy(true);
        if self.ends[1 - from].marks.sent_first_copy() {
            self.cue(from, Cue::BothSend, at);
            self.cue(1 - from, Cue::BothSend, at);
        }
    }

    /// Data beyond a FIN: somebody else's, or a FIN taken for one.
    fn beyond_fin(&mut self, from: Side, at: At) {
        self.cue(1 - from, Cue::StillAcksBeforeFin, at);
        if self.cue(from, Cue::SpokeBeyondFin, at) {
            self.ends[from].marks.set_fin(false);
            self.ends[from].marks.set_fin_delivered(false);
        }
    }

    /// Data that set out before the other end's FIN, which ended a pause, had arrived.
    fn crosses_fin(&mut self, from: Side, at: At) {
        let closer = &self.ends[1 - from];
        if closer.marks.has_fin() && self.is_too_soon_for(from, closer.asked_ns, at) {
            self.note_figure(1 - from, Fact::CloseCrossedRequest, self.slept_ns().unsigned_abs(), at);
        }
    }

    /// A keepalive or a probe of a zero window: at most one octet, just before the next one, all before acknowledged
    /// (RFC 9293, 3.8.4 and 3.8.6.1).
    fn probe(&mut self, from: Side, segment: &Segment, at: At) -> Option<Reading> {
        let sender = &self.ends[from];
        if segment.payload > 1
            || segment.flags.fin()
            || !sender.marks.has_space()
            || segment.seq != sender.next.minus(1)
            || sender.acked != sender.next
            || !(sender.state.is_synchronized() || sender.state == State::Unknown)
            || sender.marks.has_fin()
        {
            return None;
        }
        let probes = {
            let rare = self.ends[from].rare();
            rare.probes = rare.probes.saturating_add(1);
            rare.probes
        };
        if self.ends[1 - from].window == 0 && self.has(1 - from, Fact::ZeroWindow) {
            self.note(from, Fact::WindowProbeSent, at);
            return Some(Reading::WindowProbe);
        }
        let silence = if self.woke_ns() == at.time_ns { self.slept_ns().unsigned_abs() } else { 0 };
        self.note_figure(from, Fact::KeepaliveSent, silence, at);
        if probes > 1 {
            self.note_figure(from, Fact::KeepaliveUnanswered, u64::from(probes), at);
        }
        Some(Reading::Keepalive)
    }

    /// All of the segment was captured before.
    fn resent(&mut self, from: Side, segment: &Segment, is_head: bool, at: At) {
        let full_size = SMALL.max(u32::from(self.ends[from].mss).saturating_sub(OPTIONS));
        let full = segment.payload >= full_size;
        let window_is_shut = self.ends[1 - from].window == 0 && self.has(1 - from, Fact::ZeroWindow);
        let sender = &mut self.ends[from];
        let rare = sender.rare();
        rare.retransmitted_frames += 1;
        rare.retransmitted_bytes += u64::from(segment.payload);
        if segment.payload == 0 {
            return;
        }
        if segment.payload == 1 && window_is_shut {
            // Some stacks probe with the next octet, again and again (RFC 9293, 3.8.6.1).
            self.note(from, Fact::WindowProbeSent, at);
            return;
        }
        rare.resent_small |= !full;
        let small_too = rare.resent_small;
        if is_head {
            rare.resent = rare.resent.saturating_add(1);
        }
        let times = rare.resent;
        // So little was acknowledged that no full segment can have been among it.
        let small_passed_only = sender.octets_acknowledged() < u64::from(full_size);
        self.note(from, Fact::DataResent, at);
        if times >= RESENT_OFTEN {
            self.note_figure(from, Fact::DataResentUnanswered, u64::from(times), at);
        }
        if times >= 3 && full && !small_too && small_passed_only {
            self.note(from, Fact::FullSizeResentOnly, at);
        }
    }

    /// A connection whose opening was not captured. One bare acknowledgement may be the last word of a closed one.
    fn enter_mid_stream(&mut self, from: Side, segment: &Segment, at: At) {
        if self.ends.iter().any(|end| end.marks.has_iss()) {
            let goes_on = self.ends[from].marks.opened_actively() && !segment.flags.rst();
            if goes_on && self.ends[from].frames == 1 {
                self.note(from, Fact::SynMissing, at);
            }
            return;
        }
        self.note(from, Fact::MidStream, at);
        let end = &self.ends[from];
        let talks = segment.payload > 0 || segment.flags.fin() || end.frames > 1;
        if talks && !end.marks.has_fin() {
            self.cue(from, Cue::SentMidStream, at);
        }
    }

    /// Reads the acknowledgement field.
    fn acknowledgement(&mut self, from: Side, segment: &Segment, at: At) {
        let to = 1 - from;
        self.answers_probe(to, segment);
        let before = self.ends[to].acked;
        let known = self.ends[to].marks.has_space();
        let silent = self.ends[to].frames == 0;
        // Octets that were never captured: but one more, and then its own end, is how a FIN looks.
        let one_more = known && segment.ack == self.ends[to].next.plus(1) && !self.ends[to].marks.has_fin();
        let missing = self.ends[to].acknowledge(segment.ack);
        if missing > 0 {
            self.note(from, Fact::FramesMissing, at);
            if self.holds_only_control() {
                self.note(from, Fact::OnlyControl, at);
            }
        }
        if known && self.ends[to].acked.after(before) {
            self.acknowledges_more(from, segment, at);
            // With Fast Open data and a FIN may go ahead of that (RFC 7413, 4.1).
            if silent && !self.has(to, Fact::FastOpen) {
                self.cue(to, Cue::KeepsSocket, at);
                self.cue(to, Cue::PeerSynchronized, at);
            }
        }
        if one_more || (known && self.ends[to].acked.after(before)) {
            self.ends[from].marks.set_acked_one_unseen(one_more);
        }
        self.acknowledges_fin(from, segment, at);
        self.acknowledges_unseen_fin(from, segment, at);
    }

    /// Where all that was captured of `prober` may be probes, the answer tells that they were: nothing is missing.
    fn answers_probe(&mut self, prober: Side, segment: &Segment) {
        let prober = &mut self.ends[prober];
        if prober.may_only_have_probed() && segment.ack == prober.next.plus(1) {
            prober.next = segment.ack;
            prober.acked = segment.ack;
        }
    }

    pub(super) fn acknowledges_more(&mut self, from: Side, segment: &Segment, at: At) {
        if let Some(rare) = &mut self.ends[1 - from].rare {
            rare.resent = 0;
        }
        self.ends[from].marks.set_ack_advanced(true);
        self.end_round_trip(from, segment, at);
    }

    fn window(&mut self, from: Side, segment: &Segment, at: At) {
        let end = &mut self.ends[from];
        end.advertises(segment);
        if segment.window == 0 {
            end.rare().zero_window_since.get_or_insert(at.time_ns);
            self.note(from, Fact::ZeroWindow, at);
        } else if let Some(rare) = &mut end.rare {
            rare.zero_window_since = None;
        }
    }

    /// Data on their way to the other end begin a round trip between the tap and that end.
    pub(super) fn begin_round_trip(&mut self, from: Side, segment: &Segment, at: At) {
        let other = &mut self.ends[1 - from];
        if segment.payload > 0 && !other.timed.is_some() {
            other.timed = Tick::of(at.time_ns);
            other.timed_seq = segment.seq.plus(segment.payload);
        }
    }

    fn end_round_trip(&mut self, from: Side, segment: &Segment, at: At) {
        let end = &mut self.ends[from];
        if end.timed.is_some() && segment.ack.covers(end.timed_seq) {
            let rtt = end.timed.until(at.time_ns);
            end.timed = Tick::default();
            end.measured(rtt);
        }
    }
}
