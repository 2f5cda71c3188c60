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
        Fact::NoAckBit if closes_next(c, turn) => c.end_mut(from).count_lone_fin(),
        _ => 0,
    };
    if turn.segment.flags.rst() {
        stray_reset::note(c, turn, reason);
    }
    c.note_figure(from, reason, count, turn.at());
}

/// Whether a segment bears a FIN that would come next, and looks like those of its sender.
fn closes_next(c: &Connection, turn: Turn) -> bool {
    let (sender, segment) = (c.end(turn.from), turn.segment);
    let comes_next = sender.marks().has_space() && segment.seq.plus(segment.payload) == sender.next();
    segment.flags.fin() && comes_next && sender.ttl() == segment.ttl && sender.frames() > 0
}
