//! Resets: whose they are, and whether they have to be accepted (RFC 9293, 3.5.2 and 3.10.7; RFC 5961).
//!
//! A reset is the one segment that others forge as a matter of course. So it moves its sender for certain only where it
//! bears the mark of the sender's own socket; otherwise that is presumed, and undone should the sender go on. One that
//! bears a stranger's marks does not move its supposed sender at all.

use super::aim::{Aim, answers_what_was_under_way, is_own_abort_ahead};
use super::author::{self, Author};
use super::meaning::{Meaning, Purpose};
use super::{Turn, habits, order};
use crate::seq::Seq;
use crate::tcp::connection::{At, Connection, Direction};
use crate::tcp::end::kept::{Aside, Reset};
use crate::tcp::end::tick::Tick;
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{ANSWER, ONE_BREATH, PROBED_OFTEN, RESENT_OFTEN};

/// Notes a reset without ACK that comes too soon after other segments of its sender for the host to have lost the connection
/// meanwhile: if the reset is the sender's own, its application has aborted. Call before the reset is counted.
pub(super) fn note_reset_in_one_breath(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let sender = c.end(from);
    let has_spoken = sender.frames() > 0 && !c.has(from, Fact::RstSent);
    let breath = c.handshake_ns().max(ONE_BREATH);
    if !segment.flags.ack() && has_spoken && at.time_ns - sender.last_ns() < breath {
        c.note(from, Fact::RstRightAfterWords, at);
    }
}

/// Reads a reset.
pub(super) fn read_reset(c: &mut Connection, turn: Turn, meaning: Meaning, profile: &Profile) {
    let Turn { from, segment } = turn;
    let Meaning { author, purpose } = meaning;
    let at = turn.at();
    let ttl = if c.has(from, Fact::RstSent) { 0 } else { u64::from(segment.ttl) };
    c.note_figure(from, Fact::RstSent, ttl, at);
    if author == Author::Stranger {
        c.note(from, Fact::RstLooksForeign, at);
    }
    if !c.end(from).has_borne_ttl(segment.ttl) {
        let ttls = c.end_mut(from).keep_reset_ttl(segment.ttl);
        c.note_figure(from, Fact::RstTtlDiffers, ttls, at);
    }
    note_reason(c, turn);
    match purpose {
        Purpose::RefusesUnseen => refuse_unseen(c, turn),
        Purpose::TurnsAway => turn_away(c, turn),
        Purpose::AnswersSyn => read_answer_to_syn(c, turn, author),
        Purpose::Abandons => abandon(c, from, at),
        Purpose::Ends(Aim::InWindow) => read_challenged(c, turn, author, profile),
        Purpose::Ends(Aim::Outside) => read_outside(c, turn, author),
        Purpose::Ends(Aim::Exact) => end_connection(c, turn, author, profile),
    }
}

/// Notes the reason that a reset gives: a text in its payload (RFC 1122, 4.2.2.12), a number in its options (RFC 8684, 3.6), or
/// one in the place of the window, where hosts write zero;
/// and whether it is a copy of the packet that drew it, including that packet's identification.
fn note_reason(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if segment.payload > 0 {
        c.note_figure(from, Fact::RstWithText, u64::from(segment.payload), at);
    }
    if let Some(reason) = segment.options.mp_reset {
        c.note_figure(from, Fact::RstWithReason, u64::from(reason), at);
    }
    if author::has_code(segment) {
        c.note_figure(from, Fact::RstWithCode, u64::from(segment.window), at);
    }
    if author::copies_packet(c, turn) {
        c.note(from, Fact::RstCopiesPacket, at);
    }
}

/// The reset is everything that was captured: the SYN that it refuses was not.
fn refuse_unseen(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    c.name_client(turn.to(), Direction::SynAck);
    c.end_mut(from).begin_in(State::Closed);
    c.note_figure(from, Fact::Refused, u64::from(segment.ttl), at);
    c.presume_reset(turn.to(), at);
}

