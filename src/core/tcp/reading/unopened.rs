//! Unopened: the next connection on the same addresses and ports, of whose handshake nothing was captured. No end sends anything
//! beyond its FIN, or after a reset. Where one seems to, far from all its numbers, and the other goes on from there, both have
//! begun anew.

use super::Turn;
use super::acceptance::end_of;
use super::nearness::{far, is_near};
use crate::seq::Seq;
use crate::tcp::connection::{Connection, Stray};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::thresholds::UNSCALED_WINDOW;

/// Keeps a segment that no end of this connection can have sent, until the other end goes on from it. The first of a
/// conversation stays; one of another conversation takes its place, for whoever sent the first may have forged it.
pub(super) fn keep(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let carries_on = segment.flags.ack() && !segment.flags.syn() && !segment.flags.rst();
    let stays = |stray: &Stray| stray.segment.flags.syn() || is_of_one(stray, turn);
    if carries_on && lies_beyond(c, turn) && !c.stray().is_some_and(stays) {
        c.keep_stray(from, segment);
    }
}

/// Whether a segment and the one that was kept have numbers of one conversation.
fn is_of_one(stray: &Stray, turn: Turn) -> bool {
    let first = &stray.segment;
    let own = if stray.side == turn.from { first.seq } else { first.ack };
    far(turn.segment.seq, own) <= UNSCALED_WINDOW
}

/// Whether a segment lies beyond the ends of both directions, and so does what it acknowledges.
pub(super) fn lies_beyond(c: &Connection, turn: Turn) -> bool {
    is_past(c.end(turn.from), turn.segment.seq) && is_past(c.end(turn.to()), turn.segment.ack)
}

/// Whether a number is far beyond all that an end has sent, which has ended.
fn is_past(end: &Endpoint, seq: Seq) -> bool {
    let has_ended = end.marks().has_fin() || end.state().is_over();
    has_ended && end.marks().has_space() && seq.after(end.next()) && !is_near(end, seq)
}

/// Whether a segment of the other end goes on from the one that was kept, exactly or a little beyond.
pub(super) fn answers(c: &Connection, stray: &Stray, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let first = &stray.segment;
    let is_behind = |seq: Seq, than: Seq| seq.covers(than) && far(seq, than) <= UNSCALED_WINDOW;
    !first.flags.syn()
        && stray.side != from
        && segment.flags.ack()
        && !segment.flags.rst()
        && is_behind(segment.seq, first.ack)
        && is_behind(segment.ack, end_of(first))
        && (segment.seq == first.ack || segment.ack == end_of(first))
        && lies_beyond(c, turn)
}

/// Takes it out, and what its sender sent next: both are the next connection's.
pub(super) fn take(c: &mut Connection) -> Option<Box<Stray>> {
    let mut stray = c.take_stray()?;
    let waiting = c.end_mut(stray.side).take_aside();
    let later =
        waiting.iter().map(|aside| aside.segment).filter(|segment| segment.frame > stray.segment.frame);
    stray.follow = later.min_by_key(|segment| segment.frame);
    Some(stray)
}
