//! Closing: what a FIN and its acknowledgement mean to both ends (RFC 9293, 3.6).

use super::connection::{At, Connection};
use super::cue::Cue;
use super::endpoint::Fin;
use super::entry::{Side, Transition};
use super::fact::Fact;
use super::reset::is_in_window;
use super::space::Placement;
use super::state::State;
use crate::segment::Segment;
use crate::seq::Seq;

/// How long an endpoint may go on with old acknowledgements where the round trip to it is not known.
const PATIENCE: i64 = 200_000_000;
/// By how much a busy host may be later than the round trips measured before: a segment that crosses the other end's FIN
/// is commoner than a FIN that gets lost.
pub(super) const HESITATION: i64 = 10_000_000;
/// A segment later than one that was sent after it by no more than this was overtaken: retransmission timers are longer.
const OVERTAKING: i64 = 50_000_000;

impl Connection {
    /// The other end's FIN: acknowledged by this segment, or still not.
    pub(super) fn acknowledges_fin(&mut self, from: Side, segment: &Segment, at: At) {
        let to = 1 - from;
        if !self.ends[to].marks.has_fin() {
            return;
        }
        if !segment.ack.covers(self.ends[to].after_fin()) {
            self.still_acks_before_fin(from, segment, at);
            return;
        }
        if self.ends[from].state == State::Established && self.has_fin_twice(to, segment) {
            self.first_copy_arrived(from);
        }
        self.cue_ack_of_fin(from, segment, at);
        let closer = &mut self.ends[to];
        if closer.answered_ns == 0 {
            closer.answered_ns = at.time_ns;
        }
        if matches!(closer.state, State::FinWait1 | State::Closing | State::LastAck) {
            self.presume(to, Cue::ReceivedAckOfFin, at);
        }
    }

    /// `from` acknowledges the other's FIN, so that has arrived. That its own FIN was acknowledged is proven too where
    /// every copy of the other's FIN said so: the acknowledgement came with the FIN.
    fn cue_ack_of_fin(&mut self, from: Side, segment: &Segment, at: At) {
        self.opened_before_fin(from, at);
        let sender = &self.ends[from];
        let past_gap = sender.is_missing_before(segment.seq) || sender.marks.acked_fin_past_gap();
        // A FIN or data that bring the acknowledgement with them may be sent for the second time, and a FIN may have been
        // sent before the other's arrived. Only a bare acknowledgement has the number of what would be sent next.
        let bears_something = segment.flags.fin() || segment.payload > 0;
        let is_first = self.follows(from, segment) && self.ends[1 - from].answered_ns == 0;
        let copy_perhaps = bears_something && !sender.marks.has_fin() && !is_first;
        // CLOSED by a reset that may have passed this segment on the way.
        let was_open = matches!(sender.state, State::Established | State::CloseWait | State::Closed);
        if was_open && (past_gap || copy_perhaps) {
            self.ends[from].marks.set_acked_fin_past_gap(past_gap);
            self.cue(from, Cue::ReceivedFin, at);
            return;
        }
        if self.ends.iter().any(|end| end.marks.fin_is_guessed()) {
            return;
        }
        // Who may have closed before the capture began may be in CLOSING instead.
        if self.ends[from].state == State::CloseWait && self.presumes(from, Cue::SentMidStream) {
            return;
        }
        // Where its own FIN may have crossed the other's, CLOSE_WAIT is open to doubt for good.
        let closed_second = matches!(self.ends[from].state, State::LastAck | State::Closing | State::Closed);
        if closed_second && (self.presumes(from, Cue::SentFinPerhaps) || self.presumes(from, Cue::SentFin)) {
            return;
        }
        let fin_told_all = self.ends[from].marks.has_fin()
            && !self.ends[1 - from].marks.fin_crossed()
            && self.ends[1 - from].fin_is_deliverable();
        if self.ends[from].state == State::FinWait1 && fin_told_all {
            self.cue(from, Cue::ReceivedAckOfFin, at);
            self.cue(from, Cue::ReceivedFin, at);
        }
        if self.acks_fin_before_answer(from, at) {
            return;
        }
        if self.ends[from].state == State::TimeWait {
            if !fin_told_all {
                return;
            }
            self.cue(from, Cue::FinToldAll, at);
        }
        self.cue(from, Cue::SentAckOfFin, at);
    }