/// An end that waits for the answer to its SYN resets what acknowledges something else, at the number acknowledged (RFC 9293,
/// 3.5.1 and 3.5.2): whoever sent that still holds another connection of these ports.
fn turn_away(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let to = turn.to();
    let is_answered = |aside: &Aside| !aside.segment.flags.syn() && aside.segment.ack == segment.seq;
    let waiting = c.end_mut(to).take_aside();
    let (answered, others): (Vec<_>, Vec<_>) = waiting.into_iter().partition(is_answered);
    for aside in others {
        c.end_mut(to).set_aside(aside);
    }
    if let Some(aside) = answered.first() {
        c.note(to, Fact::ChallengeAck, At::of(&aside.segment));
        c.note(from, Fact::RstTurnsAway, turn.at());
    } else {
        c.note(from, Fact::RstOutOfWindow, turn.at());
    }
}

/// A reset for an end in SYN_SENT that acknowledges the SYN.
fn read_answer_to_syn(c: &mut Connection, turn: Turn, author: Author) {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    c.end_mut(to).set_answered(at.time_ns);
    if c.end(from).state() == State::Unknown {
        c.end_mut(from).begin_in(State::Closed);
        c.note_figure(from, Fact::Refused, u64::from(segment.ttl), at);
    } else {
        remember_reset(c, turn);
        if author != Author::Stranger {
            c.apply(from, Cue::SentRstPerhaps, at);
        }
    }
    // Windows tries again with the same SYN after a refusal: that does not tell whether resets arrive.
    c.apply(to, Cue::ReceivedRst, at);
}

fn abandon(c: &mut Connection, from: Side, at: At) {
    c.note(from, Fact::RstAnswersSynAck, at);
    c.apply(from, Cue::AnsweredSynAckWithRst, at);
    c.apply(from, Cue::SentRstPerhaps, at);
    c.presume_reset(from.other(), at);
}

/// A reset in the window, but not exact: its receiver answers it by a challenge ACK (RFC 5961, 3.2).
fn read_challenged(c: &mut Connection, turn: Turn, author: Author, profile: &Profile) {
    let (from, at) = (turn.from, turn.at());
    c.end_mut(turn.to()).await_challenge_ack();
    c.note(from, Fact::RstInWindow, at);
    if is_own_abort_ahead(c, turn, author) {
        note_kind(c, turn, profile);
        remember_reset(c, turn);
        c.apply(from, Cue::SentRstPerhaps, at);
    }
}

/// A reset outside the window: its receiver rejects it, but it may tell something about its sender.
fn read_outside(c: &mut Connection, turn: Turn, author: Author) {
    let (from, at) = (turn.from, turn.at());
    if author != Author::NoSocket || !answers_what_was_under_way(c, turn) {
        c.note(from, Fact::RstOutOfWindow, at);
    }
    if author == Author::NoSocket && retract_ack_of_fin(c, turn) {
        c.apply(from, Cue::SentRstPerhaps, at);
    }
}

/// A reset that its receiver takes.
fn end_connection(c: &mut Connection, turn: Turn, author: Author, profile: &Profile) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if c.holds_only_control() && segment.seq.after(c.end(from).next()) {
        c.note(from, Fact::OnlyControl, at);
    }
    note_kind(c, turn, profile);
    if matches!(author, Author::Socket | Author::Perhaps) {
        retract_unacked_fin(c, turn);
        believe_acked_fin(c, turn);
        retract_ack_with_data(c, turn);
    }
    if author == Author::NoSocket {
        retract_ack_of_fin(c, turn);
    }
    remember_reset(c, turn);
    close_sender(c, from, author, at, profile);
    // An end that has answered nothing for long is unlikely to receive this, unless it has just come back.
    if !is_unresponsive(c, turn.to()) || answers_newcomer(c, turn, profile) {
        c.presume_reset(turn.to(), at);
    }
}

