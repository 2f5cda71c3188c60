//! Held: an end sends full segments, and the rest of its message only when the time is over for which a cork holds it
//! (`TCP_CORK` of Linux), though all that went before was acknowledged at once.

use super::{Turn, cramped};
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::thresholds::{A_TURN, CORK_LEAST, CORK_MOST, HELD_OFTEN};

/// Whether new data may be the rest of a message that a cork held: they follow a full segment, fill none themselves, and come so
/// long after the acknowledgement of all before.
#[inline(never)]
pub(super) fn is_uncorked(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    let marks = sender.marks();
    let waited = segment.time_ns - receiver.last_ns();
    (CORK_LEAST..=CORK_MOST).contains(&waited)
        && segment.payload > 0
        && segment.payload < cramped::full_size(c)
        && marks.has_space()
        && sender.acked() == segment.seq
        && marks.filled_segment()
        && !marks.heard_last()
}

/// Notes such data, where they come in most turns of their sender. Call before the marks of the last segment are forgotten.
pub(super) fn note_uncorked(c: &mut Connection, turn: Turn) {
    if !is_uncorked(c, turn) {
        return;
    }
    let turns = c.turns().count(turn.from);
    let count = c.end_mut(turn.from).count_held();
    if count >= HELD_OFTEN && count.saturating_mul(A_TURN) >= turns {
        c.note_figure(turn.from, Fact::HeldBack, u64::from(count), turn.at());
    }
}