    /// Who acknowledges the FIN has accepted the acknowledgement that came with it, though that was in doubt.
    fn opened_before_fin(&mut self, from: Side, at: At) {
        let came = self.log.unproven_grounds(from, Cue::ReceivedFin);
        let Some(came) = came.filter(|t| t.from == State::SynRecv) else { return };
        let then = At { time_ns: came.time_ns, frame: came.frame };
        self.cue(from, Cue::StillAcksBeforeFin, at);
        self.cue(from, Cue::ReceivedAckOfSyn, then);
        self.cue(from, Cue::ReceivedFin, then);
    }

    /// It acknowledges the other's FIN so soon that the acknowledgement of its own, captured on its way to it after that
    /// FIN, cannot have arrived: the FIN had, in FIN_WAIT1.
    fn acks_fin_before_answer(&mut self, from: Side, at: At) -> bool {
        let (this, closer) = (&self.ends[from], &self.ends[1 - from]);
        let Some(answer) = self.log.unproven_grounds(from, Cue::ReceivedAckOfFin) else { return false };
        let fin_came_first = closer.asked_ns < answer.time_ns || closer.asked_again() > 0;
        let waited = at.time_ns - answer.time_ns;
        let too_soon = this.marks.has_rtt() && waited < i64::from(this.rtt_ns) * 3 / 4;
        if this.state != State::FinWait2
            || !fin_came_first
            || !too_soon
            || !self.cue(from, Cue::AckedFinFirst, at)
        {
            return false;
        }
        self.cue(from, Cue::SentAckOfFinFirst, at);
        self.presume(from, Cue::ReceivedAckOfFin, at);
        true
    }

    /// Whether a segment reports the FIN of `closer` as received twice (RFC 2883, 4).
    fn has_fin_twice(&self, closer: Side, segment: &Segment) -> bool {
        let (fin, after) = (self.ends[closer].fin, self.ends[closer].after_fin());
        segment.options.sack.is_some_and(|(left, right)| fin.covers(left) && right == after)
    }

    /// The FIN for `side`, taken for lost when it came again, had arrived: its acknowledgement was lost.
    fn first_copy_arrived(&mut self, side: Side) {
        let is_lost_fin = |t: &Transition| t.side == side && t.cue == Cue::ReceivedFin && !t.is_believed();
        let first = self.log.transitions().rev().find(is_lost_fin);
        if let Some(first) = first {
            self.cue(side, Cue::ReceivedFin, At { time_ns: first.time_ns, frame: first.frame });
        }
    }

    /// The other's FIN was captured on its way, and this end, some time later, acknowledges less. A copy sent since may
    /// still arrive.
    fn still_acks_before_fin(&mut self, from: Side, segment: &Segment, at: At) {
        let closer = &self.ends[1 - from];
        if !closer.marks.fin_delivered() {
            return;
        }
        let resent_ns = closer.asked_ns;
        let presumed = self.presumed_at(from, Cue::ReceivedFin).unwrap_or(resent_ns);
        if self.is_too_soon_for(from, presumed, at) || !self.cue(from, Cue::StillAcksBeforeFin, at) {
            return;
        }
        if segment.flags.fin() && self.ends[from].marks.has_fin() {
            return; // what its own FIN, sent again, says of the arrivals comes later
        }
        let answered_ns = self.ends[from].answered_ns;
        if self.ends[from].state == State::FinWait1 && answered_ns != 0 {
            self.presume(from, Cue::ReceivedAckOfFin, At { time_ns: answered_ns, ..at });
        }
        if presumed < resent_ns && self.is_too_soon_for(from, resent_ns, at) {
            self.cue(from, Cue::ReceivedFin, At { time_ns: resent_ns, ..at });
        }
    }

    /// Whether what `from` sends now may be older than the arrival of what was captured on its way at `then_ns`.
    pub(super) fn is_too_soon_for(&self, from: Side, then_ns: i64, at: At) -> bool {
        let this = &self.ends[from];
        if this.marks.has_rtt() {
            this.may_have_crossed(then_ns + HESITATION, at.time_ns)
        } else {
            at.time_ns - then_ns < PATIENCE
        }
    }

