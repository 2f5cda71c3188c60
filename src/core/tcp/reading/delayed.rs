//! Delayed: an end has more to say, and holds it back until its earlier octets are acknowledged (Nagle's algorithm, RFC 9293,
//! 3.7.4), while the other end delays that acknowledgement (3.8.6.3). Each waits for the other's timer.

use super::Turn;
use crate::tcp::connection::Connection;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::end::rare::Waits;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::thresholds::{
    A_TURN, BEFORE_MOST, DELAYED_ACK, ONE_BY_ONE, OPTIONS, PAUSE, SOON_AFTER_ACK, WAITS,
};

owns!(AckedLate);

/// Whether a wait may be noted, which allocates and may add to the log. Marking a late acknowledgement does neither.
#[inline]
pub(super) fn may_be_noted(c: &Connection, turn: Turn) -> bool {
    turn.segment.payload > 0 && c.end(turn.from).marks().acked_late()
}

/// Notes an acknowledgement that was delayed: it is bare, covers everything that was sent, and comes far more than a round trip
/// after the last of it as well, for an end that waits for a second segment acknowledges both at once. Call before the round
/// trip is ended.
pub(super) fn note_late_ack(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (acker, sender) = (c.end(from), c.end(turn.to()));
    if !acker.timed().is_some() {
        return;
    }
    let waited = acker.timed().until(segment.time_ns);
    let is_late = (DELAYED_ACK..PAUSE).contains(&(waited - i64::from(acker.rtt_ns())))
        && segment.ack.covers(acker.timed_seq())
        && segment.time_ns - sender.last_ns() >= DELAYED_ACK;
    if !is_late {
        return;
    }
    let is_bare = segment.payload == 0 && !segment.flags.fin();
    let takes_all = segment.ack == sender.next() && !sender.marks().has_fin();
    let spoke_last = sender.marks().sent_new_data() && !sender.marks().heard_last();
    if is_bare && takes_all && spoke_last {
        keep_late_ack(c.end_mut(turn.to()), waited);
    }
}

/// Keeps that everything an end had sent was acknowledged late, after so many ns.
pub(super) fn keep_late_ack(end: &mut Endpoint, waited_ns: i64) {
    end.set_mark(mark::AckedLate, true, ME);
    end.keep_late_ack(waited_ns);
}

/// Forgets a late acknowledgement of what an end has sent: data of either end have followed it.
pub(super) const fn forget_late_ack(end: &mut Endpoint) {
    end.set_mark(mark::AckedLate, false, ME);
}

/// Notes data that come at the very moment when the data before them were acknowledged late.
pub(super) fn note_wait(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    forget_late_ack(c.end_mut(from));
    let (sender, acker) = (c.end(from), c.end(turn.to()));
    let since = segment.time_ns - acker.last_ns();
    let is_soon = (0..SOON_AFTER_ACK + i64::from(sender.rtt_ns())).contains(&since);
    let is_full = acker.mss() > 0 && segment.payload + OPTIONS >= u32::from(acker.mss());
    if !is_soon || is_full {
        return;
    }
    let (turns, frames) = (c.turns().count(from), sender.frames());
    let Waits { count, total_ns, .. } = c.end_mut(from).count_wait();
    // A program that writes an answer in two pieces waits once per answer; one that sends a stream hardly ever takes turns.
    let in_pieces =
        count >= WAITS && count.saturating_mul(A_TURN) >= turns && count <= turns.saturating_mul(A_TURN);
    let is_one_by_one = count >= ONE_BY_ONE && u32::from(count) * 4 >= frames.saturating_mul(BEFORE_MOST);
    if in_pieces || is_one_by_one {
        c.note_figure(from, Fact::WaitedForAck, total_ns.unsigned_abs(), turn.at());
    }
}
