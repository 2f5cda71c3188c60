//! Order: which of two ends closed first. The wire shows when a FIN was sent, but not when its sender closed: that end queues
//! the FIN behind the octets still to be sent, and is in FIN_WAIT1 at once (RFC 9293, 3.10.4). A full window, the other end's
//! or the congestion window, may hold the FIN back for long (RFC 5681, 3.1).

use super::{Turn, alone, habits};
use crate::segment::Segment;
use crate::seq::Seq;
use crate::tcp::connection::{At, Connection};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::kept::Fin;
use crate::tcp::end::marks::{Tail, mark, owns};
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{
    HELD_BACK, HESITATION, IN_ONE_GO, LATE_BY_TAP, LEAST_SENT, LONG_WAY, LONG_WAY_TRIPS, NEARBY, OPTIONS,
    PACED, SMALL, SPREAD, UNDER_WAY, USUAL_SCALE,
};

owns!(FinCrossed, FinPastMissing, OwedSinceFin);

/// Notes whether this segment's FIN meets octets of the other end behind which another FIN may wait: the segment does not
/// acknowledge all of them, or they may have filled a window until now. Behind a window of less than a segment a FIN may wait
/// even if nothing is owed, and so it may behind octets that are queued: pacing holds them back after all is acknowledged, too.
/// Call before the segment's own acknowledgement is read.
pub(super) fn note_owed(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (closer, other) = (c.end(from), c.end(turn.to()));
    if !segment.flags.fin() || closer.marks().has_fin() || other.marks().has_fin() {
        return;
    }
    let owed = other.unacknowledged();
    let left = other.next().since(segment.ack).max(0).unsigned_abs();
    let has_more = may_have_more(c, turn);
    let may_wait = owed > 0 || has_more || is_narrow(closer, closer.window(), owed);
    let is_shut = is_narrow(closer, closer.window_in(segment), left);
    if !may_wait && !is_shut {
        return;
    }
    if left > 0 || is_shut || has_more || may_fill_window(c, from, owed) {
        c.end_mut(turn.to()).set_mark(mark::OwedSinceFin, true, ME);
    }
}

/// Data sent some time after everything before them was acknowledged were not waiting. Octets that were sent before the other's
/// FIN arrived may have filled a window, and a FIN may wait behind them. Call before the segment is placed.
pub(super) fn settle_owed(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (sender, closer) = (c.end(from), c.end(turn.to()));
    let is_new = (segment.payload > 0 || segment.flags.fin()) && segment.seq.covers(sender.next());
    if !is_new {
        return;
    }
    let had_it_ready = has_it_ready(c, turn);
    let owes = if had_it_ready {
        true
    } else if sender.marks().owes_since_fin() {
        is_held_back(c, from, turn.at())
    } else {
        let sets_out_before = closer.marks().has_fin() && !segment.ack.covers(closer.after_fin());
        // If the tap is near the closer, each segment is acknowledged at once. An end that sends a full segment may have more.
        let is_full = segment.payload >= least_full(sender, closer).saturating_sub(OPTIONS);
        let owed = sender.unacknowledged() + segment.payload;
        let is_only_one = owed > 0 && may_have_room_for_one(c, from);
        sets_out_before && (is_full || is_only_one || may_fill_window(c, turn.to(), owed))
    };
    c.end_mut(from).set_mark(mark::OwedSinceFin, owes, ME);
    if had_it_ready {
        // Its acknowledgement had shown that no FIN of its own had left, not that it had not closed.
        c.doubt_grounds(from, Cue::SentAckOfFin, Cue::ReceivedFin);
    }
}

/// Whether new octets or a FIN follow so closely upon an end's acknowledgement of the other's FIN that they were queued before:
/// that FIN, or what came with it, has let them go. Or they were only paced: a kernel that paces a connection stamps each
/// segment with the time at which its turn will come, and so an acknowledgement bears the time stamp of what waits.
fn has_it_ready(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let closer = c.end(turn.to());
    if !closer.marks().has_fin() || closer.answered_ns() == 0 || !has_waited_to_close(c, from) {
        return false;
    }
    let gap_ns = segment.time_ns - closer.answered_ns();
    let is_tap_near = closer.answered_ns() - closer.asked_ns() < NEARBY;
    let stamp = segment.options.timestamps.filter(|_| c.end(from).marks().stamps());
    let is_paced = gap_ns >= PACED && stamp.is_some_and(|(own, _)| own == c.latest_stamp(from));
    gap_ns <= if is_tap_near { IN_ONE_GO } else { SPREAD } || is_paced && gap_ns < HELD_BACK
}

