//! Lone FINs: a FIN is one packet, and who watches the wire can give it every mark of its alleged sender. So it is proven by
//! something else that speaks of it: an acknowledgement, a copy, a reset that only it can have drawn. After a reset nothing
//! will: a FIN of which nothing has spoken by then is presumed to be its sender's.

use super::aim::Aim;
use super::meaning::{Meaning, Purpose};
use super::{Turn, habits};
use crate::tcp::connection::Connection;
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;

/// Whether a FIN of `from` is captured when the other end has not opened yet, or may not have: it has ignored the acknowledgement
/// of its SYN,ACK before.
pub(super) fn meets_request(c: &Connection, from: Side) -> bool {
    let to = from.other();
    let ignored_before = c.has(to, Fact::SynAckResentAfterAck) && c.presumes(to, Cue::ReceivedAckOfSyn);
    c.end(to).state() == State::SynRecv || ignored_before
}

/// Whether a FIN of `from` is captured after a reset of either end, or when the other end is closed: nothing need speak of it any
/// more.
pub(super) fn meets_reset(c: &Connection, from: Side) -> bool {
    let is_reset = c.ends().iter().any(|end| end.has_fact(Fact::RstSent));
    is_reset || c.end(from.other()).state() == State::Closed
}

/// A reset ends the connection: a FIN that stands alone so far is only presumed, unless the reset speaks of it. Call before the
/// reset is counted.
pub(super) fn judge_fin(c: &mut Connection, turn: Turn, meaning: Meaning) {
    if meaning.purpose != Purpose::Ends(Aim::Exact) {
        return;
    }
    let Turn { from, segment } = turn;
    // Without ACK it bears the number that the other end acknowledged, whatever its sender has sent.
    if segment.flags.ack() && !c.end(from).fin_is_covered_by(segment.seq) {
        doubt_fin(c, from);
    }
    if !is_alone(c, turn.to()) {
        return;
    }
    if speaks_of_fin(c, turn) {
        c.apply(turn.to(), Cue::FinTaken, turn.at());
    } else {
        doubt_fin(c, turn.to());
    }
}

/// The sender of a FIN goes on from behind it, which shows that the FIN was its own.
pub(super) fn read_words_behind_fin(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    let is_behind = sender.marks().has_fin() && segment.seq == sender.after_fin();
    if is_behind && c.presumes(from, Cue::SentFinUnheard) && !habits::is_foreign(c, turn) {
        c.apply(from, Cue::FinTaken, turn.at());
    }
}

/// Its sender goes on without its FIN, or can go on no more: as long as nothing has spoken of the FIN, that is only presumed.
pub(super) fn doubt_fin(c: &mut Connection, side: Side) {
    if is_alone(c, side) {
        c.doubt(side, Cue::SentFin, Cue::SentFinUnheard);
    }
}

/// Whether nothing has spoken of the FIN of `side`: it is not acknowledged, and came once.
pub(super) fn is_alone(c: &Connection, side: Side) -> bool {
    let closer = c.end(side);
    closer.marks().has_fin() && !closer.fin_is_acked() && closer.fin_copy().is_none()
}

/// Whether a reset acknowledges the FIN of its receiver; or answers it as a host without the connection does, and nothing else of
/// the receiver awaits an answer, neither data nor a probe.
fn speaks_of_fin(c: &Connection, turn: Turn) -> bool {
    let closer = c.end(turn.to());
    if turn.segment.flags.ack() {
        return closer.fin_is_covered_by(turn.segment.ack);
    }
    let is_last = closer.last_ns() == closer.asked_ns();
    is_last && closer.unacknowledged() == 0 && closer.probes() == 0
}
