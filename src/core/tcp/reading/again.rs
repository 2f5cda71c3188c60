//! Again: a SYN that bears the number of this connection's own SYN. Mostly it is resent, or copied on the way. But some hosts
//! begin every connection with the same number, and captures are replayed: then the SYN opens the next connection.

use super::{Turn, apart, habits, silence};
use crate::seq::Seq;
use crate::tcp::connection::{Connection, Stray};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{IN_STEP, PAUSE, USUAL_TICK};

/// The kinds of a SYN with the number of this connection's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// A copy of that, resent or made on the way.
    Copy,
    /// The first segment of the next connection.
    Next,
    /// The SYN of a host that has lost this connection, which the other end still has.
    LockedOut,
}

/// Tells the kind of a SYN that bears the number of this connection's own.
pub(super) fn kind(c: &Connection, turn: Turn, profile: &Profile) -> Again {
    let sender = c.end(turn.from);
    if apart::is_senseless(c) {
        return if sender.state().is_over() { Again::Next } else { Again::Copy };
    }
    if !is_set_apart(c, turn) {
        return Again::Copy;
    }
    match sender.state() {
        State::Closed if !has_opened(c, turn) => {
            if is_retry(c, turn, profile) {
                Again::Copy
            } else {
                Again::Next
            }
        }
        State::Closed | State::TimeWait => Again::Next,
        // An end that has acknowledged the SYN-ACK does not send the SYN again.
        state if state.is_synchronized() && !c.presumes(turn.from, Cue::ReceivedSynAck) => Again::LockedOut,
        _ => Again::Copy,
    }
}

/// Whether a SYN is set apart from everything before it: by a pause, or by a sign that it is new. An older time stamp shows
/// that it is old.
fn is_set_apart(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    if habits::is_stamped_before(c, turn) {
        return false;
    }
    let is_counted_on =
        sender.marks().counts_ip_id() && segment.ip_id.is_some_and(|id| sender.is_close_behind(id));
    segment.time_ns - c.last_ns() >= PAUSE || (c.is_closed() && is_counted_on && has_opened(c, turn))
}

/// Whether the sender of the SYN was connected before.
fn has_opened(c: &Connection, turn: Turn) -> bool {
    let sender = c.end(turn.from);
    sender.next().after(sender.iss().plus(1))
        || c.log().believed_backward(turn.from).any(|t| t.from.is_synchronized())
}

/// Whether a SYN belongs to the attempt that was refused: its timer would have resent it by now, or sooner. Windows tries again
/// half a second after a refusal. An attempt that was given up goes on by its own timer. Copies between may have been lost
/// before the tap: then its time stamp shows that the host's clock has gone on since the first, and no host with such a clock
/// begins with one number twice.
fn is_retry(c: &Connection, turn: Turn, profile: &Profile) -> bool {
    let gives_up = c.grounds(turn.from).is_none_or(|t| t.cue != Cue::ReceivedRst);
    let now_ns = turn.segment.time_ns;
    gives_up || !silence::is_overdue(c, turn.from, now_ns, profile) || keeps_step(c, turn)
}

/// Whether the time stamp of a SYN is newer than that of the SYN before by about as much as has passed since.
fn keeps_step(c: &Connection, turn: Turn) -> bool {
    let sender = c.end(turn.from);
    let stamp = turn.segment.options.timestamps.filter(|_| sender.marks().stamps());
    let passed_ns = turn.segment.time_ns - sender.asked_ns();
    stamp.is_some_and(|(value, _)| {
        let ticked_ns = -i64::from(habits::age(value, c.latest_stamp(turn.from))) * USUAL_TICK;
        (ticked_ns - passed_ns).abs() <= passed_ns / IN_STEP
    })
}

/// Whether the sender of a SYN with its old number goes on as after its first one: it acknowledges the number that the other end
/// began with, and nothing more, and takes back all that it has sent since. No stack does; a conversation that is played does.
pub(super) fn is_played_on(c: &Connection, stray: &Stray, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    let is_bare = segment.flags.ack() && segment.payload == 0 && !segment.flags.fin() && !segment.flags.rst();
    let is_first = |end: &Endpoint, seq: Seq| end.marks().has_iss() && end.iss().plus(1) == seq;
    is_bare
        && stray.side == from
        && stray.bears_number_of(sender)
        && is_first(sender, segment.seq)
        && is_first(receiver, segment.ack)
        && sender.next().after(segment.seq.plus(1))
}

/// Whether a SYN-ACK answers a SYN with an old number by an old number, long after the connection was opened with both. The end
/// itself would challenge that SYN (RFC 9293, 3.10.7.4).
pub(super) fn is_played_by_both(c: &Connection, stray: &Stray, turn: Turn) -> bool {
    let (sender, receiver) = (c.end(turn.from), c.end(turn.to()));
    stray.side == turn.to()
        && stray.bears_number_of(receiver)
        && sender.marks().has_iss()
        && sender.iss() == turn.segment.seq
        && turn.segment.ack == receiver.iss().plus(1)
        && !answers_first(c, turn)
}

impl Stray {
    /// Whether it is a SYN with the number that `end` began with.
    fn bears_number_of(&self, end: &Endpoint) -> bool {
        !self.segment.flags.ack() && end.marks().has_iss() && end.iss() == self.segment.seq
    }
}

/// Whether a SYN-ACK is a copy of the one that opened this connection, sent by an end that has not accepted the answer yet.
pub(super) fn answers_first(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, receiver) = (c.end(from), c.end(turn.to()));
    let is_same = sender.marks().has_iss() && sender.iss() == segment.seq && receiver.marks().has_iss();
    let waits = sender.state() == State::SynRecv || c.presumes(from, Cue::ReceivedAckOfSyn);
    is_same && waits && segment.ack == receiver.iss().plus(1)
}
