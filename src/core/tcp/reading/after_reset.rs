//! After a reset: an end that was taken for reset goes on, so it did not accept the reset, or never sent it.

use super::acceptance::end_of;
use super::{Turn, habits, order};
use crate::tcp::connection::entry::Transition;
use crate::tcp::connection::{At, Connection};
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{HESITATION, UNDER_WAY};

/// An end that was taken for reset sends something else. Returns true where this segment, a FIN, was sent before the reset
/// could arrive: then the reset is still to come.
pub(super) fn read_words_after_reset(c: &mut Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if c.end(from).state() != State::Closed {
        settle_doubted_reset(c, turn);
        return false;
    }
    let Some(end) = c.grounds(from) else { return false };
    let since = at.time_ns - end.time_ns;
    let speaker = c.end(from);
    match end.cue {
        Cue::ReceivedRst if speaker.marks().has_iss() || speaker.marks().has_space() => {
            if is_bare_and_foreign(c, turn) {
                return false;
            }
            let crossed = if answers_what_came_since(c, turn, end.time_ns) || takes_what_came_since(c, turn) {
                false
            } else if speaker.marks().has_rtt() {
                speaker.may_have_crossed(end.time_ns + HESITATION, at.time_ns)
            } else {
                since < UNDER_WAY
            };
            if crossed {
                let closes = segment.flags.fin() && !speaker.marks().has_fin();
                return closes && c.apply(from, Cue::SpokeAfterRst, at);
            }
            if c.apply(from, Cue::SpokeAfterRst, at) {
                c.note(from, Fact::SpokeAfterRst, at);
                believe_fins_since(c, turn);
            }
        }
        Cue::SentRstPerhaps => {
            let other = c.end(from.other());
            // An older segment that the reset has overtaken may acknowledge as much as the reset did.
            // A reset that acknowledged what was never sent tells nothing.
            let told =
                speaker.last_reset().and_then(|reset| reset.ack).filter(|ack| !ack.after(other.next()));
            let known = told.map_or(other.acked(), |ack| other.acked().later(ack));
            let hears = other.marks().has_space() && segment.ack.after(known);
            let is_late = since >= UNDER_WAY && !ends_where_the_reset_begins(c, turn);
            let is_open = is_late || is_new(c, turn) || closes_elsewhere(c, turn);
            if (is_open || hears) && c.apply(from, Cue::SpokeAfterOwnRst, at) {
                c.end_mut(from).doubt_reset(end.time_ns);
                believe_fins_since(c, turn);
                refute_reset_ahead(c, turn);
                settle_doubted_reset(c, turn);
            }
        }
        // An end with no connection left sends only resets.
        Cue::SynGivenUp | Cue::SynAckGivenUp | Cue::FinGivenUp => {
            c.apply(from, Cue::RetriedAfterAll, at);
        }
        Cue::ReceivedNextSyn => {
            c.apply(from, Cue::SpokeAfterNextSyn, at);
        }
        Cue::SentNextSyn if c.apply(from, Cue::SpokeAfterOwnNextSyn, at) => believe_fins_since(c, turn),
        _ => {}
    }
    false
}

/// Whether a segment carries nothing and lacks the marks of its sender's packets: anyone may have sent it.
fn is_bare_and_foreign(c: &Connection, turn: Turn) -> bool {
    let segment = turn.segment;
    segment.payload == 0 && !segment.flags.fin() && !segment.flags.syn() && habits::is_foreign(c, turn)
}

/// While the end was taken for closed, it may have sent its FIN, and may have received the other's FIN and the acknowledgement
/// of its own.
fn believe_fins_since(c: &mut Connection, turn: Turn) {
    let (from, to, at) = (turn.from, turn.to(), turn.at());
    let (own_ns, others_ns) = (c.end(from).asked_ns(), c.end(to).asked_ns());
    let may_arrive = order::is_too_soon_for(c, from, others_ns, at);
    let is_there = may_arrive || c.end(to).fin_is_covered_by(turn.segment.ack);
    let has_others = c.end(to).marks().fin_delivered() && is_there;
    let is_first = !has_others || own_ns <= others_ns;
    if has_others && !is_first {
        c.apply(from, Cue::ReceivedFin, At { time_ns: others_ns, ..at });
    }
    if c.end(from).marks().has_fin() {
        c.apply(from, Cue::SentFinPerhaps, At { time_ns: own_ns, ..at });
    }
    if c.end(from).fin_is_acked() {
        c.presume(from, Cue::ReceivedAckOfFin, at);
    }
    if has_others && is_first {
        c.apply(from, Cue::ReceivedFin, At { time_ns: others_ns, ..at });
    }
}

