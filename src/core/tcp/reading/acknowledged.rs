//! Acknowledged: what an acknowledgement tells of the octets of the other end (RFC 9293, 3.4 and 3.10.7.4), and what the capture
//! lacks of them.

use super::{Turn, acked_fin, delayed, selective, stalls};
use crate::segment::Segment;
use crate::tcp::connection::Connection;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::thresholds::{HOLE_STANDS, UNDER_WAY};

owns!(AckAdvanced, AckedOneUnseen);

/// Reads the acknowledgement field.
pub(super) fn read(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    forgive_probes(c, to, segment);
    let before = c.end(to).acked();
    let known = c.end(to).marks().has_space();
    let silent = c.end(to).frames() == 0;
    // The octets were never captured: one more octet, and then the sender's own end, is how a FIN looks.
    let one_more = known && segment.ack == c.end(to).next().plus(1) && !c.end(to).marks().has_fin();
    let missing = c.end_mut(to).acknowledge(segment.ack);
    if missing > 0 && !may_precede_the_capture(c, to, turn) {
        c.note(from, Fact::FramesMissing, at);
        if c.holds_only_control() {
            c.note(from, Fact::OnlyControl, at);
        }
    }
    if known && c.end(to).acked().after(before) {
        read_new_ack(c, turn);
        // With Fast Open, data and a FIN may precede that (RFC 7413, 4.1).
        if silent && !c.has(to, Fact::FastOpen) {
            c.apply(to, Cue::KeepsSocket, at);
            c.apply(to, Cue::PeerSynchronized, at);
        }
    }
    if one_more || (known && c.end(to).acked().after(before)) {
        c.end_mut(from).set_mark(mark::AckedOneUnseen, one_more, ME);
    }
    note_standing_hole(c, turn);
    selective::read(c, turn);
    acked_fin::read_ack_of_fin(c, turn);
    acked_fin::read_ack_of_unseen_fin(c, turn);
}

/// An acknowledgement, also that of a reset, that stops at octets which the capture lacks, long after the sender's last segment: its receiver lacks
/// them as well.
pub(super) fn note_standing_hole(c: &mut Connection, turn: Turn) {
    let (to, at) = (turn.to(), turn.at());
    let sender = c.end(to);
    let hole = sender.contiguous();
    // A FIN beyond a hole is no octet: it is kept apart until the hole is filled.
    let before_fin = sender.early_fin().map_or(0, |fin| fin.seq.since(sender.next()).max(0));
    let stands = (hole != sender.next() || before_fin > 0) && turn.segment.ack == hole;
    if stands && sender.marks().has_space() && at.time_ns - sender.last_ns() >= HOLE_STANDS {
        let octets = sender.octets_open() + u64::from(before_fin.unsigned_abs());
        c.note_figure(to, Fact::HoleNotFilled, octets, at);
    }
}

/// If everything captured of `prober` may be probes, the answer shows that they were: nothing is missing.
fn forgive_probes(c: &mut Connection, prober: Side, segment: &Segment) {
    let prober = c.end_mut(prober);
    if prober.may_only_have_probed() && segment.ack == prober.next().plus(1) {
        prober.advance_next(segment.ack);
        prober.restore_acked(segment.ack);
    }
}

/// Whether octets of `to` that were never captured may have been under way when the capture began, which then lacks nothing:
/// they lie before all that was captured of it.
fn may_precede_the_capture(c: &Connection, to: Side, turn: Turn) -> bool {
    let end = c.end(to);
    let captured = u32::try_from(end.bytes()).unwrap_or(u32::MAX);
    let is_before = !turn.segment.ack.after(end.next().minus(captured));
    !end.marks().has_iss() && is_before && turn.at().time_ns - c.first_ns() < UNDER_WAY
}

/// Notes that the octets which the first segment of an end leaves out were under way when the capture began, just before it: nothing
/// is missing. They may come again, behind others that were selectively acknowledged. Where the other end has spoken since, they
/// may answer that.
pub(super) fn note_hole_at_the_beginning(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let end = c.end(from);
    let is_first = end.frames() <= 1 && !end.marks().has_iss();
    if is_first && c.end(turn.to()).bytes() == 0 && segment.time_ns - c.first_ns() < UNDER_WAY {
        c.end_mut(from).precede_the_capture(segment.seq);
    }
}

/// Reads an acknowledgement of octets all of which were captured, and none of which is missing.
#[inline]
pub(super) fn read_next(c: &mut Connection, turn: Turn) {
    c.end_mut(turn.to()).restore_acked(turn.segment.ack);
    read_new_ack(c, turn);
    c.end_mut(turn.from).set_mark(mark::AckedOneUnseen, false, ME);
}

fn read_new_ack(c: &mut Connection, turn: Turn) {
    let from = turn.from;
    stalls::note_made_up(c, turn);
    c.end_mut(from.other()).end_resending();
    c.end_mut(from).note_mark(mark::AckAdvanced, ME);
    delayed::note_late_ack(c, turn);
    end_round_trip(c, turn);
}

fn end_round_trip(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    c.end_mut(from).end_round_trip(at.time_ns, segment.ack);
}