/// Whether the end that this FIN comes to may have more to send than what is acknowledged: the last of it was not pushed, or
/// was a full segment and the end has had no time yet to go on since.
fn may_have_more(c: &Connection, turn: Turn) -> bool {
    let (closer, other) = (c.end(turn.from), c.end(turn.to()));
    let since_ns = turn.segment.time_ns - other.last_ns();
    let round_trip_ns = i64::from(closer.rtt_ns()) + i64::from(other.rtt_ns());
    other.marks().left_more() && since_ns < HELD_BACK
        || other.marks().filled_segment() && since_ns < UNDER_WAY.max(round_trip_ns + HESITATION)
}

/// The signs in a segment that its sender has more to send.
#[inline]
pub(super) const fn tail(sender: &Endpoint, receiver: &Endpoint, segment: &Segment) -> Tail {
    let (leaves_more, fills_segment) = (leaves_more(segment), fills_segment(sender, receiver, segment));
    Tail { leaves_more, fills_segment }
}

/// Whether a segment carries much and is neither pushed nor the last: the last of all that its sender has to send is pushed (RFC
/// 9293, 3.9.1.2).
#[inline]
const fn leaves_more(segment: &Segment) -> bool {
    segment.payload >= SMALL && !segment.flags.psh() && !segment.flags.fin()
}

/// Whether a segment is as large as both ends let any be, so that more may wait. That it is pushed tells nothing: some do so
/// whenever their buffer is full.
#[inline]
const fn fills_segment(sender: &Endpoint, receiver: &Endpoint, segment: &Segment) -> bool {
    let scale = if receiver.marks().has_iss() { 0 } else { USUAL_SCALE };
    // No more than half the window goes into one segment where the window is narrow (RFC 9293, 3.8.6.2.1).
    let half = (receiver.window() << scale) / 2;
    let most = whole(sender, receiver).saturating_sub(OPTIONS);
    segment.payload > 0 && segment.payload >= if 0 < most && most < half { most } else { half }
}

/// The octets of a segment as large as both ends let any be; 0 where neither says.
const fn whole(one: &Endpoint, other: &Endpoint) -> u32 {
    let (one, other) = (one.mss() as u32, other.mss() as u32);
    if other == 0 || (one != 0 && one < other) { one } else { other }
}

/// As above; `SMALL` where neither says.
const fn least_full(one: &Endpoint, other: &Endpoint) -> u32 {
    match whole(one, other) {
        0 => SMALL,
        least => least,
    }
}

/// Data that were sent before the other end's FIN, which ended a pause, had arrived.
pub(super) fn note_crossed_request(c: &mut Connection, turn: Turn) {
    let (from, at) = (turn.from, turn.at());
    let closer = c.end(turn.to());
    if closer.marks().has_fin() && is_too_soon_for(c, from, closer.asked_ns(), at) {
        c.note_figure(from.other(), Fact::CloseCrossedRequest, c.quiet_ns().unsigned_abs(), at);
    }
}

/// Drops what `from` owed when the other's FIN came: there was no such FIN.
pub(super) const fn forget_owed(c: &mut Connection, from: Side) {
    c.end_mut(from).set_mark(mark::OwedSinceFin, false, ME);
}

/// Notes whether packets of an end are missing before its FIN, so that the FIN may be a later copy.
pub(super) const fn note_past_missing(end: &mut Endpoint, is_past_missing: bool) {
    end.set_mark(mark::FinPastMissing, is_past_missing, ME);
}

/// Notes that each end sent its FIN before the other's had arrived.
pub(super) fn note_crossing(c: &mut Connection) {
    for end in c.ends_mut() {
        end.note_mark(mark::FinCrossed, ME);
    }
}

/// Whether so many unacknowledged octets of the end that `closer` talks to may fill a window: that of `closer`, or the
/// congestion window, which holds one segment after a timeout, that of a SYN too, otherwise two or more (RFC 5681, 3.1).
fn may_fill_window(c: &Connection, closer: Side, owed: u32) -> bool {
    let (closer, other) = (c.end(closer), c.end(closer.other()));
    let least = least_full(other, closer) * LEAST_SENT;
    let has_timed_out = other.resent() > 0 || other.asked_again() > 0;
    owed >= least.min(closer.window()) || is_narrow(closer, closer.window(), owed) || has_timed_out
}

/// Whether the congestion window of an end may be of one segment since its opening: a timeout in the handshake leaves so much
/// until data are acknowledged (RFC 5681, 3.1). Which of its SYNs was the first the tap cannot know; a server to which the SYN
/// came again may have sent a SYN-ACK that was lost.
fn may_have_room_for_one(c: &Connection, side: Side) -> bool {
    let end = c.end(side);
    let is_first_flight = end.marks().has_iss() && end.acked() == end.iss().plus(1);
    is_first_flight && (end.marks().opened_actively() || c.has(side.other(), Fact::SynResent))
}

