//! Stalls: data that were sent again and again until their receiver acknowledged them, or closed, or that were held up.

use super::Turn;
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::thresholds::{
    BRIEF_STALL, COPIES_TOGETHER, LATE_COPY, LONGER_WAITS, STALL, STALL_COPIES,
};

/// Notes data that were resent repeatedly and are acknowledged at last, or whose receiver closes without them.
#[inline]
pub(super) fn note_stall(c: &mut Connection, turn: Turn) {
    // Nearly all ends have resent nothing, and have no rare parts.
    if !c.end(turn.to()).has_no_rare() {
        note_stall_of_resent(c, turn);
    }
}

#[inline(never)]
fn note_stall_of_resent(c: &mut Connection, turn: Turn) {
    let (to, at) = (turn.to(), turn.at());
    let sender = c.end(to);
    let took = at.time_ns - sender.first_resent_ns();
    // Of an end whose first segment this is no window is known yet.
    let was_shut = c.end(turn.from).window() == 0 && c.has(turn.from, Fact::ZeroWindow);
    if sender.resent() >= STALL_COPIES && took >= BRIEF_STALL && !was_shut {
        let fact = if took >= STALL { Fact::Stalled } else { Fact::StalledBriefly };
        c.note_figure(to, fact, took.unsigned_abs(), at);
    }
}

/// Notes the same, and data that were resent once or twice, late, where a new acknowledgement comes.
#[inline]
pub(super) fn note_made_up(c: &mut Connection, turn: Turn) {
    if !c.end(turn.to()).has_no_rare() {
        note_stall_of_resent(c, turn);
        note_late_copy(c, turn);
    }
}

#[inline(never)]
fn note_late_copy(c: &mut Connection, turn: Turn) {
    let (to, at) = (turn.to(), turn.at());
    let sender = c.end(to);
    let is_few = (1..STALL_COPIES).contains(&sender.resent());
    if is_few && sender.resent_ns() - sender.first_sent_ns() >= LATE_COPY && c.end(turn.from).window() > 0 {
        let waited_ns = at.time_ns - c.end(to).first_sent_ns();
        let in_all_ns = c.end_mut(to).count_late(waited_ns);
        c.note_figure(to, Fact::CopiedLate, in_all_ns.unsigned_abs(), at);
    }
}

/// Notes octets that the capture has late, as its tap is behind the loss, where the other end had asked for just these all the time.
pub(super) fn note_late_fill(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (sender, since_ns) = (c.end(from), c.end(from).missing_since_ns());
    let was_asked = sender.acked() == segment.seq && c.end(turn.to()).last_ns() >= since_ns;
    if was_asked && segment.time_ns - since_ns >= LATE_COPY && c.end(turn.to()).window() > 0 {
        let in_all_ns = c.end_mut(from).count_late(segment.time_ns - since_ns);
        c.note_figure(from, Fact::CopiedLate, in_all_ns.unsigned_abs(), turn.at());
    }
}

/// Notes that the first copy of lost data comes later each time, though acknowledgements came in between: the timer of their
/// sender is not set back by those (RFC 6298, 5.3 and 5.7). Call before the copy is counted.
pub(super) fn note_longer_wait(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let sent = c.end(turn.to()).timed();
    if c.end(from).resent() > 0 || !sent.is_some() {
        return;
    }
    let (longer, total_ns) = c.end_mut(from).count_first_copy(sent.until(segment.time_ns));
    if longer >= LONGER_WAITS {
        c.note_figure(from, Fact::BacksOffLonger, total_ns.unsigned_abs(), turn.at());
    }
}

/// Notes copies of one segment that come closer together than any timer sends them: they were held up on the way.
pub(super) fn note_copies_together(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let copies = c.end_mut(from).count_together(segment.seq, segment.time_ns);
    if copies >= COPIES_TOGETHER {
        c.note_figure(from, Fact::CopiesTogether, u64::from(copies), turn.at());
    }
}
