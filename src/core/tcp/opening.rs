//! Opening: what a SYN or a SYN,ACK means to both ends (RFC 9293, 3.5).

use super::connection::{At, Connection, Direction, Reading};
use super::cue::Cue;
use super::endpoint::Endpoint;
use super::entry::Side;
use super::fact::Fact;
use super::state::State;
use crate::segment::Segment;
use crate::seq::Seq;

/// The largest window before any is scaled.
const UNSCALED: u32 = 65_535;
/// No SYN,ACK is resent sooner than this, but a copy of the SYN that the network has made is answered, in ns.
const SHORTEST_TIMER: i64 = 200_000_000;

impl Connection {
    /// Reads a SYN or a SYN,ACK of this connection; `anew` has seen to it that it is not the next one's.
    pub(super) fn opening(&mut self, from: Side, segment: &Segment, at: At) -> Reading {
        if segment.flags.ack() { self.syn_ack(from, segment, at) } else { self.syn(from, segment, at) }
    }

    fn syn(&mut self, from: Side, segment: &Segment, at: At) -> Reading {
        let to = 1 - from;
        if self.ends[from].marks.has_iss() {
            return self.syn_again(from, segment, at);
        }
        if self.ends[from].marks.has_space() {
            if !self.ends[from].began_shortly_before(segment.seq) {
                return Reading::Stray;
            }
            // A late copy, which the network has made: all that it tells is who opened.
            self.is_client(from, Direction::Syn);
            return Reading::Retransmission;
        }
        learn_syn(&mut self.ends[from], segment, at, false);
        self.ends[from].marks.set_opened_actively(true);
        self.is_client(from, Direction::Syn);
        if segment.payload > 0 {
            self.note(from, Fact::FastOpen, at);
        }
        self.cue(from, Cue::SentSyn, at);
        if self.ends[to].marks.opened_actively() {
            self.note(from, Fact::SimultaneousOpen, at);
            self.presume(to, Cue::ReceivedSyn, at);
            self.presume(from, Cue::ReceivedSyn, at);
        }
        Reading::Plain
    }

    /// The SYN of this connection once more.
    fn syn_again(&mut self, from: Side, segment: &Segment, at: At) -> Reading {
        if segment.seq != self.ends[from].iss {
            return Reading::Stray;
        }
        if self.is_late_by_the_tap(from, at) {
            self.note(from, Fact::ReorderedByTap, at);
            self.is_client(from, Direction::Syn);
            learn_syn(&mut self.ends[from], segment, at, false);
            self.ends[from].acked = segment.seq.plus(1 + segment.payload);
            self.ends[from].answered_ns = at.time_ns;
            return Reading::OutOfOrder;
        }
        // Past the opening only a late copy of the network can look like this.
        if self.ends[from].state.is_synchronized() && !self.presumes(from, Cue::ReceivedSynAck) {
            return Reading::Retransmission;
        }
        self.ends[from].asks(at.time_ns, true);
        self.note(from, Fact::SynResent, at);
        if self.presumes(from, Cue::ReceivedSynAck) {
            self.note(from, Fact::SynResentAfterSynAck, at);
            self.cue(from, Cue::ResentSyn, at);
        }
        self.cue(from, Cue::RetriedAfterAll, at);
        self.cue(from, Cue::ResentSynAfterIcmp, at);
        if self.cue(from, Cue::SpokeAfterRst, at) {
            self.note(from, Fact::SpokeAfterRst, at);
        }
        Reading::Retransmission
    }

    fn syn_ack(&mut self, from: Side, segment: &Segment, at: At) -> Reading {
        let to = 1 - from;
        if self.ends[from].marks.answered_syn() && self.is_late_by_the_tap(from, at) {
            self.note(from, Fact::ReorderedByTap, at);
            let acked = self.ends[from].acked;
            self.answer_syn(from, segment, at);
            self.ends[from].acked = acked;
            self.ends[from].answered_ns = at.time_ns;
            return Reading::OutOfOrder;
        }
        let again = self.ends[from].marks.answered_syn();
        if self.ends[from].marks.has_iss() && segment.seq != self.ends[from].iss {
            return Reading::Stray;
        }
        self.learn_of_peers_syn(to, segment, at);
        if !self.acknowledges_syn(to, segment.ack) {
            return Reading::Stray;
        }
        self.is_client(to, Direction::SynAck);
        // It answers a SYN, captured or not: the client had not given up.
        self.cue(to, Cue::RetriedAfterAll, at);
        let first = !again;
        if first {
            self.answer_syn(from, segment, at);
        } else {
            self.syn_ack_again(from, at);
        }
        self.ends[to].acknowledge(segment.ack);
        self.ends[to].syn_is_answered(at.time_ns);
        // A client that has had to repeat its SYN after the first SYN,ACK will prove by its ACK that a later one arrived.
        if self.ends[to].undone() == 0 {
            self.cue(to, Cue::ReceivedSynAck, at);
        }
        if first { Reading::Plain } else { Reading::Retransmission }
    }