/// Whether the reset bears the acknowledgement number of an end that has heard nothing yet, which is 0, and nothing else of its
/// sender was captured: such an end is still opening, and there is no connection.
fn answers_who_heard_nothing(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    segment.seq == Seq(0) && sender.frames() <= 1 && !sender.marks().has_iss()
}

/// Whether the reset answers at once the first segment after a long silence, and its number is the one acknowledged there.
fn answers_newcomer(c: &Connection, turn: Turn, profile: &Profile) -> bool {
    let (woke, now) = (c.woke_ns(), turn.segment.time_ns);
    let is_prompt = woke != 0 && woke == c.end(turn.to()).last_ns() && now - woke < ANSWER;
    is_prompt && c.slept_ns() > profile.idle_gap && turn.segment.seq == c.end(turn.from).acked()
}

/// A reset that has waited is exact, because the capture leaves out data before it.
pub(super) fn believe_left_out(c: &mut Connection, turn: Turn) {
    let at = turn.at();
    c.note(turn.from, Fact::OnlyControl, at);
    c.note(turn.from, Fact::RstSent, at);
    c.apply(turn.from, Cue::SentRstPerhaps, at);
    c.presume_reset(turn.to(), at);
}

/// Keeps the numbers of the reset that is assumed to have ended its sender.
fn remember_reset(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let next = c.end(from).marks().has_space().then_some(c.end(from).next());
    let ack = segment.flags.ack().then_some(segment.ack);
    let other = c.end(turn.to());
    // Octets that left the tap a moment ago had not arrived when the reset was sent.
    let sent_ns = at.time_ns - c.end(from).timed().until(at.time_ns);
    let is_under_way =
        c.end(from).timed().is_some() && c.end(from).answers_nothing_since(sent_ns, at.time_ns);
    let last = if is_under_way { other.acked() } else { other.next() };
    let heard = other.marks().has_space().then_some(last);
    let is_before_words = answers_asker(c, from);
    c.end_mut(from).keep_reset(Reset { seq: segment.seq, ack, next, heard, is_before_words });
}

/// Whether `from` has answered the SYN of an end that sends it again. A listener's child sends nothing until its SYN-ACK is
/// acknowledged (RFC 9293, 3.10.7.4), except with Fast Open.
pub(super) fn answers_asker(c: &Connection, from: Side) -> bool {
    let (sender, asker) = (c.end(from), c.end(from.other()));
    let waits = sender.state() == State::SynRecv && sender.marks().answered_syn();
    waits
        && asker.state() == State::SynSent
        && !sender.marks().opened_actively()
        && !c.has(from.other(), Fact::FastOpen)
}

fn note_kind(c: &mut Connection, turn: Turn, profile: &Profile) {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    let slept = c.slept_ns().unsigned_abs();
    if !segment.flags.ack() {
        let since = since_called_for(c, turn);
        c.note_figure(from, Fact::RstNoSocket, since, at);
        if c.end(to).marks().said_old_things() {
            c.note(from, Fact::RstAnswersLateSegment, at);
        }
        if answers_who_heard_nothing(c, turn) {
            c.note(from, Fact::RstAnswersHandshakeAck, at);
        }
    } else if matches!(state_before_resets(c, from), State::Established | State::CloseWait)
        || was_open(c, from)
        || has_taken_words_of_syn(c, from)
    {
        let sender = c.end(from);
        // An end that resets after an unanswered probe has given up.
        let gives_up = sender.probes() > 0;
        let heard_last = (sender.marks().heard_last() || has_taken_words_of_syn(c, from)) && !gives_up;
        let unread = has_taken_words(c, turn) && heard_last && !sender.marks().has_fin();
        c.note(from, Fact::RstAborts, at);
        if habits::is_unstamped(c, turn) {
            c.note(from, Fact::RstLeftOutStamps, at);
        }
        if unread {
            // The last pause is the one before the request only if the ends have had no pause since.
            let asked = c.end(to).marks().asked_after_pause() && c.woke_ns() != at.time_ns;
            let silence = if asked { slept } else { 0 };
            c.note_figure(from, Fact::RstAfterUnreadData, silence, at);
        }
    }
    let ends_pause = c.woke_ns() == at.time_ns;
    if !ends_pause && c.woke_ns() != 0 && at.time_ns - c.woke_ns() < ANSWER && c.slept_ns() > profile.idle_gap
    {
        c.note_figure(from, Fact::RstAfterIdle, slept, at);
    }
}

