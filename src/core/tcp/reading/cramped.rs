//! Cramped: an end has more to say, and its segment does not fit into the window that the other end leaves open. It waits until
//! its timer makes it send as much as fits (RFC 9293, 3.8.6.2.1), unless the other end offers more room before (3.8.6.2.2).

use super::Turn;
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::thresholds::{NOTHING_OVERDUE, OPENED_BY_LITTLE, OPTIONS, SMALL, TAKEN_BACK, WAITS};

/// Whether a segment that comes next fills a window of less than a full segment, after a wait; or one that would be so small
/// without its scale.
#[inline(never)]
pub(super) fn fills_small_window(c: &Connection, turn: Turn) -> bool {
    let receiver = c.end(turn.to());
    fills(c, turn, receiver.window()) || fills_unscaled_window(c, turn)
}

fn fills(c: &Connection, turn: Turn, room: u32) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    let is_small = room + OPTIONS < u32::from(receiver.mss());
    let had_all_acked = sender.marks().has_space() && sender.acked() == segment.seq;
    let waited = segment.time_ns - receiver.last_ns();
    segment.payload > 0 && segment.payload == room && is_small && had_all_acked && waited >= NOTHING_OVERDUE
}

/// Whether a segment fills, after a wait, what the window is without its scale, though both ends offered one.
fn fills_unscaled_window(c: &Connection, turn: Turn) -> bool {
    c.end(turn.to()).unscaled_window().is_some_and(|room| fills(c, turn, u32::from(room)))
}

/// Notes such a segment. A single one is chance: the rest of a message may have that size.
pub(super) fn note_small_window(c: &mut Connection, turn: Turn) {
    if !fills_small_window(c, turn) {
        return;
    }
    let Turn { from, segment } = turn;
    if fills_unscaled_window(c, turn) {
        let room = c.end(turn.to()).unscaled_window().unwrap_or(0);
        if c.end_mut(from).count_unscaled(room) >= WAITS {
            c.note_figure(turn.to(), Fact::WindowReadSmall, u64::from(room), turn.at());
        }
        return;
    }
    let waited = segment.time_ns - c.end(turn.to()).last_ns();
    let (count, total_ns) = c.end_mut(from).count_cramped(waited);
    if count >= WAITS {
        c.note_figure(from, Fact::WaitedForWindow, total_ns.unsigned_abs(), turn.at());
    }
}

/// Notes a window that was zero and opens by less than a segment: a receiver should wait until a full one fits (RFC 9293,
/// 3.8.6.2.2). A single time is chance: the buffer may be that small.
pub(super) fn note_opened_by_little(c: &mut Connection, turn: Turn) {
    let from = turn.from;
    if c.end(from).window() >= full_size(c) || !Side::BOTH.iter().all(|side| has_shown_syn(c, *side)) {
        return;
    }
    let count = c.end_mut(from).count_opened_by_little();
    if count >= OPENED_BY_LITTLE {
        c.note_figure(from, Fact::OpenedByLittle, u64::from(count), turn.at());
    }
}

/// Whether a segment tells of a window that does not hold what the other end has under way.
#[inline(always)]
pub(super) fn leaves_out_what_is_under_way(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (receiver, sender) = (c.end(from), c.end(turn.to()));
    i64::from(sender.next().since(segment.ack)) > i64::from(receiver.window_in(segment))
}

/// Notes such a window, where the one before held all of that: the receiver has moved its right edge back, and throws away what
/// lies beyond (RFC 9293, 3.8.6: it should not). Call before the window is noted.
pub(super) fn note_taken_back(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    if segment.flags.syn() || segment.flags.rst() || !leaves_out_what_is_under_way(c, turn) {
        return;
    }
    let (receiver, sender) = (c.end(from), c.end(turn.to()));
    let under_way = sender.next().since(segment.ack).unsigned_abs();
    let rounding = 1 << receiver.scale();
    let is_less = under_way >= receiver.window_in(segment).saturating_add(rounding);
    if !is_less || under_way > receiver.window() || !Side::BOTH.iter().all(|side| has_shown_syn(c, *side)) {
        return;
    }
    let count = c.end_mut(from).count_taken_back();
    if count >= TAKEN_BACK {
        c.note_figure(from, Fact::WindowTakenBack, u64::from(count), turn.at());
    }
}

/// Whether the SYN of an end was captured, with all its options: else nothing tells how its windows are scaled.
fn has_shown_syn(c: &Connection, side: Side) -> bool {
    let marks = c.end(side).marks();
    let is_concluded = marks.iss_is_guessed() || c.has(side, Fact::SynMissing);
    marks.has_iss() && !is_concluded && !marks.scale_is_unknown()
}

/// The payload from which a segment counts as full: as much as both ends' MSS allow, less the options.
pub(super) fn full_size(c: &Connection) -> u32 {
    let most = Side::BOTH.iter().map(|side| u32::from(c.end(*side).mss())).filter(|mss| *mss > 0).min();
    SMALL.max(most.unwrap_or(0).saturating_sub(OPTIONS))
}