/// Whether this window of `closer` has no room for a full segment behind the octets that are owed to it: an end with more to
/// send waits for more room, or for a timer (RFC 9293, 3.8.6.2.1). A window of zero is shut at any scale; a small one of an
/// unknown scale may be too narrow.
fn is_narrow(closer: &Endpoint, window: u32, owed: u32) -> bool {
    let is_known = closer.marks().has_iss() && !closer.marks().scale_is_unknown();
    let scale = if is_known { 0 } else { USUAL_SCALE };
    let room = window << scale;
    (is_known || closer.frames() > 0) && room < owed.saturating_add(SMALL.max(u32::from(closer.mss())))
}

/// Whether the next octets of `from` may have waited: octets are unacknowledged, or were until just now, or the other's window
/// has no room for a full segment, so that a timer has sent this.
fn is_held_back(c: &Connection, from: Side, at: At) -> bool {
    let (sender, other) = (c.end(from), c.end(from.other()));
    // The acknowledgement that makes room may get lost, and a timer go on then.
    let is_soon = at.time_ns - other.last_ns() < HELD_BACK || is_too_soon_for(c, from, other.last_ns(), at);
    sender.unacknowledged() > 0 || is_narrow(other, other.window(), 0) || is_soon
}

/// Whether `side` has acknowledged the other's FIN by a segment that was certainly sent before any FIN of its own: a bare
/// acknowledgement bears the number that comes next.
pub(super) fn has_waited_to_close(c: &Connection, side: Side) -> bool {
    c.end(side).state() == State::CloseWait && c.log().stands_proven(side)
}

/// Keeps how much a FIN acknowledges, if not all of that was captured: the other end's FIN may be part of it.
pub(super) fn note_acked_unseen(c: &mut Connection, from: Side, fin: &Fin) {
    let other = c.end_mut(from.other());
    if !other.marks().has_fin() && other.unseen_bytes() > 0 {
        other.note_acked_by_fin(fin.ack);
    }
}

/// The FIN of `from`, captured after the other's FIN, is acknowledged by that one: it was sent before, and the tap has swapped
/// the two. Returns false where nothing shows that.
pub(super) fn read_fin_shown_late(c: &mut Connection, from: Side, at: At) -> bool {
    let to = from.other();
    let first = c.end(from);
    let acked = first.acked_by_fin();
    let is_late = c.end(to).marks().has_fin() && acked.is_some_and(|ack| first.fin_is_covered_by(ack));
    if !is_late || !c.apply(to, Cue::ClosedSecond, at) {
        return false;
    }
    // Longer ago, both may be copies of FINs that crossed.
    let by_tap = at.time_ns - c.end(to).asked_ns() < LATE_BY_TAP && !c.end(to).marks().fin_past_missing();
    let sent_fin = if by_tap { Cue::SentFin } else { Cue::SentFinPerhaps };
    if by_tap {
        c.note(from, Fact::ReorderedByTap, at);
    }
    c.apply(from, Cue::FinShownLate, at);
    c.apply(from, sent_fin, at);
    c.end_mut(from).deliver_fin();
    c.end_mut(from).set_answered(at.time_ns);
    c.apply(to, Cue::ReceivedFin, at);
    if by_tap {
        c.apply(to, Cue::SentAckOfFin, at);
    }
    c.apply(to, sent_fin, at);
    if c.end(to).fin_is_acked() {
        // The tap also put the last acknowledgement before it.
        c.apply(from, Cue::ReceivedAckOfFin, at);
        c.apply(from, Cue::SentAckOfFin, at);
        c.apply(to, Cue::ReceivedAckOfFin, at);
    }
    true
}

