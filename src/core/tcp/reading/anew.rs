//! A SYN on known addresses and ports: this connection's own, a stray, or the beginning of the next one.

use super::acceptance::Answer;
use super::again::{self, Again};
use super::habits::{fingerprint, is_recent};
use super::nearness::{far, is_near};
use super::{Turn, acceptance, habits, opening, unopened};
use crate::segment::Segment;
use crate::seq::Seq;
use crate::tcp::connection::{Connection, Stray};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{
    FAR, LONG_WAY, NEARER, SHORTEST_RTO, SYN_MEANT, UNDER_WAY, UNSCALED_WINDOW,
};

/// Where a segment belongs.
#[derive(Clone, Debug)]
pub enum Belongs {
    /// To this connection.
    Here,
    /// To the incarnation before it.
    Before,
    /// To the next incarnation, which it begins.
    Next,
    /// To the next incarnation, which began with the SYN given.
    NextSince(Box<Stray>),
}

/// The incarnation before, in short: each end's initial sequence number, and the number it would send next.
#[derive(Clone, Copy, Debug, Default)]
pub struct Past([(Option<Seq>, Option<Seq>); 2]);

impl Past {
    /// The short form of `connection`.
    #[must_use]
    pub fn of(connection: &Connection) -> Self {
        Self(connection.ends().each_ref().map(numbers))
    }

    fn has_begun_with(&self, side: Side, seq: Seq) -> bool {
        self.0[side].0 == Some(seq)
    }

    /// Whether a segment acknowledges what is far from all that `side` had sent.
    fn is_far_from(&self, side: Side, segment: &Segment) -> bool {
        let next = self.0[side].1.filter(|_| segment.flags.ack());
        next.is_some_and(|next| far(segment.ack, next) >= FAR)
    }

    /// Whether `ack` acknowledges the SYN of `side`, and no more than it had sent.
    fn is_answered_by(&self, side: Side, ack: Seq) -> bool {
        matches!(self.0[side], (Some(iss), Some(next)) if ack.covers(iss.plus(1)) && !ack.after(next))
    }
}

fn numbers(end: &Endpoint) -> (Option<Seq>, Option<Seq>) {
    (end.marks().has_iss().then_some(end.iss()), end.marks().has_space().then_some(end.next()))
}

/// Assigns `segment`, on this connection's addresses and ports, to the incarnation that it belongs to.
pub(super) fn assign(c: &mut Connection, turn: Turn, before: Option<&Past>, profile: &Profile) -> Belongs {
    let segment = turn.segment;
    if acceptance::is_malformed_syn(segment) || acceptance::is_damaged(c, turn) {
        return Belongs::Here;
    }
    if segment.flags.syn() {
        return if segment.flags.ack() {
            syn_ack_belongs(c, turn, before)
        } else {
            syn_belongs(c, turn, before, profile)
        };
    }
    if before.is_some_and(|before| is_late(c, turn, before)) {
        return Belongs::Before;
    }
    let goes_on = |stray: &Stray| {
        goes_on_from(stray, turn) || has_taken_follow(c, stray, turn) || again::is_played_on(c, stray, turn)
    };
    if c.stray().is_some_and(goes_on) {
        return c.take_stray().map_or(Belongs::Here, Belongs::NextSince);
    }
    if c.stray().is_some_and(|stray| unopened::answers(c, stray, turn)) {
        return unopened::take(c).map_or(Belongs::Here, Belongs::NextSince);
    }
    keep_follow(c, turn);
    read_answer_to_challenge(c, turn);
    Belongs::Here
}

fn syn_belongs(c: &mut Connection, turn: Turn, before: Option<&Past>, profile: &Profile) -> Belongs {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(from.other()));
    if sender.marks().has_iss() && sender.iss() == segment.seq {
        return match again::kind(c, turn, profile) {
            Again::Copy => Belongs::Here,
            Again::Next => Belongs::Next,
            Again::LockedOut => stray_syn(c, turn),
        };
    }
    if before.is_some_and(|before| before.has_begun_with(from, segment.seq)) {
        return Belongs::Before;
    }
    if sender.has_begun_shortly_before(segment.seq) {
        return Belongs::Here;
    }
    let untouched = sender.frames() == 0 && !sender.marks().has_space();
    if untouched && matches!(receiver.state(), State::SynSent | State::Unknown) && receiver.marks().has_iss()
    {
        return Belongs::Here; // simultaneous open
    }
    let goes_on = sender.marks().has_space() && far(segment.seq, sender.next()) <= 1;
    let has_waited = sender.state() == State::TimeWait && !is_near(sender, segment.seq);
    let sender_is_free = has_waited
        || matches!(sender.state(), State::Closed | State::SynSent | State::Listen)
        || (sender.state() == State::Unknown
            && (!sender.marks().has_space() || matches!(receiver.state(), State::Unknown | State::Closed)));
    let receiver_is_free =
        matches!(receiver.state(), State::Closed | State::TimeWait | State::Listen) && sender.frames() > 0;
    // In TIME_WAIT only a SYN beyond the old numbers is acceptable (RFC 9293, 3.10.7.4; RFC 6191).
    let refused = receiver.state() == State::TimeWait
        && sender.marks().has_space()
        && !segment.seq.after(sender.next());
    let is_doubted = is_told_gone(c, turn);
    if (sender_is_free || receiver_is_free)
        && !refused
        && !is_doubted
        && (!goes_on || has_only_asked(c, from))
        && !turns_round(c, turn, profile)
    {
        return Belongs::Next;
    }
    stray_syn(c, turn)
}

