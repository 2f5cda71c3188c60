//! Resets: whose they are, and whether they have to be accepted (RFC 9293, 3.5.2 and 3.10.7; RFC 5961).
//!
//! A reset is the one segment that others forge as a matter of course. So it moves its sender for certain only where it
//! bears the mark of the sender's own socket; otherwise that is presumed, and undone should the sender go on. One that
//! bears a stranger's marks does not move its supposed sender at all.

use super::closing::HESITATION;
use super::connection::{At, Connection};
use super::cue::Cue;
use super::entry::Side;
use super::fact::Fact;
use super::profile::{Profile, SECOND};
use super::state::State;
use super::tick::Tick;
use crate::segment::Segment;
use crate::seq::Seq;

/// How long segments may be under way behind a reset of the same sender, or to an end whose distance is not known.
const UNDER_WAY: i64 = 200_000_000;
/// No host that has spoken so shortly before has been restarted since, in ns.
const ONE_BREATH: i64 = 50_000_000;
/// What wakes a sleeping connection is answered within this time, in ns.
const ANSWER: i64 = 5 * SECOND;

/// Where a reset lies in the window of the end that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    Exact,
    InWindow,
    Outside,
}

/// Whose a reset is, by its looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Author {
    /// It carries on the count and the TTL of the sender's socket.
    Socket,
    /// It is formed as a host forms it that has no such connection.
    NoSocket,
    /// It could be the sender's.
    Perhaps,
    /// It does not look like the sender's.
    Stranger,
}

impl Connection {
    /// Takes note of a reset without ACK that comes so soon after other words of its sender that the host cannot have lost
    /// the connection meanwhile: if it is its own, its application has ended it. For this the reset must not have been counted yet.
    pub(super) fn resets_in_one_breath(&mut self, from: Side, segment: &Segment, at: At) {
        let sender = &self.ends[from];
        let has_spoken = sender.frames > 0 && !self.has(from, Fact::RstSent);
        let breath = self.handshake_ns.max(ONE_BREATH);
        if !segment.flags.ack() && has_spoken && at.time_ns - sender.last_ns < breath {
            self.note(from, Fact::RstRightAfterWords, at);
        }
    }

    /// Reads a reset.
    pub(super) fn reset(&mut self, from: Side, segment: &Segment, at: At, profile: &Profile) {
        let to = 1 - from;
        let author = self.author(from, segment);
        self.note(from, Fact::RstSent, at);
        if author == Author::Stranger {
            self.note(from, Fact::RstLooksForeign, at);
        }
        let sender = &self.ends[from];
        if sender.ttl != 0 && sender.ttl != segment.ttl {
            self.note(from, Fact::RstTtlDiffers, at);
        }
        if self.ends[to].state == State::SynSent && self.ends[to].marks.has_iss() {
            self.answers_syn(from, segment, author, at);
        } else if author == Author::NoSocket && self.answers_syn_ack(from, segment) {
            self.abandons(from, at);
        } else {
            self.ends_connection(from, segment, author, at, profile);
        }
    }

    /// A live socket counts its packets in the IPv4 identification, and a reset of its own carries that count on; over
    /// IPv6 a socket that labels its packets labels its resets too, but what BSD answers beside the socket, with a window
    /// of zero, bears no label. A host without the connection answers at the number acknowledged, without ACK; such a
    /// host's window is zero, but load balancers write other things there, so that a window tells a stranger only together
    /// with a broken count or a missing label.
    fn author(&self, from: Side, segment: &Segment) -> Author {
        let sender = &self.ends[from];
        let looks_foreign =
            self.breaks_count(from, segment) || (self.lacks_label(from, segment) && segment.window != 0);
        match segment.flags.ack() {
            false if segment.window == 0 || !looks_foreign => Author::NoSocket,
            _ if looks_foreign => Author::Stranger,
            _ if sender.marks.counts_ip_id()
                && self.counts_on(from, segment)
                && sender.ttl == segment.ttl =>
            {
                Author::Socket
            }
            _ => Author::Perhaps,
        }
    }

