//! Resets: whose they are, and whether they have to be accepted (RFC 9293, 3.5.2 and 3.10.7; RFC 5961).
//!
//! A reset is the one segment that others forge as a matter of course. So it moves its sender for certain only where it
//! bears the mark of the sender's own socket; otherwise that is presumed, and undone should the sender go on.

use super::connection::{At, Connection};
use super::cue::Cue;
use super::fact::Fact;
use super::log::Side;
use super::profile::{Profile, SECOND};
use super::state::State;
use crate::segment::Segment;
use crate::seq::Seq;

/// How long segments may be under way behind a reset of the same sender, or to an end whose distance is not known.
const UNDER_WAY: i64 = 200_000_000;
/// What wakes a sleeping connection is answered within this time, in ns.
const ANSWER: i64 = 5 * SECOND;

/// Where a reset lies in the window of the end that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    Exact,
    InWindow,
    Outside,
}

impl Connection {
    /// Reads a reset.
    pub(super) fn reset(&mut self, from: Side, segment: &Segment, at: At, profile: &Profile) {
        let to = 1 - from;
        self.note(from, Fact::RstSent, at);
        let sender = &self.ends[from];
        if sender.ttl != 0 && sender.ttl != segment.ttl {
            self.note(from, Fact::RstTtlDiffers, at);
        }
        if self.ends[to].state == State::SynSent && self.ends[to].marks.has_iss() {
            self.answers_syn(from, segment, at);
        } else if self.answers_syn_ack(from, segment) {
            self.abandons(from, segment, at);
        } else {
            self.ends_connection(from, segment, at, profile);
        }
    }

    /// A reset for an end in SYN_SENT counts only where it acknowledges the SYN (RFC 9293, 3.10.7.3).
    fn answers_syn(&mut self, from: Side, segment: &Segment, at: At) {
        let to = 1 - from;
        let opener = &self.ends[to];
        if !segment.flags.ack() || !segment.ack.after(opener.iss) || segment.ack.after(opener.next) {
            self.note(from, Fact::RstOutOfWindow, at);
            return;
        }
        self.ends[to].answered_ns = at.time_ns;
        if self.ends[from].state == State::Unknown {
            self.ends[from].first_state = State::Closed;
            self.ends[from].state = State::Closed;
            self.note(from, Fact::Refused, at);
        } else {
            self.cue(from, Cue::SentRstPerhaps, at);
        }
        self.cue(to, Cue::ReceivedRst, at);
    }

    /// Whether this is how a host answers a SYN,ACK that it has no use for: a bare reset at the number acknowledged.
    fn answers_syn_ack(&self, from: Side, segment: &Segment) -> bool {
        let sender = &self.ends[from];
        !segment.flags.ack()
            && sender.marks.opened_actively()
            && sender.frames > 0
            && segment.seq == sender.iss.plus(1)
            && sender.next == sender.iss.plus(1)
            && (sender.state == State::SynSent || self.presumes(from, Cue::ReceivedSynAck))
    }

    fn abandons(&mut self, from: Side, segment: &Segment, at: At) {
        self.note(from, Fact::RstAnswersSynAck, at);
        self.cue(from, Cue::AnsweredSynAckWithRst, at);
        self.cue(from, Cue::FoundGone, at);
        let to = 1 - from;
        if segment.seq == self.ends[from].iss.plus(1) {
            self.cue(to, Cue::ReceivedRst, at);
        }
    }

    fn ends_connection(&mut self, from: Side, segment: &Segment, at: At, profile: &Profile) {
        let to = 1 - from;
        match self.aim(from, segment) {
            Aim::InWindow => {
                self.ends[to].marks.set_challenged(true);
                self.note(from, Fact::RstInWindow, at);
            }
            Aim::Outside => {
                self.note(from, Fact::RstOutOfWindow, at);
            }
            Aim::Exact => {
                self.note_kind(from, segment, at);
                self.sender_resets(from, segment, at, profile);
                self.cue(to, Cue::ReceivedRst, at);
            }
        }
    }

    /// Exact is the number that the receiver expects next: what was captured without a gap, or what it acknowledged
    /// last. Between the two the capture cannot tell. After a FIN the number of the FIN itself is accepted as well.
    fn aim(&self, from: Side, segment: &Segment) -> Aim {
        let (sender, receiver) = (&self.ends[from], &self.ends[1 - from]);
        if !sender.marks.has_space() {
            return Aim::Exact;
        }
        let seq = segment.seq;
        let expected = [sender.contiguous(), sender.acked, sender.next];
        if expected.contains(&seq) || (sender.marks.has_fin() && seq == sender.fin) {
            return Aim::Exact;
        }
        let window = receiver.window.max(1);
        let between = seq.covers(sender.acked) && !seq.after(sender.next);
        if between || seq.within(sender.acked, window) { Aim::InWindow } else { Aim::Outside }
    }