    /// An acknowledgement of exactly one octet that was not captured, and then its own FIN, or its own FIN before: the
    /// other's FIN.
    pub(super) fn acknowledges_unseen_fin(&mut self, from: Side, segment: &Segment, at: At) {
        let closes = self.ends[from].marks.has_fin() || segment.flags.fin();
        if !closes || !self.ends[from].marks.acked_one_unseen() || self.ends[1 - from].marks.has_fin() {
            return;
        }
        if self.ends[from].state == State::FinWait1 {
            self.cue(from, Cue::ReceivedAckOfFin, at);
        }
        self.cue(from, Cue::SentAckOfUnseenFin, at);
        let closer = &mut self.ends[1 - from];
        closer.fin = segment.ack.minus(1);
        closer.marks.set_fin(true);
        closer.marks.set_fin_guessed(true);
        closer.marks.set_fin_delivered(true);
        closer.answered_ns = at.time_ns;
        self.cue(1 - from, Cue::PeerAckedFin, at);
        self.cue(1 - from, Cue::ReceivedAckOfFin, at);
    }

    /// Reads the FIN, if the segment has one, and sees whether a FIN captured earlier has become deliverable.
    pub(super) fn finish(&mut self, from: Side, segment: &Segment, placement: Placement, at: At) {
        if segment.flags.fin() {
            let sender = &self.ends[from];
            let seq = segment.seq.plus(segment.payload);
            let follows = self.follows(from, segment);
            let looks_foreign = self.looks_foreign(from, segment);
            let may_count = !sender.shares_count() && self.counts_on(from, segment);
            let counts = sender.marks.counts_ip_id() || !sender.marks.has_ip_id() || may_count;
            let skips = segment.ip_id.is_some() && !follows && counts;
            let belated = sender.next.after(seq.plus(1)) || placement == Placement::Fills;
            self.read_fin(
                from,
                Fin {
                    seq,
                    ack: segment.ack,
                    time_ns: at.time_ns,
                    frame: at.frame,
                    follows,
                    looks_foreign,
                    skips,
                    belated,
                },
            );
        }
        self.early_fin_counts(from);
        if !self.ends[from].marks.fin_delivered() && self.ends[from].fin_is_deliverable() {
            self.ends[from].marks.set_fin_delivered(true);
            self.cue(1 - from, Cue::ReceivedFin, at);
            if self.ends[from].fin_is_acked() {
                // The tap has put the acknowledgement before the FIN.
                self.cue(1 - from, Cue::SentAckOfFin, at);
                self.cue(from, Cue::ReceivedAckOfFin, at);
            }
        }
    }

    fn read_fin(&mut self, from: Side, fin: Fin) {
        let end = &self.ends[from];
        if end.marks.has_fin() && end.fin == fin.seq {
            return self.fin_again(from, fin);
        }
        // With the FIN counted, `next` is one past it where it follows what was captured.
        let contiguous = end.contiguous();
        if fin.seq.plus(1) == contiguous || fin.seq == contiguous {
            return self.fin(from, fin);
        }
        // Where the opening was captured, the window is known: nobody sends beyond it, but who forges may.
        let receiver = &self.ends[1 - from];
        let only_control = self.holds_only_control();
        let window = if only_control { receiver.widest_window() } else { receiver.window };
        let is_beyond = end.marks.has_iss()
            && receiver.marks.has_iss()
            && receiver.frames > 0
            && !is_in_window(fin.seq, end.acked, window);
        if fin.seq.after(contiguous) && !fin.looks_foreign && !is_beyond {
            if only_control {
                self.ends[from].leave_out(fin.seq);
                self.note(from, Fact::OnlyControl, At { time_ns: fin.time_ns, frame: fin.frame });
            }
            self.ends[from].accept_fin(fin.seq);
            return self.fin(from, fin);
        }
        let is_early = fin.seq.after(contiguous);
        let known = end.rare.as_ref().and_then(|rare| rare.early_fin);
        if is_early && is_in_window(fin.seq, end.acked, self.ends[1 - from].window) {
            match known.filter(|early| early.seq == fin.seq) {
                // Nobody else would send it again.
                Some(early) => self.accept_early_fin(from, early),
                None => self.ends[from].rare().early_fin = Some(fin),
            }
        }
    }