/// A FIN that was only concluded from its acknowledgement is captured after all. If it comes at once, it is the FIN itself,
/// shown late by the tap: returns true. Otherwise it is a later copy.
#[cold]
pub(super) fn read_guessed_fin(c: &mut Connection, from: Side, fin: &Fin) -> bool {
    let at = At { time_ns: fin.time_ns, frame: fin.frame };
    let has_crossed = c.end(from).marks().fin_crossed();
    if has_crossed || fin.time_ns - c.end(from).answered_ns() >= LATE_BY_TAP {
        // Whether the first copy acknowledged the other's FIN is not known.
        note_past_missing(c.end_mut(from), true);
        return false;
    }
    c.note(from, Fact::ReorderedByTap, at);
    c.end_mut(from).find_guessed_fin();
    let to = from.other();
    let told = c.end(from).acked_by_fin();
    let closed_second = told.is_some_and(|ack| c.end(from).fin_is_covered_by(ack));
    let has_others = c.end(to).fin_is_covered_by(fin.ack);
    if has_others && c.apply(from, Cue::GuessedFinClosedSecond, at) {
        close_second_before(c, from, at);
        return true;
    }
    if closed_second || has_others || !c.end(to).marks().has_fin() {
        c.apply(from, Cue::SentFin, at);
        if has_others && !c.end(from).marks().owes_since_fin() {
            c.apply(from, Cue::SentAckOfFin, at);
        }
        return true;
    }
    note_crossing(c);
    c.note(from, Fact::SimultaneousClose, at);
    c.apply(to, Cue::AckedFinFirst, at);
    c.apply(to, Cue::SentAckOfFin, at);
    c.apply(from, Cue::FinShownCrossing, at);
    c.apply(from, Cue::SentFin, at);
    c.presume(from, Cue::ReceivedAckOfFin, at);
    true
}

/// An octet was taken for a FIN because only its acknowledgement was captured. If its sender goes on beyond it, it was data. So
/// the other end, which has closed, closed first. A segment that lacks the habits of that sender says nothing of it.
pub(super) fn refute_guessed_fin(c: &mut Connection, turn: Turn) {
    let (from, to, at) = (turn.from, turn.to(), turn.at());
    let sender = c.end(from);
    let end = turn.segment.seq.plus(turn.segment.payload + u32::from(turn.segment.flags.fin()));
    // A bare acknowledgement bears the next number: a FIN sent before it would lie below that number.
    let is_bare = turn.segment.payload == 0 && !turn.segment.flags.fin();
    let is_later = at.time_ns - sender.answered_ns() >= LATE_BY_TAP;
    // Where a copy of the FIN was captured, only data beyond it deny it.
    let is_at_fin = end == sender.fin() && sender.fin_copy().is_none();
    let goes_on = end.after(sender.after_fin()) || (is_bare && is_later && is_at_fin);
    let is_guessed = sender.marks().fin_is_guessed() && !habits::is_foreign(c, turn);
    if !is_guessed || !goes_on || !c.apply(to, Cue::AckedData, at) {
        return;
    }
    c.apply(from, Cue::FinWasData, at);
    if is_bare {
        c.end_mut(from).take_back(turn.segment.seq);
    }
    c.end_mut(from).take_guessed_fin_for_data();
    note_past_missing(c.end_mut(from), false);
    if c.end(to).marks().has_fin() {
        let closed = At { time_ns: c.end(to).asked_ns(), ..at };
        c.apply(to, Cue::SentFinPerhaps, closed);
        c.apply(from, Cue::ReceivedFin, closed);
    }
}

/// An end that speaks from beyond its FIN, which was only concluded from its acknowledgement, and does not acknowledge the
/// other's, has sent its own before that one came.
pub(super) fn read_words_past_guessed_fin(c: &mut Connection, turn: Turn) {
    let (from, to, at) = (turn.from, turn.to(), turn.at());
    let (sender, segment) = (c.end(from), turn.segment);
    if !sender.marks().fin_is_guessed() || segment.payload > 0 || segment.flags.fin() {
        return;
    }
    let is_past = segment.seq == sender.after_fin() && !c.end(to).fin_is_covered_by(segment.ack);
    let is_other_closed = c.end(to).marks().has_fin();
    if !is_past
        || !is_other_closed
        || habits::is_foreign(c, turn)
        || !c.apply(from, Cue::FinShownCrossing, at)
    {
        return;
    }
    note_crossing(c);
    c.note(from, Fact::SimultaneousClose, at);
    c.apply(to, Cue::AckedFinFirst, at);
    c.apply(to, Cue::SentAckOfUnseenFin, at);
    c.apply(from, Cue::PeerAckedFin, at);
    c.apply(from, Cue::ReceivedFin, at);
    c.presume(from, Cue::ReceivedAckOfFin, at);
}

/// A bare acknowledgement bears the next number. If that is the number of a FIN in its sender's name, which nobody has
/// acknowledged, and the acknowledgement was certainly sent after the FIN, then somebody else sent the FIN.
pub(super) fn refute_unheard_fin(c: &mut Connection, turn: Turn) {
    let (from, to, at) = (turn.from, turn.to(), turn.at());
    let segment = turn.segment;
    let is_bare = segment.payload == 0 && !segment.flags.fin();
    if !is_bare || !is_at_unheard_fin(c, turn) || habits::is_foreign(c, turn) || !is_surely_later(c, turn) {
        return;
    }
    if !c.apply(from, Cue::SpokeFromFin, at) && !c.apply(from, Cue::SpokeBeyondFin, at) {
        return;
    }
    c.apply(to, Cue::StillAcksBeforeFin, at);
    let sender = c.end_mut(from);
    sender.take_back(segment.seq);
    sender.forget_fin();
    sender.set_answered(at.time_ns);
    forget_owed(c, to);
}