    fn note_kind(&mut self, from: Side, segment: &Segment, at: At) {
        let to = 1 - from;
        let (sender, receiver) = (&self.ends[from], &self.ends[to]);
        let asleep_before = self.woke_ns != 0 && at.time_ns - self.woke_ns < ANSWER;
        if !segment.flags.ack() {
            let said_nothing = sender.marks.answered_syn() && sender.next == sender.iss.plus(1);
            let unproven = sender.state == State::SynRecv || self.presumes(from, Cue::ReceivedAckOfSyn);
            let late = receiver.marks.repeated_acknowledged();
            self.note(from, Fact::RstNoSocket, at);
            if said_nothing && unproven && !asleep_before {
                self.note(from, Fact::RstAnswersHandshakeAck, at);
            }
            if late {
                self.note(from, Fact::RstAnswersLateSegment, at);
            }
        } else if matches!(sender.state, State::Established | State::CloseWait) {
            let unread = receiver.bytes > 0 && sender.marks.heard_last() && !sender.marks.has_fin();
            self.note(from, Fact::RstAborts, at);
            if unread {
                self.note(from, Fact::RstAfterUnreadData, at);
            }
        }
        if asleep_before {
            self.note_first(from, Fact::RstAfterIdle, at, self.rested_us());
        }
    }

    fn sender_resets(&mut self, from: Side, segment: &Segment, at: At, profile: &Profile) {
        let orphaned = self.grounds(from).filter(|t| {
            t.to == State::FinWait2
                && self.ends[from].state == State::FinWait2
                && !segment.flags.ack()
                && at.time_ns - t.time_ns > profile.fin_timeout
        });
        if let Some(entered) = orphaned {
            let over = At { time_ns: entered.time_ns + profile.fin_timeout, frame: at.frame };
            self.cue(from, Cue::FinWait2Over, over);
        } else if self.bears_the_sockets_mark(from, segment) {
            self.cue(from, Cue::SentRst, at);
        } else {
            self.cue(from, Cue::SentRstPerhaps, at);
        }
    }

    /// A live socket counts its packets in the IPv4 identification; a reset that carries on its count, with its TTL,
    /// is its own.
    fn bears_the_sockets_mark(&self, from: Side, segment: &Segment) -> bool {
        const CLOSE_BEHIND: u16 = 8;
        let sender = &self.ends[from];
        segment.flags.ack()
            && sender.marks.has_ip_id()
            && sender.ttl == segment.ttl
            && segment.ip_id.is_some_and(|id| (1..=CLOSE_BEHIND).contains(&id.wrapping_sub(sender.ip_id)))
    }

    /// An end that was taken for reset sends something else.
    pub(super) fn speaks_after_reset(&mut self, from: Side, segment: &Segment, at: At) {
        if self.ends[from].state != State::Closed {
            return;
        }
        let Some(end) = self.grounds(from) else { return };
        let since = at.time_ns - end.time_ns;
        let speaker = &self.ends[from];
        match end.cue {
            Cue::ReceivedRst if speaker.marks.has_iss() || speaker.marks.has_space() => {
                let crossed = if speaker.marks.has_rtt() {
                    speaker.may_have_crossed(end.time_ns, at.time_ns)
                } else {
                    since < UNDER_WAY
                };
                if !crossed && self.cue(from, Cue::SpokeAfterRst, at) {
                    self.note(from, Fact::SpokeAfterRst, at);
                }
            }
            Cue::SentRstPerhaps => {
                let news = segment.seq.plus(segment.payload).after(speaker.next)
                    || segment.ack.after(self.ends[1 - from].acked);
                if (news || since >= UNDER_WAY) && self.cue(from, Cue::SpokeAfterOwnRst, at) {
                    self.note(from, Fact::SpokeAfterOwnRst, at);
                }
            }
            _ => {}
        }
    }

    /// An ICMP error that quotes a segment of `side`, which it is for.
    pub fn icmp(&mut self, side: Side, quoted: Seq, fact: Fact, at: At) {
        let end = &self.ends[side];
        let ours = !end.marks.has_space() || quoted.since(end.next).unsigned_abs() < 1 << 24;
        if !ours {
            return;
        }
        self.note(side, fact, at);
        let hard = matches!(fact, Fact::IcmpUnreachable | Fact::IcmpPortUnreachable | Fact::IcmpProhibited);
        if hard && self.ends[side].marks.has_iss() && quoted == self.ends[side].iss {
            self.cue(side, Cue::ReceivedUnreachable, at);
        }
    }
}