/// Whether a segment acknowledges a SYN-ACK that was captured after the instant given: the segment was sent after that.
fn answers_what_came_since(c: &Connection, turn: Turn, then_ns: i64) -> bool {
    let Turn { from, segment } = turn;
    let other = c.end(from.other());
    let came_since = |t: Transition| t.cue == Cue::SentSynAck && t.time_ns > then_ns;
    other.marks().answered_syn()
        && segment.ack.after(other.iss())
        && c.log().believed_backward(from.other()).any(came_since)
}

/// Whether a segment acknowledges octets that were captured after the reset, and that lie beyond the reset's number: the reset
/// was not accepted, for nobody takes octets after a reset that was.
fn takes_what_came_since(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let other = c.end(from.other());
    let Some(reset) = other.last_reset() else { return false };
    let is_sent = !segment.ack.after(other.next());
    // A reset far from the window, or before the first word, tells nothing of what was sent before it.
    let window = c.end(from).widest_window();
    let tells_nothing = |next| reset.is_before_words || !reset.seq.within(next, window);
    let is_beyond = |next| segment.ack.after(next) && (segment.ack.after(reset.seq) || tells_nothing(next));
    segment.flags.ack() && is_sent && reset.next.is_some_and(is_beyond)
}

/// The reset in the name of an end that goes on bore a number ahead of the next one: the other end did not accept it.
fn refute_reset_ahead(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let speaker = c.end(from);
    let reset = speaker.last_reset();
    let next = speaker.next().later(end_of(segment));
    if speaker.marks().has_space() && reset.is_some_and(|reset| reset.seq.after(next)) {
        c.apply(turn.to(), Cue::ResetWasAhead, turn.at());
    }
}

/// Whether a segment bears octets, or a FIN, that were not captured before, and leaves out none. A reset bears the number that
/// follows all those which it may have overtaken.
fn is_new(c: &Connection, turn: Turn) -> bool {
    let reset = c.end(turn.from).last_reset();
    let is_overtaken = reset.is_some_and(|reset| reset.seq.covers(end_of(turn.segment)));
    goes_on(c, turn) && !is_overtaken
}

/// Whether a segment bears a FIN right behind what its sender has sent, and not right before the number of the reset in its
/// name: nothing follows a FIN, so one of the two is somebody else's.
fn closes_elsewhere(c: &Connection, turn: Turn) -> bool {
    let reset = c.end(turn.from).last_reset();
    let closes = turn.segment.flags.fin() && goes_on(c, turn);
    closes && reset.is_some_and(|reset| reset.seq != end_of(turn.segment))
}

/// Whether a segment bears octets, or a FIN, beyond all that its sender has sent, and leaves out none.
fn goes_on(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let speaker = c.end(from);
    let is_next = speaker.marks().has_space() && !segment.seq.after(speaker.next());
    is_next && end_of(segment).after(speaker.next())
}

/// Whether a segment bears octets that were not captured before, and ends at the very number of the reset: whoever made the
/// reset knew of them, so they were sent before it, however late they come.
fn ends_where_the_reset_begins(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let speaker = c.end(from);
    let is_first_copy = speaker.marks().has_space() && end_of(segment).after(speaker.next());
    is_first_copy && speaker.last_reset().is_some_and(|reset| reset.seq == end_of(segment))
}

/// An end goes on after a reset that may not have been its own. It proves that by new octets, by an acknowledgement of what was
/// captured since, or by coming too late for the reset to have overtaken it.
fn settle_doubted_reset(c: &mut Connection, turn: Turn) {
    let from = turn.from;
    let at = turn.at();
    let Some(reset_ns) = c.end(from).doubted_reset_ns() else {
        return;
    };
    if habits::is_foreign(c, turn) {
        return; // who forges a reset may forge words, too
    }
    let is_late = at.time_ns - reset_ns >= UNDER_WAY && !ends_where_the_reset_begins(c, turn);
    if is_late || is_new(c, turn) || takes_what_came_after_own(c, turn) {
        c.note(from, Fact::SpokeAfterOwnRst, at);
        c.end_mut(from).settle_doubted_reset();
    }
}

/// Whether a segment acknowledges octets that were captured after the reset in its sender's name: the segment was sent after
/// that.
fn takes_what_came_after_own(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (speaker, other) = (c.end(from), c.end(from.other()));
    let heard = speaker.last_reset().and_then(|reset| reset.heard);
    let is_sent = !segment.ack.after(other.next());
    segment.flags.ack() && is_sent && heard.is_some_and(|heard| segment.ack.after(heard))
}
