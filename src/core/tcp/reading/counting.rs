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

/// Takes note of why a receiver throws a segment away.
pub(super) fn note_refused(c: &mut Connection, turn: Turn, reason: Fact) {
    let Turn { from, .. } = turn;
    let mut count = 0;
    if reason == Fact::BadChecksum {
        let rare = c.end_mut(from).rare_mut();
        rare.wrong_sums = rare.wrong_sums.saturating_add(1);
        count = u64::from(rare.wrong_sums);
    } else if reason == Fact::PawsDropped {
        let rare = c.end_mut(from).rare_mut();
        rare.old_stamps = rare.old_stamps.saturating_add(1);
        count = u64::from(rare.old_stamps);
    }
    if turn.segment.flags.rst() {
        stray_reset::note(c, turn, reason);
    }
    c.note_figure(from, reason, count, turn.at());
}