/// Whether a reset acknowledges data of the other end, as far as its opening was captured: not the SYN alone.
fn has_taken_words(c: &Connection, turn: Turn) -> bool {
    let other = c.end(turn.to());
    let took_syn_alone = other.marks().has_iss() && !turn.segment.ack.after(other.iss().plus(1));
    other.bytes() > 0 && !took_syn_alone
}

/// Whether an end in SYN_RECV has acknowledged data that came with the SYN (RFC 7413): they were handed to its application.
fn has_taken_words_of_syn(c: &Connection, from: Side) -> bool {
    let other = c.end(from.other());
    state_before_resets(c, from) == State::SynRecv && other.bytes() > 0 && other.acked() == other.next()
}

/// Whether an end whose opening was not captured has acknowledged data before: it was open, though it never sent data.
fn was_open(c: &Connection, from: Side) -> bool {
    let end = c.end(from);
    let knew_nothing = state_before_resets(c, from) == State::Unknown && !end.marks().has_iss();
    knew_nothing && end.marks().has_space() && end.marks().ack_advanced()
}

/// How long before it the segment came that a bare reset answers, in ns. 0 if another such reset came before it, or if its number
/// is not the last that the other end has acknowledged.
fn since_called_for(c: &Connection, turn: Turn) -> u64 {
    let Turn { from, segment } = turn;
    let is_first = !c.has(from, Fact::RstNoSocket) && segment.seq == c.end(from).acked();
    let since_ns = segment.time_ns - c.end(turn.to()).last_ns();
    if is_first { since_ns.max(1).unsigned_abs() } else { 0 }
}

/// The state of `side`, or the state before a reset if it was taken for reset: a reset with an acknowledgement is a socket's
/// own, whatever has overtaken it.
fn state_before_resets(c: &Connection, side: Side) -> State {
    let presumed = c.log().unproven_grounds(side, Cue::SentRstPerhaps);
    presumed.map_or(c.end(side).state(), |t| t.from)
}

/// Nothing arrives after a reset: a FIN that this reset does not acknowledge was never accepted.
fn retract_unacked_fin(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let other = c.end(from.other());
    if segment.flags.ack() && other.marks().has_fin() && !segment.ack.covers(other.after_fin()) {
        c.apply(from, Cue::StillAcksBeforeFin, at);
    }
}

/// Everything that the reset acknowledges has arrived, even if it seemed to be lost.
fn believe_acked_fin(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let other = c.end(from.other());
    if segment.flags.ack() && other.marks().has_fin() && segment.ack.covers(other.after_fin()) {
        c.apply(from, Cue::ReceivedFin, at);
    }
}

/// The acknowledgement of its own FIN was not accepted either, if it came with data that this reset does not acknowledge.
fn retract_ack_with_data(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let sender = c.end(from);
    let Some(then) = c.presumed_at(from, Cue::ReceivedAckOfFin) else { return };
    let with_data = sender.timed() == Tick::of(then);
    if segment.flags.ack() && with_data && !segment.ack.covers(sender.timed_seq()) {
        c.apply(from, Cue::ResetBeforeAckOfFin, at);
    }
}