/// Whether a segment bears the number of its sender's FIN, which came once and is not acknowledged. An end that may send
/// nothing beyond the other's window acknowledges from the edge of that window.
fn is_at_unheard_fin(c: &Connection, turn: Turn) -> bool {
    let (sender, receiver) = (c.end(turn.from), c.end(turn.to()));
    let is_there = sender.marks().has_fin() && sender.fin() == turn.segment.seq;
    let is_alone = alone::is_alone(c, turn.from) && !sender.marks().fin_is_guessed();
    is_there && is_alone && !sender.after_fin().after(sender.acked().plus(receiver.window()))
}

/// Whether a segment was sent after everything captured of its sender: by its time stamp, or because nothing is under way for
/// so long.
fn is_surely_later(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    match segment.options.timestamps {
        Some((value, _)) if c.end(from).marks().stamps() => habits::age(value, c.latest_stamp(from)) < 0,
        _ => segment.time_ns - c.end(from).asked_ns() >= UNDER_WAY,
    }
}

/// `from` has closed after the other end, whose FIN it acknowledges, and its own FIN was acknowledged by a segment that is
/// shown before it.
fn close_second_before(c: &mut Connection, from: Side, at: At) {
    c.apply(from, Cue::ReceivedFin, at);
    if !c.end(from).marks().owes_since_fin() {
        c.apply(from, Cue::SentAckOfFin, at);
    }
    c.apply(from, Cue::SentFinPerhaps, at);
    c.apply(from, Cue::ReceivedAckOfFin, at);
    c.apply(from.other(), Cue::ReceivedAckOfFin, at);
    c.apply(from.other(), Cue::ReceivedFin, at);
}

/// Whether a FIN that comes again only accompanies the acknowledgement of the other's, as BSD and its descendants send it: it
/// comes as soon as that FIN can have arrived, and is the first segment to acknowledge it. Nothing was lost.
pub(super) fn rides_on_ack(c: &Connection, from: Side, at: At) -> bool {
    let other = c.end(from.other());
    let is_first = other.fin_is_acked() && other.answered_ns() == at.time_ns;
    is_first && is_too_soon_for(c, from, other.asked_ns(), at)
}

/// Whether everything of the other end that this FIN acknowledges was captured: only then is it certain that no FIN was part of
/// it.
pub(super) fn has_captured_acked(c: &Connection, from: Side, ack: Seq) -> bool {
    let other = c.end(from.other());
    other.frames() > 0 && !ack.after(other.next()) && other.unseen_bytes() == 0
}

/// Whether a tap may have shown a segment so late: a segment that acknowledges it was captured just now.
pub(super) fn may_be_late_by_the_tap(c: &Connection, turn: Turn) -> bool {
    turn.segment.time_ns - c.end(turn.to()).last_ns() < LATE_BY_TAP
}

/// Notes a segment that fills a hole before its sender can have learnt of the hole, which takes a round trip from the tap to it
/// (RFC 5681, 3.2): it was not sent again, but overtaken on the way to the tap.
pub(super) fn note_overtaken(c: &mut Connection, turn: Turn) {
    let (from, at) = (turn.from, turn.at());
    let sender = c.end(from);
    if sender.answers_nothing_since(sender.missing_since_ns(), at.time_ns) {
        let count = c.end_mut(from).count_overtaken();
        c.note_figure(from, Fact::Overtaken, count, at);
    }
}

/// Whether a segment captured at `then_ns` may have been under way until now, on a slow path too.
pub(super) fn may_take_until(c: &Connection, then_ns: i64, at: At) -> bool {
    at.time_ns - then_ns <= LONG_WAY.max(c.handshake_ns() * LONG_WAY_TRIPS)
}

/// Whether the present segment of `from` may have been sent before the arrival of a segment that was captured on its way at
/// `then_ns`.
pub(super) fn is_too_soon_for(c: &Connection, from: Side, then_ns: i64, at: At) -> bool {
    let this = c.end(from);
    if this.marks().has_rtt() {
        this.may_have_crossed(then_ns + HESITATION, at.time_ns)
    } else {
        at.time_ns - then_ns < UNDER_WAY
    }
}