    /// A SYN or SYN,ACK that the answer to it had told of, just before: no retransmission timer is that short.
    fn is_late_by_the_tap(&self, from: Side, at: At) -> bool {
        const BY_THE_TAP: i64 = 20_000_000;
        let end = &self.ends[from];
        end.frames == 1 && at.time_ns - self.ends[1 - from].last_ns < BY_THE_TAP
    }

    /// A SYN,ACK whose SYN was not captured tells of it.
    fn learn_of_peers_syn(&mut self, to: Side, segment: &Segment, at: At) {
        let end = &mut self.ends[to];
        if end.marks.has_iss() || end.state.is_synchronized() {
            return;
        }
        end.iss = segment.ack.minus(1);
        end.marks.set_iss(true);
        end.marks.set_opened_actively(true);
        end.begin_space(segment.ack);
        self.cue(to, Cue::PeerAnsweredSyn, at);
    }

    /// Whether `ack` acknowledges the SYN of `to`, and no more than was sent with it.
    pub(super) fn acknowledges_syn(&self, to: Side, ack: Seq) -> bool {
        let end = &self.ends[to];
        end.marks.has_iss() && ack.covers(end.iss.plus(1)) && !ack.after(end.next)
    }

    fn answer_syn(&mut self, from: Side, segment: &Segment, at: At) {
        let to = 1 - from;
        let both_active = self.ends[from].marks.opened_actively();
        learn_syn(&mut self.ends[from], segment, at, both_active);
        self.ends[from].marks.set_answered_syn(true);
        let scaled = self.ends[from].marks.offered_scale() && self.ends[to].marks.offered_scale();
        for end in &mut self.ends {
            end.marks.set_scaled(scaled);
        }
        self.cue(from, Cue::SentSynAck, at);
        if self.ends[from].marks.has_fin() {
            self.cue(from, Cue::SentFin, at); // which has overtaken it
        }
        if both_active {
            let opener = &self.ends[to];
            if opener.frames == 1 || (opener.frames == 2 && opener.marks.answered_syn()) {
                let rtt = at.time_ns - opener.first_ns;
                self.ends[from].measured(rtt);
            }
        } else if self.ends[to].asked_ns != 0 {
            let rtt = at.time_ns - self.ends[to].asked_ns;
            if self.ends[to].asked_again() == 0 {
                self.ends[from].measured(rtt);
            } else {
                // It may answer an earlier SYN: a guess, until a round trip is measured.
                self.ends[from].rtt_ns = u32::try_from(rtt.max(0)).unwrap_or(u32::MAX);
            }
            self.handshake_ns = rtt.max(0);
        }
    }

    fn syn_ack_again(&mut self, from: Side, at: At) {
        let end = &self.ends[from];
        let answered = end.answered_ns;
        let crossed = answered != 0 && end.may_have_crossed(answered, at.time_ns);
        let by_timer = at.time_ns - end.asked_ns >= SHORTEST_TIMER;
        self.ends[from].asks(at.time_ns, true);
        // Who keeps nothing but a cookie answers every copy of the SYN alike.
        if by_timer && self.ends[from].asked_again() > self.ends[1 - from].asked_again() {
            self.cue(from, Cue::KeepsSocket, at);
        }
        if answered == 0 {
            self.note(from, Fact::SynAckResent, at);
        } else if !crossed {
            self.note(from, Fact::SynAckResentAfterAck, at);
            self.cue(from, Cue::ResentSynAck, at);
        }
        self.cue(from, Cue::RetriedAfterAll, at);
    }

    /// Reads what a segment without SYN says of the handshake.
    pub(super) fn handshake(&mut self, from: Side, segment: &Segment, at: At) {
        let to = 1 - from;
        if self.ends[from].marks.opened_actively() && !self.has(from, Fact::SimultaneousOpen) {
            self.third_ack(from, segment, at);
        }
        if self.proves_open(from, segment) {
            self.cue(from, Cue::KeepsSocket, at);
            self.cue(from, Cue::SentSynchronized, at);
            if self.has(from, Fact::SimultaneousOpen) {
                self.cue(from, Cue::SentAckOfSyn, at);
            }
        }
        let listener = &self.ends[to];
        if listener.marks.answered_syn() && segment.ack.covers(listener.iss.plus(1)) {
            if self.ends[to].syn_is_answered(at.time_ns) {
                let asked = self.ends[to].asked_ns;
                if self.ends[to].asked_again() == 0 && !self.ends[from].marks.has_rtt() {
                    self.ends[from].measured(at.time_ns - asked);
                    self.handshake_ns += (at.time_ns - asked).max(0);
                }
            }
            if self.ends[to].state == State::SynRecv {
                // Who has ignored one acknowledgement, and ignores data, is not likely to accept the next one.
                let ignores =
                    self.ends[to].undone() > 0 && self.ends[from].acked.before(self.ends[from].next);
                self.presume_unless(ignores, to, Cue::ReceivedAckOfSyn, at);
            }
        }
    }