/// Whether all that is here of a connection is an acknowledgement of `from`, and the reset that it drew of a host without a
/// socket: what comes next from there begins anew, though it bears the number of that acknowledgement. A firewall that has an
/// old connection in its table makes such an acknowledgement of the first SYN, to see whether the server has it as well.
fn has_only_asked(c: &Connection, from: Side) -> bool {
    let (sender, receiver) = (c.end(from), c.end(from.other()));
    let is_over =
        matches!(sender.state(), State::Closed | State::Unknown) && receiver.state() == State::Closed;
    is_over
        && (sender.frames(), receiver.frames()) == (1, 1)
        && sender.bytes() == 0
        && !sender.marks().has_iss()
        && c.has(from.other(), Fact::RstNoSocket)
}

/// Whether a SYN of `from` bears the number of an acknowledgement that is all that was captured of it before.
#[must_use]
pub fn has_come_as_ack(c: &Connection, from: Side, segment: &Segment) -> bool {
    has_only_asked(c, from) && segment.flags.syn() && far(segment.seq, c.end(from).next()) <= 1
}

/// Whether a SYN comes from the server of a connection that was just there: servers hardly ever call back from that port, but
/// anyone may forge it. An answer to it, or a copy, decides.
fn turns_round(c: &Connection, turn: Turn, profile: &Profile) -> bool {
    let is_server = turn.from != c.client() && c.end(turn.from).marks().answered_syn();
    is_server && turn.segment.time_ns - c.last_ns() < profile.time_wait
}

/// Whether the only sign that a SYN's sender is gone is a reset on its way to it, and the SYN lacks the marks of its packets:
/// whoever forged the reset may have forged the SYN.
fn is_told_gone(c: &Connection, turn: Turn) -> bool {
    c.log().unproven_grounds(turn.from, Cue::ReceivedRst).is_some() && habits::is_foreign(c, turn)
}

/// Whether a SYN of `from` goes beyond all that it has sent here: in TIME_WAIT that is accepted.
pub(super) fn is_beyond(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    !segment.flags.ack() && sender.marks().has_space() && segment.seq.after(sender.next())
}

fn stray_syn(c: &mut Connection, turn: Turn) -> Belongs {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if let Some(stray) = c.stray()
        && !stray.segment.flags.ack()
        && stray.side == from
        && stray.segment.seq == segment.seq
    {
        let age_ns = segment.time_ns - stray.segment.time_ns;
        if fingerprint(segment) == fingerprint(&stray.segment) && is_recent(segment, age_ns) {
            return Belongs::Here; // the capture holds it twice
        }
        if age_ns >= SYN_MEANT || c.end(from).state() == State::Closed {
            return c.take_stray().map_or(Belongs::Next, Belongs::NextSince);
        }
        return Belongs::Here;
    }
    let silent_ns = if c.end(from).frames() > 0 { segment.time_ns - c.end(from).last_ns() } else { 0 };
    c.note_figure(from, Fact::StraySyn, silent_ns.max(0).unsigned_abs(), at);
    c.keep_stray(from, segment);
    Belongs::Here
}