    /// A FIN that was captured ahead of a hole counts once the hole is filled up to it, or it is acknowledged. Data
    /// beyond it show that it was somebody else's.
    fn early_fin_counts(&mut self, from: Side) {
        let end = &self.ends[from];
        let Some(early) = end.rare.as_ref().and_then(|rare| rare.early_fin) else { return };
        let contiguous = end.contiguous();
        if contiguous == early.seq || end.acked == early.seq.plus(1) {
            self.accept_early_fin(from, early);
        } else if contiguous.after(early.seq) {
            self.ends[from].rare().early_fin = None;
        }
    }

    fn accept_early_fin(&mut self, from: Side, early: Fin) {
        let end = &mut self.ends[from];
        end.rare().early_fin = None;
        end.accept_fin(early.seq);
        self.fin(from, early);
    }

    fn fin(&mut self, from: Side, fin: Fin) {
        let at = At { time_ns: fin.time_ns, frame: fin.frame };
        self.closes_before_ack(from, at);
        let end = &mut self.ends[from];
        end.fin = fin.seq;
        end.marks.set_fin(true);
        end.asks(at.time_ns, false);
        if end.acked.covers(end.after_fin()) {
            end.answered_ns = at.time_ns;
        }
        end.marks.set_fin_past_missing(fin.skips || fin.belated);
        self.closes_after_pause(from, fin.ack, at);
        let crossing = self.crosses(from, &fin);
        let mut arrives_later = false;
        if crossing {
            for end in &mut self.ends {
                end.marks.set_fin_crossed(true);
            }
            self.note(from, Fact::SimultaneousClose, at);
            arrives_later = self.cue(from, Cue::SentFinCrossing, at);
        }
        self.cue(from, if self.is_certain(from, &fin) { Cue::SentFin } else { Cue::SentFinPerhaps }, at);
        if arrives_later {
            self.cue(from, Cue::ReceivedFin, at);
        }
    }

    /// Whether a FIN set out before the other's had arrived. It says so by what it acknowledges; a later copy, where
    /// the first was lost before the tap, by an acknowledgement that was sent past it, and that nothing had called for
    /// but the other's FIN.
    fn crosses(&self, from: Side, fin: &Fin) -> bool {
        let other = &self.ends[1 - from];
        other.marks.has_fin() && (!fin.ack.covers(other.after_fin()) || self.crossed_unseen(from, fin))
    }

    /// The second of these. One that comes at once is no copy: the acknowledgement has overtaken it. And a segment of the
    /// other end that its own FIN had overtaken may have called for the acknowledgement, so this is never certain.
    fn crossed_unseen(&self, from: Side, fin: &Fin) -> bool {
        let (sender, other) = (&self.ends[from], &self.ends[1 - from]);
        let uncalled = sender.marks.acked_fin_past_gap() && other.asked_again() == 0;
        fin.belated && uncalled && fin.time_ns - other.answered_ns > OVERTAKING
    }

    /// With Fast Open a server may close before its SYN,ACK is acknowledged, and so may both ends of a simultaneous open.
    fn closes_before_ack(&mut self, from: Side, at: At) {
        let end = &self.ends[from];
        let crossed = end.answered_ns != 0 && end.may_have_crossed(end.answered_ns, at.time_ns);
        if crossed && self.has(from, Fact::FastOpen) && self.presumes(from, Cue::ReceivedAckOfSyn) {
            self.cue(from, Cue::ClosedBeforeAck, at);
        }
        if self.has(from, Fact::SimultaneousOpen) && !self.has_answered_syn_ack(from) {
            let syn_ack = self.presumed_at(from, Cue::ReceivedSynAck);
            if syn_ack.is_some_and(|then| self.ends[from].may_have_crossed(then, at.time_ns)) {
                self.cue(from, Cue::ClosedBeforeSynAck, at);
            }
        }
    }