    /// Whether an end of a simultaneous open has sent something beside its SYN, the copies of that with a SYN,ACK among
    /// them, and the segment that is being read: the other's SYN,ACK had called for it.
    pub(super) fn has_answered_syn_ack(&self, from: Side) -> bool {
        let end = &self.ends[from];
        self.has(from, Fact::SimultaneousOpen) && end.frames > 2 + u32::from(end.asked_again())
    }

    /// The client's acknowledgement of the SYN,ACK, captured or not.
    fn third_ack(&mut self, from: Side, segment: &Segment, at: At) {
        let to = 1 - from;
        let (client, server) = (&self.ends[from], &self.ends[to]);
        if server.marks.has_iss() {
            // Where its SYN was not captured, the SYN,ACK may have come again, long after the opening, and what the client
            // sends may be resent: only a bare acknowledgement, of the number that comes first, tells that it has not
            // closed meanwhile.
            let bears_something = segment.payload > 0 || segment.flags.fin();
            let later_perhaps =
                client.asked_ns == 0 && (bears_something || client.is_missing_before(segment.seq));
            let is_astray = self.is_astray(from, segment);
            if segment.ack.covers(server.iss.plus(1)) && !later_perhaps && !is_astray {
                self.cue(from, Cue::SentAckOfSyn, at);
            }
        } else if server.frames == 0 && self.ends[from].state == State::SynSent {
            // The SYN,ACK was not captured, and nothing else of the server has been.
            let server = &mut self.ends[to];
            server.iss = segment.ack.minus(1);
            server.marks.set_iss(true);
            server.marks.set_iss_guessed(true);
            server.marks.set_answered_syn(true);
            server.begin_space(segment.ack);
            server.asked_ns = at.time_ns;
            self.ends[from].acked = self.ends[from].acked.later(segment.seq);
            self.cue(to, Cue::PeerAckedSyn, at);
            self.cue(from, Cue::SentAckOfSyn, at);
        }
    }

    /// Whether a segment of the client, whose SYN was captured, lies before that SYN or beyond the server's window: of an
    /// older connection, or forged.
    fn is_astray(&self, from: Side, segment: &Segment) -> bool {
        let (client, server) = (&self.ends[from], &self.ends[1 - from]);
        let beyond = server.frames > 0 && segment.seq.after(client.acked.plus(server.window));
        client.marks.has_iss() && (beyond || !segment.seq.after(client.iss))
    }

    /// Whether a segment without SYN shows that the SYN,ACK of its sender was acknowledged. With Fast Open data and
    /// a FIN may come before that (RFC 7413, 4.1); a bare acknowledgement of the SYN says nothing.
    fn proves_open(&self, from: Side, segment: &Segment) -> bool {
        let (sender, receiver) = (&self.ends[from], &self.ends[1 - from]);
        if !sender.marks.answered_syn() {
            return false;
        }
        if self.has(from, Fact::FastOpen) {
            return segment.ack.after(most_acked_with_syn(receiver));
        }
        // An active opener may close before its SYN,ACK is acknowledged (RFC 9293, 3.10.4), a listener's child not.
        let closes = segment.flags.fin() && !sender.marks.opened_actively();
        segment.payload > 0 || closes || segment.ack.after(receiver.iss.plus(1))
    }
}

/// With Fast Open: the highest number that a SYN,ACK may acknowledge. What goes beyond was sent after it.
fn most_acked_with_syn(client: &Endpoint) -> Seq {
    client.iss.plus(1 + u32::from(client.mss.max(536)))
}

/// Takes in what a SYN or SYN,ACK says of its sender.
fn learn_syn(end: &mut Endpoint, segment: &Segment, at: At, again: bool) {
    end.iss = segment.seq;
    end.marks.set_iss(true);
    let first = segment.seq.plus(1 + segment.payload);
    // With Fast Open data and a FIN may have overtaken it.
    let is_overtaken = end.marks.has_space() && end.next.within(first, UNSCALED);
    end.next = if is_overtaken { end.next } else { first };
    end.marks.set_space(true);
    end.acked = segment.seq;
    end.mss = segment.options.mss.unwrap_or(0);
    end.marks.set_offered_scale(segment.options.window_scale.is_some());
    end.scale = segment.options.window_scale.unwrap_or(0).min(14);
    end.window = u32::from(segment.window);
    end.asks(at.time_ns, again);
}