fn syn_ack_belongs(c: &mut Connection, turn: Turn, before: Option<&Past>) -> Belongs {
    let Turn { from, segment } = turn;
    let to = turn.to();
    // An answer to the stray SYN, or one in its name, as in a simultaneous open.
    let answers_exactly = c.end(to).marks().has_iss() && segment.ack == c.end(to).iss().plus(1);
    if let Some(stray) = c.stray()
        && !stray.segment.flags.ack()
        && ((stray.side == to && stray.is_acked_by(segment.ack))
            || (stray.side == from && segment.seq == stray.segment.seq && answers_exactly))
        && !is_near(c.end(stray.side), stray.segment.seq)
        && !again::answers_first(c, turn)
    {
        if stray.side == to && is_doubtful_answer(c, stray, turn) {
            // An open end answers a SYN by a challenge (RFC 9293, 3.10.7.4): it is forged, or another host's behind the same
            // address, or this one has lost the connection.
            c.keep_answer(segment);
            c.note(from, Fact::UnaskedSynAck, turn.at());
            return Belongs::Here;
        }
        return c.take_stray().map_or(Belongs::Next, Belongs::NextSince);
    }
    if c.stray().is_some_and(|stray| again::is_played_by_both(c, stray, turn)) {
        return c.take_stray().map_or(Belongs::Next, Belongs::NextSince);
    }
    let (sender, receiver) = (c.end(from), c.end(to));
    if answers_syn(c, turn) || (sender.marks().has_iss() && sender.iss() == segment.seq) {
        return Belongs::Here;
    }
    let is_old =
        |before: &Past| before.has_begun_with(from, segment.seq) || before.is_answered_by(to, segment.ack);
    if before.is_some_and(is_old) {
        return Belongs::Before;
    }
    // For a client that waits for another answer it is a stray (RFC 9293, 3.5, Figure 8). Otherwise its SYN was not captured,
    // and it cannot be this connection's SYN, unless nothing is known of that.
    let waits_itself = sender.state() == State::SynSent && sender.marks().opened_actively();
    if receiver.state() == State::SynSent || (waits_itself && sender.frames() > 0) {
        return Belongs::Here;
    }
    let asked_itself = from == c.client() && sender.marks().opened_actively();
    if (c.is_closed() && !asked_itself) || receiver.frames() == 0 {
        return Belongs::Next; // nothing is to be harmed, or what would decide is out of sight
    }
    if c.is_closed()
        || receiver.marks().has_iss()
        || sender.state().is_over()
        || sender.state().is_synchronized()
    {
        return keep_unasked(c, turn);
    }
    Belongs::Here
}

/// Whether a SYN,ACK answers a SYN in the name of an open end, which would challenge that: it bears a TTL that was never seen of
/// the end, or the end has just been heard. Who sends it again keeps a socket for it.
fn is_doubtful_answer(c: &Connection, stray: &Stray, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let comes_again = stray
        .answer
        .is_some_and(|answer| answer.seq == segment.seq && segment.time_ns - answer.time_ns >= SHORTEST_RTO);
    let has_just_spoken = segment.time_ns - sender.last_ns() < LONG_WAY;
    let is_odd = has_just_spoken || !sender.has_borne_ttl(segment.ttl);
    sender.state().is_synchronized() && is_odd && !comes_again
}

/// A SYN,ACK that answers no SYN of this connection draws a challenge ACK and changes nothing (RFC 5961, 4.2). But if the
/// capture lacks the SYN of the next connection, the client goes on from this SYN,ACK.
fn keep_unasked(c: &mut Connection, turn: Turn) -> Belongs {
    c.note(turn.from, Fact::UnaskedSynAck, turn.at());
    let sender = c.end(turn.from);
    let is_free = c.stray().is_none_or(|stray| !stray.segment.flags.syn());
    if is_free && !is_near(sender, turn.segment.seq) {
        c.keep_stray(turn.from, turn.segment);
    }
    Belongs::Here
}

/// Whether a segment goes on from the SYN,ACK given, or from the SYN,ACK that answered the SYN given, whichever end sent it.
fn goes_on_from(stray: &Stray, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (side, told) = match &stray.answer {
        _ if !stray.segment.flags.syn() => return false,
        _ if stray.segment.flags.ack() => (stray.side, &stray.segment),
        Some(answer) => (stray.side.other(), answer),
        None => return false,
    };
    let (first, answer) = (told.seq.plus(1), told.ack);
    let (seq, ack) = if from == side { (first, answer) } else { (answer, first) };
    segment.flags.ack() && !segment.flags.rst() && segment.seq == seq && segment.ack == ack
}

/// Keeps a segment that goes on from a SYN as if that had been answered, by a SYN,ACK that was not captured: it acknowledges
/// what is far from all that the other end has sent here.
pub(super) fn keep_follow(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let other = c.end(turn.to());
    let follows =
        |stray: &Stray| stray.side == from && !stray.segment.flags.ack() && stray.is_acked_by(segment.seq);
    let is_far = other.marks().has_space() && !is_near(other, segment.ack);
    let opens = segment.flags.ack() && !segment.flags.rst() && is_far;
    if opens && c.stray().is_some_and(follows) {
        c.keep_follow(segment);
    }
}