    /// Whether a FIN tells for certain what its sender's state was. One that closes first does where all that it
    /// acknowledges was captured, so that no FIN is among that. One that closes second does where no earlier packet of
    /// its sender is missing, so that it is the first copy.
    fn is_certain(&self, from: Side, fin: &Fin) -> bool {
        let second = self.ends[from].state == State::CloseWait;
        let ahead_of_a_hole = self.ends[from].contiguous().before(fin.seq);
        if ahead_of_a_hole && !self.ends[from].marks.counts_ip_id() {
            return false;
        }
        let acks_peers_fin = self.ends[1 - from].fin_is_covered_by(fin.ack);
        if second {
            fin.follows && !fin.belated
        } else {
            // One that acknowledges the other's FIN is not the copy that crossed it.
            !acks_peers_fin && self.knows_what_it_acknowledges(from, fin.ack)
        }
    }

    /// A FIN that ends a pause of both ends, and the request that it may have crossed.
    fn closes_after_pause(&mut self, from: Side, ack: Seq, at: At) {
        let slept = self.slept_ns().unsigned_abs();
        let other = &self.ends[1 - from];
        if self.woke_ns() == at.time_ns {
            self.note_figure(from, Fact::FinAfterIdle, slept, at);
        } else if other.marks.asked_after_pause() && other.next.after(ack) {
            self.note_figure(from, Fact::CloseCrossedRequest, slept, at);
        }
    }

    /// Whether all that the other end had sent, as far as this FIN acknowledges it, was captured: only then is it
    /// certain that no FIN was among it.
    fn knows_what_it_acknowledges(&self, from: Side, ack: Seq) -> bool {
        let other = &self.ends[1 - from];
        other.frames > 0
            && !ack.after(other.next)
            && other.rare.as_ref().is_none_or(|rare| rare.unseen_bytes == 0)
    }

    fn fin_again(&mut self, from: Side, fin: Fin) {
        let to = 1 - from;
        let at = At { time_ns: fin.time_ns, frame: fin.frame };
        let answered = self.ends[from].answered_ns;
        let crossed = answered != 0 && self.ends[from].may_have_crossed(answered, at.time_ns);
        let first_copy_had_time = !self.ends[to].may_have_crossed(self.ends[from].asked_ns, at.time_ns);
        let acks_peers_fin = self.ends[to].fin_is_covered_by(fin.ack);
        self.ends[from].asks(at.time_ns, true);
        self.cue(from, Cue::RetriedAfterAll, at);
        if answered != 0 {
            if crossed {
                return;
            }
            self.note(from, Fact::FinResentAfterAck, at);
            if self.cue(from, Cue::ResentFin, at) || self.ends[from].state == State::FinWait1 {
                let order_is_in_doubt = matches!(self.ends[from].state, State::LastAck | State::Closing)
                    && self.presumes(from, Cue::SentFinPerhaps);
                if acks_peers_fin && !order_is_in_doubt {
                    self.cue(from, Cue::SentAckOfFin, at);
                }
                self.what_is_under_way(from, acks_peers_fin, at);
            }
            return;
        }
        self.note(from, Fact::FinResent, at);
        let doubtful = self.ends[from].marks.fin_delivered() && first_copy_had_time;
        if doubtful && self.cue(to, Cue::FinUnacknowledged, at) && acks_peers_fin {
            self.presume(to, Cue::ReceivedAckOfFin, at);
        }
    }

    /// `from` has sent its FIN again, so nothing that the other end sent before had reached it; what the other end sent
    /// just now may still arrive. A FIN that did not cross brings the acknowledgement with it: where that is in doubt, the
    /// FIN is too.
    fn what_is_under_way(&mut self, from: Side, has_peers_fin: bool, at: At) {
        let (this, other) = (&self.ends[from], &self.ends[1 - from]);
        if !this.may_have_crossed(other.last_ns, at.time_ns) {
            return;
        }
        let fin_too =
            other.marks.has_fin() && !has_peers_fin && this.may_have_crossed(other.asked_ns, at.time_ns);
        self.ends[from].answered_ns = at.time_ns;
        self.presume(from, Cue::ReceivedAckOfFin, at);
        let in_doubt = self.ends[from].state == State::FinWait1 && !self.ends[1 - from].marks.fin_crossed();
        if fin_too && !in_doubt {
            self.cue(from, Cue::ReceivedFin, at);
        }
    }
}