/// A host without the connection answers at the number acknowledged. Here the number is that of a segment that was sent before
/// the sender's FIN was acknowledged, so the host had lost the connection before that. Returns true where that had been
/// presumed.
fn retract_ack_of_fin(c: &mut Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let sender = c.end(from);
    let was_sent = sender.marks().has_iss() && segment.seq.after(sender.iss());
    let is_before = was_sent && sender.marks().has_fin() && !segment.seq.after(sender.fin());
    let Some(then) = c.presumed_at(from, Cue::ReceivedAckOfFin) else { return false };
    is_before && sender.may_have_crossed(then, at.time_ns) && c.apply(from, Cue::GoneBeforeAckOfFin, at)
}

fn close_sender(c: &mut Connection, from: Side, author: Author, at: At, profile: &Profile) {
    match author {
        Author::Stranger => {}
        Author::Socket => {
            c.apply(from, Cue::SentRst, at);
        }
        Author::Perhaps => {
            c.apply(from, Cue::SentRstPerhaps, at);
        }
        Author::NoSocket => find_without_socket(c, from, at, profile),
    }
}

/// The reset's sender had no such connection when the segment came that the reset answers: the assumed effects of that segment
/// did not happen.
fn find_without_socket(c: &mut Connection, from: Side, at: At, profile: &Profile) {
    // It has said so itself, in answer to the challenge that its new SYN drew.
    let found_gone = c.grounds(from).is_some_and(|t| t.cue == Cue::FoundGone && t.frame == at.frame);
    let answered_ns = c.end(from.other()).last_ns();
    // Such a host answers at once.
    let is_prompt = order::may_take_until(c, answered_ns, at);
    let of_the_answered = |c: &Connection, cue| {
        let mut believed = c.log().believed_backward(from);
        is_prompt && believed.any(|t| t.cue == cue && !t.is_proven() && t.time_ns == answered_ns)
    };
    // An end that has aborted had accepted the connection. And of a connection that was idle for long it is likelier that the
    // host has forgotten it than that it never accepted it.
    let forgotten = c.has(from, Fact::RstAborts) || c.has(from, Fact::RstAfterIdle);
    let never_spoke = c.end(from).bytes() == 0 && !forgotten;
    if never_spoke && c.presumes(from, Cue::ReceivedAckOfSyn) {
        c.note(from, Fact::RstAnswersHandshakeAck, at);
        c.apply(from, Cue::GoneBeforeAck, at);
    } else if c.presumes(from, Cue::ReceivedFin) && !c.end(from.other()).fin_is_acked() {
        c.apply(from, Cue::GoneBeforeFin, at);
    } else if of_the_answered(c, Cue::ReceivedAckOfFin) && !is_answer_to_data(c, from, answered_ns) {
        c.apply(from, Cue::GoneBeforeAckOfFin, at);
    }
    let entered = c.grounds(from).filter(|t| t.to == State::FinWait2);
    match entered {
        // An orphan in FIN_WAIT2 vanishes without a packet.
        Some(t) if at.time_ns - t.time_ns > profile.fin_timeout => {
            let over = At { time_ns: t.time_ns + profile.fin_timeout, frame: at.frame };
            c.apply(from, Cue::FinWait2Over, over);
        }
        _ => {
            c.apply(from, if found_gone { Cue::FoundGone } else { Cue::SentRstPerhaps }, at);
        }
    }
}

/// Whether the last segment sent to `from` bore data, or follows data that are missing: data draw a reset also from a closed
/// socket, which has read the acknowledgement before them.
fn is_answer_to_data(c: &Connection, from: Side, answered_ns: i64) -> bool {
    let other = c.end(from.other());
    c.end(from).timed() == Tick::of(answered_ns) || other.contiguous().before(other.next())
}

/// Whether `side` has left several probes, or much resent data, without an answer.
pub(super) fn is_unresponsive(c: &Connection, side: Side) -> bool {
    let other = c.end(side.other());
    other.resent() >= RESENT_OFTEN || other.probes() >= PROBED_OFTEN
}