/// Whether the other end goes on from what followed the SYN given: from the number that this acknowledges, or a little beyond,
/// and it acknowledges what comes behind the SYN.
pub(super) fn has_taken_follow(c: &Connection, stray: &Stray, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let Some(follow) = stray.follow.filter(|_| stray.side != from) else { return false };
    let is_behind =
        |seq: Seq, first: Seq| seq.covers(first) && seq.since(first).unsigned_abs() <= UNSCALED_WINDOW;
    segment.flags.ack()
        && !segment.flags.rst()
        && is_behind(segment.seq, follow.ack)
        && is_behind(segment.ack, follow.seq)
        && !is_near(c.end(stray.side), stray.segment.seq)
        && !is_near(c.end(from), segment.seq)
}

/// Whether a segment without SYN is a late one of the incarnation before.
fn is_late(c: &Connection, turn: Turn, before: &Past) -> bool {
    let Turn { from, segment } = turn;
    let to = turn.to();
    let Some(there) = before.0[from].1.map(|next| far(segment.seq, next)) else {
        // Nothing of the sender was known there, except perhaps which SYN it would acknowledge.
        let is_heard_first = !c.end(from).marks().has_space() && !answers_syn(c, turn);
        return is_heard_first && segment.flags.ack() && before.is_answered_by(to, segment.ack);
    };
    match numbers(c.end(from)).1.map(|next| far(segment.seq, next)) {
        // Nothing of the sender is known here, except perhaps which SYN it would acknowledge. It acknowledges nothing there, either,
        // where another host behind the same address has had these ports meanwhile.
        None => !answers_syn(c, turn) && there < FAR && !before.is_far_from(to, segment),
        Some(here) => {
            let is_nearer =
                there < here && here > FAR.min(there.saturating_mul(NEARER).max(1)) && there < FAR;
            is_nearer && !acknowledges_here(c, turn, before)
        }
    }
}

/// Whether a segment acknowledges what the other end has sent on this connection, and what is further from all that it had sent on
/// the one before: a sender that chose its first number near to its last one skips what was lost, and is not late.
fn acknowledges_here(c: &Connection, turn: Turn, before: &Past) -> bool {
    let (to, ack) = (turn.to(), turn.segment.ack);
    let (Some(iss), Some(next)) = numbers(c.end(to)) else { return false };
    let is_here = turn.segment.flags.ack() && ack.after(iss) && !ack.after(next);
    is_here && before.0[to].1.is_some_and(|there| far(ack, there) > far(ack, next))
}

/// Whether a segment acknowledges the SYN of this connection, and no more than was sent with it.
#[inline]
pub(super) fn answers_syn(c: &Connection, turn: Turn) -> bool {
    turn.segment.flags.ack() && opening::is_ack_of_syn(c, turn.to(), turn.segment.ack)
}

/// The sender of a stray SYN either answers the challenge with a reset, and then has lost this connection; or it goes on with
/// the connection, and then the SYN was not its own.
fn read_answer_to_challenge(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let Some(stray) = c.stray().filter(|stray| stray.segment.flags.syn()) else { return };
    if !segment.flags.rst() && acceptance::judge(c, turn) != Answer::Accept {
        return; // its receiver throws it away, and anyone may have sent it
    }
    if stray.side != from {
        let asker = c.end(turn.to());
        // It may answer the very octets that it acknowledges for the first time.
        let is_due = !segment.ack.after(asker.acked()) || at.time_ns - asker.asked_ns() > UNDER_WAY;
        if !segment.flags.rst() && segment.payload == 0 && !segment.flags.fin() && is_due {
            c.note(from, Fact::ChallengeAck, at);
        }
        return;
    }
    if !segment.flags.rst() {
        c.note(from, Fact::SpokeAfterOwnSyn, at);
        c.take_stray();
    } else if !segment.flags.ack()
        && segment.seq == c.end(from).acked()
        && c.has(turn.to(), Fact::ChallengeAck)
    {
        c.apply(from, Cue::FoundGone, at);
    }
}

impl Endpoint {
    /// Whether a SYN's number lies shortly before the known numbers of a stream whose opening was not captured: the network has
    /// made a copy of it. The next connection would begin there by chance, once in thousands of times.
    pub(super) fn has_begun_shortly_before(&self, seq: Seq) -> bool {
        !self.marks().has_iss()
            && self.marks().has_space()
            && seq.before(self.next())
            && far(seq, self.next()) < FAR
    }
}