    /// A reset for an end in SYN_SENT counts only where it acknowledges the SYN (RFC 9293, 3.10.7.3).
    fn answers_syn(&mut self, from: Side, segment: &Segment, author: Author, at: At) {
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
        } else if author != Author::Stranger {
            self.cue(from, Cue::SentRstPerhaps, at);
        }
        self.cue(to, Cue::ReceivedRst, at);
    }

    /// Whether this is how a host answers a SYN,ACK that it has no use for: a bare reset at the number acknowledged. Who
    /// has aborted before, or answered it otherwise, had a use for it, and answers what came later.
    fn answers_syn_ack(&self, from: Side, segment: &Segment) -> bool {
        let sender = &self.ends[from];
        sender.marks.opened_actively()
            && !self.has(from, Fact::RstAborts)
            && !self.has_answered_syn_ack(from)
            && sender.frames > 0
            && segment.seq == sender.iss.plus(1)
            && sender.next == sender.iss.plus(1)
            && (sender.state == State::SynSent || self.presumes(from, Cue::ReceivedSynAck))
    }

    fn abandons(&mut self, from: Side, at: At) {
        self.note(from, Fact::RstAnswersSynAck, at);
        self.cue(from, Cue::AnsweredSynAckWithRst, at);
        self.cue(from, Cue::SentRstPerhaps, at);
        self.cue(1 - from, Cue::ReceivedRst, at);
    }

    fn ends_connection(&mut self, from: Side, segment: &Segment, author: Author, at: At, profile: &Profile) {
        match self.aim(from, segment) {
            Aim::InWindow => {
                self.ends[1 - from].marks.set_challenged(true);
                self.note(from, Fact::RstInWindow, at);
            }
            Aim::Outside => {
                self.note(from, Fact::RstOutOfWindow, at);
                if author == Author::NoSocket && self.answers_before_ack_of_fin(from, segment, at) {
                    self.cue(from, Cue::SentRstPerhaps, at);
                }
            }
            Aim::Exact => {
                if self.holds_only_control() && segment.seq.after(self.ends[from].next) {
                    self.note(from, Fact::OnlyControl, at);
                }
                self.note_kind(from, segment, at, profile);
                if matches!(author, Author::Socket | Author::Perhaps) {
                    self.ends_before_fin(from, segment, at);
                    self.ends_after_fin(from, segment, at);
                    self.ends_before_ack_of_fin(from, segment, at);
                }
                if author == Author::NoSocket {
                    self.answers_before_ack_of_fin(from, segment, at);
                }
                if segment.flags.ack() {
                    self.ends[from].rare().reset_ack = Some(segment.ack);
                }
                self.sender_resets(from, author, at, profile);
                // Who has answered nothing for long is not likely to receive this.
                if !self.is_unresponsive(1 - from) {
                    self.cue(1 - from, Cue::ReceivedRst, at);
                }
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
        let follows_probes = sender.may_only_have_probed() && seq == sender.next.plus(1);
        if follows_probes || expected.contains(&seq) || (sender.marks.has_fin() && seq == sender.fin) {
            return Aim::Exact;
        }
        if self.holds_only_control() && is_in_window(seq, sender.acked, receiver.widest_window()) {
            return Aim::Exact;
        }
        let between = seq.covers(sender.acked) && !seq.after(sender.next);
        if between || is_in_window(seq, sender.acked, receiver.window) { Aim::InWindow } else { Aim::Outside }
    }

    fn note_kind(&mut self, from: Side, segment: &Segment, at: At, profile: &Profile) {
        let to = 1 - from;
        if !segment.flags.ack() {
            self.note(from, Fact::RstNoSocket, at);
            if self.ends[to].marks.said_old_things() {
                self.note(from, Fact::RstAnswersLateSegment, at);
            }
        } else if matches!(self.state_before_resets(from), State::Established | State::CloseWait) {
            let sender = &self.ends[from];
            // Who resets after a probe that nobody answered has given up.
            let gives_up = sender.rare.as_ref().is_some_and(|rare| rare.probes > 0);
            let heard_last = sender.marks.heard_last() && !gives_up;
            let unread = self.ends[to].bytes > 0 && heard_last && !sender.marks.has_fin();
            self.note(from, Fact::RstAborts, at);
            if unread {
                self.note(from, Fact::RstAfterUnreadData, at);
            }
        }
        let slept = self.slept_ns().unsigned_abs();
        if self.woke_ns() == at.time_ns {
            let unheard = self.ends[to].marks.has_space() && self.ends[to].next.after(segment.ack);
            if unheard && segment.flags.ack() {
                self.note_figure(from, Fact::CloseCrossedRequest, slept, at);
            }
        } else if self.woke_ns() != 0
            && at.time_ns - self.woke_ns() < ANSWER
            && self.slept_ns() > profile.idle_gap
        {
            self.note_figure(from, Fact::RstAfterIdle, slept, at);
        }
    }

    /// The state of `side`, or where it was taken for reset, the one before: a reset with an acknowledgement is a socket's
    /// own, whatever has overtaken it.
    fn state_before_resets(&self, side: Side) -> State {
        let presumed = self.log.unproven_grounds(side, Cue::SentRstPerhaps);
        presumed.map_or(self.ends[side].state, |t| t.from)
    }

    /// Nothing arrives after a reset: a FIN that this one does not acknowledge was never accepted.
    fn ends_before_fin(&mut self, from: Side, segment: &Segment, at: At) {
        let other = &self.ends[1 - from];
        if segment.flags.ack() && other.marks.has_fin() && !segment.ack.covers(other.after_fin()) {
            self.cue(from, Cue::StillAcksBeforeFin, at);
        }
    }

    /// What it does acknowledge has arrived, even if that seemed to be lost.
    fn ends_after_fin(&mut self, from: Side, segment: &Segment, at: At) {
        let other = &self.ends[1 - from];
        if segment.flags.ack() && other.marks.has_fin() && segment.ack.covers(other.after_fin()) {
            self.cue(from, Cue::ReceivedFin, at);
        }
    }

    /// The acknowledgement of its own FIN was not accepted either where data came with it that this reset does not
    /// acknowledge.
    fn ends_before_ack_of_fin(&mut self, from: Side, segment: &Segment, at: At) {
        let sender = &self.ends[from];
        let Some(then) = self.presumed_at(from, Cue::ReceivedAckOfFin) else { return };
        let with_data = sender.timed == Tick::of(then);
        if segment.flags.ack() && with_data && !segment.ack.covers(sender.timed_seq) {
            self.cue(from, Cue::ResetBeforeAckOfFin, at);
        }
    }

    /// A host without the connection answers at the number acknowledged: here by a segment that was sent before the
    /// sender's FIN was acknowledged, so it was gone before that. True where that had been presumed.
    fn answers_before_ack_of_fin(&mut self, from: Side, segment: &Segment, at: At) -> bool {
        let sender = &self.ends[from];
        let was_sent = sender.marks.has_iss() && segment.seq.after(sender.iss);
        let is_before = was_sent && sender.marks.has_fin() && !segment.seq.after(sender.fin);
        let Some(then) = self.presumed_at(from, Cue::ReceivedAckOfFin) else { return false };
        is_before && sender.may_have_crossed(then, at.time_ns) && self.cue(from, Cue::GoneBeforeAckOfFin, at)
    }

    fn sender_resets(&mut self, from: Side, author: Author, at: At, profile: &Profile) {
        match author {
            Author::Stranger => {}
            Author::Socket => {
                self.cue(from, Cue::SentRst, at);
            }
            Author::Perhaps => {
                self.cue(from, Cue::SentRstPerhaps, at);
            }
            Author::NoSocket => self.found_without_socket(from, at, profile),
        }
    }

    /// The sender had no such connection when the segment came that it answers: what that segment was taken to have
    /// caused there has not happened.
    fn found_without_socket(&mut self, from: Side, at: At, profile: &Profile) {
        let answered_ns = self.ends[1 - from].last_ns;
        let of_the_answered = |this: &Self, cue| {
            let mut believed = this.log.believed_backward(from);
            believed.any(|t| t.cue == cue && !t.is_proven() && t.time_ns == answered_ns)
        };
        // Who has aborted before had accepted the connection; and of one that was idle for long it is likelier that it was
        // forgotten since than that it was never accepted.
        let forgotten = self.has(from, Fact::RstAborts) || self.has(from, Fact::RstAfterIdle);
        let never_spoke = self.ends[from].bytes == 0 && !forgotten;
        if never_spoke && self.presumes(from, Cue::ReceivedAckOfSyn) {
            self.note(from, Fact::RstAnswersHandshakeAck, at);
            self.cue(from, Cue::GoneBeforeAck, at);
        } else if self.presumes(from, Cue::ReceivedFin) && !self.ends[1 - from].fin_is_acked() {
            self.cue(from, Cue::GoneBeforeFin, at);
        } else if of_the_answered(self, Cue::ReceivedAckOfFin) && !self.answers_data(from, answered_ns) {
            self.cue(from, Cue::GoneBeforeAckOfFin, at);
        }
        let entered = self.grounds(from).filter(|t| t.to == State::FinWait2);
        match entered {
            // An orphan in FIN_WAIT2 goes in silence.
            Some(t) if at.time_ns - t.time_ns > profile.fin_timeout => {
                let over = At { time_ns: t.time_ns + profile.fin_timeout, frame: at.frame };
                self.cue(from, Cue::FinWait2Over, over);
            }
            _ => {
                self.cue(from, Cue::SentRstPerhaps, at);
            }
        }
    }

    /// Whether what `from` was sent last bore data, or follows data that are missing: that draws a reset from a closed
    /// socket as well, which has read the acknowledgement before them.
    fn answers_data(&self, from: Side, answered_ns: i64) -> bool {
        let other = &self.ends[1 - from];
        self.ends[from].timed == Tick::of(answered_ns) || other.contiguous().before(other.next)
    }

    /// Whether `side` has left several probes, or much resent data, without an answer.
    pub(super) fn is_unresponsive(&self, side: Side) -> bool {
        const PROBES: u8 = 3;
        const RESENT: u8 = 5;
        let other = &self.ends[1 - side];
        other.resent() >= RESENT || other.rare.as_ref().is_some_and(|rare| rare.probes >= PROBES)
    }

    /// An end that was taken for reset sends something else. True where it has sent that, a FIN, before the reset could
    /// arrive: the reset is still to come.
    pub(super) fn speaks_after_reset(&mut self, from: Side, segment: &Segment, at: At) -> bool {
        if self.ends[from].state != State::Closed {
            self.speaks_on(from, segment, at);
            return false;
        }
        let Some(end) = self.grounds(from) else { return false };
        let since = at.time_ns - end.time_ns;
        let speaker = &self.ends[from];
        match end.cue {
            Cue::ReceivedRst if speaker.marks.has_iss() || speaker.marks.has_space() => {
                let crossed = if speaker.marks.has_rtt() {
                    speaker.may_have_crossed(end.time_ns + HESITATION, at.time_ns)
                } else {
                    since < UNDER_WAY
                };
                if crossed {
                    let closes = segment.flags.fin() && !speaker.marks.has_fin();
                    return closes && self.cue(from, Cue::SpokeAfterRst, at);
                }
                if self.cue(from, Cue::SpokeAfterRst, at) {
                    self.note(from, Fact::SpokeAfterRst, at);
                }
            }
            Cue::SentRstPerhaps => {
                let other = &self.ends[1 - from];
                // What the reset had acknowledged may be acknowledged by an older segment that it has overtaken.
                let told = speaker.rare.as_ref().and_then(|rare| rare.reset_ack);
                let known = told.map_or(other.acked, |ack| other.acked.later(ack));
                let hears = other.marks.has_space() && segment.ack.after(known);
                let goes_on = self.sends_more(from, segment) || since >= UNDER_WAY;
                if (goes_on || hears) && self.cue(from, Cue::SpokeAfterOwnRst, at) {
                    self.ends[from].rare().doubted_reset_ns = Some(end.time_ns);
                    self.speaks_on(from, segment, at);
                }
            }
            Cue::ReceivedNextSyn => {
                self.cue(from, Cue::SpokeAfterNextSyn, at);
            }
            _ => {}
        }
        false
    }

    fn sends_more(&self, from: Side, segment: &Segment) -> bool {
        let speaker = &self.ends[from];
        speaker.marks.has_space() && segment.seq.plus(segment.payload).after(speaker.next)
    }

    /// After a reset that may not have been its own an end goes on. It proves that by what is new, or comes too late to
    /// have been overtaken by the reset, as a mere acknowledgement may.
    fn speaks_on(&mut self, from: Side, segment: &Segment, at: At) {
        let Some(reset_ns) = self.ends[from].rare.as_ref().and_then(|rare| rare.doubted_reset_ns) else {
            return;
        };
        if at.time_ns - reset_ns >= UNDER_WAY || self.sends_more(from, segment) {
            self.note(from, Fact::SpokeAfterOwnRst, at);
            self.ends[from].rare().doubted_reset_ns = None;
        }
    }

    /// An ICMP error that quotes a segment of `side`, which it is for.
    pub fn icmp(&mut self, side: Side, quoted: Seq, fact: Fact, at: At) {
        const NEAR: u32 = 1 << 24;
        let end = &self.ends[side];
        let ours = !end.marks.has_space() || quoted.since(end.next).unsigned_abs() < NEAR;
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

/// Whether `seq` lies in a window that begins at `start`.
pub(super) const fn is_in_window(seq: Seq, start: Seq, window: u32) -> bool {
    seq.within(start, if window == 0 { 1 } else { window })
}
