//! Stamps: which copy of a segment arrived, by the answer. A receiver echoes the time stamp of the first segment that it takes
//! at the left edge of its window (RFC 7323, 4.3). It also echoes that of a segment that it has already, if the segment ends at
//! this edge, as a FIN does: Linux and BSD compare so. In TIME_WAIT it does not.

use super::{Turn, habits};
use crate::segment::Segment;
use crate::tcp::connection::entry::{Transition, Verdict};
use crate::tcp::connection::{At, Connection};
use crate::tcp::end::kept::Fin;
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;

/// `from` acknowledges the other's FIN. Its first acknowledgement may echo the time stamp of a later copy: then earlier copies did
/// not arrive. A missing identification shows that no socket answers, though one counted until its own FIN was acknowledged.
pub(super) fn read_echo_of_fin(c: &mut Connection, turn: Turn) {
    let from = turn.from;
    let at = turn.at();
    if c.end(turn.to()).answered_ns() != 0 {
        return; // the FIN had arrived before
    }
    if let Some(copy) = echoed_copy(c, turn) {
        read_later_copy(c, from, &copy, at);
    }
    if is_first_without_socket(c, turn) {
        c.apply(from, Cue::SentWithoutSocket, at);
    }
}

/// Whether this is the first acknowledgement of the other's FIN, whose copies were all captured, and has no identification. An
/// end in CLOSING would have acknowledged the FIN before, by its socket. Where octets came again since the FIN, that may have
/// been lost.
fn is_first_without_socket(c: &Connection, turn: Turn) -> bool {
    let closer = c.end(turn.to());
    let is_bare = turn.segment.payload == 0 && !turn.segment.flags.fin();
    let comes_again = closer.asked_again() > 0 || closer.resent_ns() > closer.asked_ns();
    let is_first = !comes_again && closer.fin_is_deliverable();
    let may_be_copy = closer.marks().fin_past_missing() || closer.marks().fin_is_guessed();
    is_bare && is_without_socket(c, turn) && is_first && !may_be_copy
}

/// Whether a segment has no identification, and the socket of its sender counted them.
pub(super) fn is_without_socket(c: &Connection, turn: Turn) -> bool {
    turn.segment.has_blank_id() && c.end(turn.from).marks().counts_ip_id()
}

/// Whether a segment echoes a time stamp newer than all that were captured of the other end: its sender has heard more than the
/// capture has.
pub(super) fn knows_more(c: &Connection, turn: Turn) -> bool {
    let to = turn.to();
    let echo = turn.segment.options.timestamps.map(|(_, echo)| echo);
    echo.is_some_and(|echo| c.end(to).marks().stamps() && habits::age(echo, c.latest_stamp(to)) < 0)
}

/// Whether a segment that acknowledges the other's resent FIN echoes an older time stamp than that of the last copy: an earlier
/// copy had arrived.
pub(super) fn echoes_earlier_copy(c: &Connection, turn: Turn) -> bool {
    let echo = turn.segment.options.timestamps.map(|(_, echo)| echo);
    let copy = c.end(turn.to()).fin_copy().and_then(|copy| copy.stamp);
    matches!((echo, copy), (Some(echo), Some(copy)) if echo.wrapping_sub(copy).cast_signed() < 0)
}

/// The copy of the other's FIN whose time stamp a segment echoes that is the first to acknowledge the FIN. Linux echoes a copy
/// of a FIN that had arrived earlier all the same.
fn echoed_copy(c: &Connection, turn: Turn) -> Option<Fin> {
    let (_, echo) = turn.segment.options.timestamps?;
    let closer = c.end(turn.to());
    let copy = closer.fin_copy()?;
    (copy.stamp == Some(echo) && closer.fins_after_ack() == 0).then_some(copy)
}

/// The copy was the first to arrive. This undoes the transitions that an earlier copy was assumed to have caused, and repeats
/// those that were undone with them without following from them.
#[cold]
fn read_later_copy(c: &mut Connection, from: Side, copy: &Fin, at: At) {
    let too_early = c.presumed_at(from, Cue::ReceivedFin).is_some_and(|then| then < copy.time_ns);
    if !too_early || !c.apply(from, Cue::EchoesLaterCopy, at) {
        return;
    }
    let arrived = At { time_ns: copy.time_ns, frame: copy.frame };
    if c.end(from).state() == State::FinWait1 && c.end(from).fin_is_acked() {
        let acked = acked_before(c, from, at).unwrap_or(arrived);
        c.apply(from, Cue::ReceivedAckOfFin, acked);
    }
    c.apply(from, Cue::ReceivedFin, arrived);
    if c.end(from).fin_is_covered_by(copy.ack) {
        c.apply(from, Cue::FinToldAll, at);
        c.apply(from, Cue::SentAckOfFin, at);
    }
}

/// When the acknowledgement of its FIN, undone just now by a frame, was assumed to have arrived.
fn acked_before(c: &Connection, side: Side, undone: At) -> Option<At> {
    let is_it = |t: &Transition| {
        let by_frame = t.verdict == Verdict::Retracted(undone.frame);
        t.side == side && t.cue == Cue::ReceivedAckOfFin && by_frame
    };
    let acked = c.log().transitions().rev().find(is_it)?;
    Some(At { time_ns: acked.time_ns, frame: acked.frame })
}

/// Whether a segment reports the FIN of `closer` as received twice (RFC 2883, 4).
pub(super) fn has_fin_twice(c: &Connection, closer: Side, segment: &Segment) -> bool {
    let (fin, after) = (c.end(closer).fin(), c.end(closer).after_fin());
    segment.options.sack.is_some_and(|(left, right)| fin.covers(left) && right == after)
}
