//! Counting: every segment counts, whether its receiver takes it or throws it away.

use super::{Turn, stray_reset};
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;

/// Counts a segment that its receiver takes.
#[inline]
pub(super) fn count(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    c.hear_in_frame(at.frame);
    c.end_mut(from).count(segment);
}

/// Takes note of when a connection begins whose first segment nobody takes.
pub(super) fn begin_with_refused(c: &mut Connection, turn: Turn) {
    if !c.has_begun() {
        c.begin_in_frame(turn.at().frame);
        c.end_mut(turn.from).begin_at(turn.at().time_ns);
    }
}

/// Takes note of why a receiver throws a segment away.
pub(super) fn note_refused(c: &mut Connection, turn: Turn, reason: Fact) {
    let Turn { from, .. } = turn;
    let count = match reason {
        Fact::BadChecksum => c.end_mut(from).count_wrong_sum(),
        Fact::PawsDropped => c.end_mut(from).count_old_stamp(),
        _ => 0,
    };
    if turn.segment.flags.rst() {
        stray_reset::note(c, turn, reason);
    }
    c.note_figure(from, reason, count, turn.at());
}
