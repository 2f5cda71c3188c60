//! Counting: every segment is counted, whether its receiver takes it or rejects it.

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

/// Notes the start of a connection whose first segment is rejected.
pub(super) fn begin_with_refused(c: &mut Connection, turn: Turn) {
    if !c.has_begun() {
        c.begin_in_frame(turn.at().frame);
        c.end_mut(turn.from).begin_at(turn.at().time_ns);
    }
}

/// Notes why a receiver rejects a segment.
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
