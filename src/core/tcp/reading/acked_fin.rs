//! Acknowledged FINs: what the acknowledgement of a FIN, or of less, means to both ends (RFC 9293, 3.6).

use super::{Turn, habits, order, stamps};
use crate::tcp::connection::entry::Transition;
use crate::tcp::connection::{At, Connection};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;

owns!(AckedFinPastGap, AckedLessPastFin);

/// The other end's FIN: acknowledged by this segment, or still not.
pub(super) fn read_ack_of_fin(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    if !c.end(to).marks().has_fin() {
        return;
    }
    if !segment.ack.covers(c.end(to).after_fin()) {
        doubt_arrival_of_fin(c, turn);
        return;
    }
    let tells_first = || stamps::has_fin_twice(c, to, segment) || stamps::echoes_earlier_copy(c, turn);
    if c.end(from).state() == State::Established && tells_first() {
        believe_first_copy(c, from);
    }
    if c.presumes(to, Cue::SentFinUnheard) && !habits::is_foreign(c, turn) {
        c.apply(to, Cue::FinTaken, at);
    }
    apply_ack_of_fin(c, turn);
    let closer = c.end_mut(to);
    if closer.answered_ns() == 0 {
        closer.set_answered(at.time_ns);
    }
    if matches!(closer.state(), State::FinWait1 | State::Closing | State::LastAck) {
        c.presume(to, Cue::ReceivedAckOfFin, at);
    }
}

/// `from` acknowledges the other's FIN, so that FIN has arrived. Where every copy of it acknowledged `from`'s own FIN, that
/// acknowledgement has arrived too: it came with the FIN.
fn apply_ack_of_fin(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    open_before_fin(c, from, at);
    stamps::read_echo_of_fin(c, turn);
    let sender = c.end(from);
    let past_gap = sender.is_missing_before(segment.seq) || sender.marks().acked_fin_past_gap();
    // A FIN or data with the acknowledgement may be resent, and a FIN may have been sent before the other's arrived. Only a
    // bare acknowledgement bears the number that would be sent next.
    let bears_something = segment.flags.fin() || segment.payload > 0;
    let is_first = || habits::is_next_packet(c, turn) && c.end(from.other()).answered_ns() == 0;
    let copy_perhaps = bears_something && !sender.marks().has_fin() && !is_first();
    // CLOSED by a reset that may have passed this segment on the way.
    let was_open = matches!(sender.state(), State::Established | State::CloseWait | State::Closed);
    let queued_perhaps = sender.marks().owes_since_fin();
    if was_open && (past_gap || copy_perhaps || queued_perhaps) {
        c.end_mut(from).set_mark(mark::AckedFinPastGap, past_gap, ME);
        if let Some((stamp, _)) = segment.options.timestamps.filter(|_| past_gap) {
            c.end_mut(from).keep_stamp_past_gap(stamp);
        }
        c.apply(from, Cue::ReceivedFin, at);
        return;
    }
    if c.ends().iter().any(|end| end.marks().fin_is_guessed()) {
        return;
    }
    // An end that may have closed before the capture began may be in CLOSING instead.
    if c.end(from).state() == State::CloseWait && c.presumes(from, Cue::SentMidStream) {
        return;
    }
    // Where its own FIN may have crossed the other's, CLOSE_WAIT is open to doubt for good.
    let closed_second = matches!(c.end(from).state(), State::LastAck | State::Closing | State::Closed);
    if closed_second && (c.presumes(from, Cue::SentFinPerhaps) || c.presumes(from, Cue::SentFin)) {
        return;
    }
    if may_have_taken_fin_first(c, from) || may_have_begun_again(c, from) {
        return;
    }
    let closer = c.end(from.other());
    // A capture that began later may lack the first copy.
    let may_lack_first = closer.marks().fin_past_missing() && !closer.marks().has_iss();
    let is_later_copy = may_lack_first || closer.marks().fin_is_later_copy();
    let fin_told_all = c.end(from).marks().has_fin()
        && !closer.marks().fin_crossed()
        && !is_later_copy
        && closer.fin_is_deliverable();
    if c.end(from).state() == State::FinWait1 && fin_told_all {
        c.apply(from, Cue::ReceivedAckOfFin, at);
        c.apply(from, Cue::ReceivedFin, at);
    }
    if c.end(from).state() == State::FinWait2 && judge_early_ack_of_fin(c, from, at) {
        return;
    }
    if c.end(from).state() == State::FinWait1 && stamps::knows_more(c, turn) {
        c.apply(from, Cue::ReceivedFin, at); // what it has heard beside the FIN may have acknowledged its own
        return;
    }
    if c.end(from).state() == State::Closing && stamps::is_without_socket(c, turn) {
        return; // an end in CLOSING answers by its socket
    }
    if c.end(from).state() == State::TimeWait {
        if !fin_told_all {
            return;
        }
        c.apply(from, Cue::FinToldAll, at);
    }
    c.apply(from, Cue::SentAckOfFin, at);
}

/// Notes that all octets before an acknowledgement of the other's FIN were captured in the end.
pub(super) const fn forget_gap(end: &mut Endpoint) {
    end.set_mark(mark::AckedFinPastGap, false, ME);
}

/// Whether a server goes on after a reset of its own: where it had answered with a cookie, an acknowledgement that comes later
/// opens the connection again, and the FIN before the reset is not of the socket that speaks now (RFC 4987, 3.6).
fn may_have_begun_again(c: &Connection, side: Side) -> bool {
    c.end(side).marks().answered_syn() && c.end(side).marks().has_fin() && c.has(side, Fact::SpokeAfterOwnRst)
}

/// Whether `side`, which acknowledged less from beyond its FIN, is assumed to have received the other's FIN before the
/// acknowledgement of its own, which nothing proves.
fn may_have_taken_fin_first(c: &Connection, side: Side) -> bool {
    let mut believed = c.log().believed_backward(side);
    c.end(side).marks().acked_less_past_fin()
        && believed.any(|t| t.cue == Cue::ReceivedFin && t.from == State::FinWait1 && !t.is_proven())
}

/// An end that acknowledges the FIN has accepted the acknowledgement that came with it, even if that was in doubt.
fn open_before_fin(c: &mut Connection, from: Side, at: At) {
    if c.log().left_unproven_by(from, Cue::ReceivedFin) == Some(State::SynRecv) {
        believe_opened_before_fin(c, from, at);
    }
}

#[cold]
fn believe_opened_before_fin(c: &mut Connection, from: Side, at: At) {
    let Some(came) = c.grounds(from) else { return };
    let then = At { time_ns: came.time_ns, frame: came.frame };
    c.apply(from, Cue::StillAcksBeforeFin, at);
    c.apply(from, Cue::ReceivedAckOfSyn, then);
    c.apply(from, Cue::ReceivedFin, then);
}

/// The end, in FIN_WAIT2, acknowledges the other's FIN too soon for the acknowledgement of its own to have arrived, which was
/// captured on its way to it after that FIN: the other's FIN arrived in FIN_WAIT1.
#[cold]
fn judge_early_ack_of_fin(c: &mut Connection, from: Side, at: At) -> bool {
    let (this, closer) = (c.end(from), c.end(from.other()));
    let Some(answer) = c.log().unproven_grounds(from, Cue::ReceivedAckOfFin) else { return false };
    let fin_came_first = closer.asked_ns() < answer.time_ns || closer.asked_again() > 0;
    let too_soon = this.answers_nothing_since(answer.time_ns, at.time_ns);
    if !fin_came_first || !too_soon || !c.apply(from, Cue::AckedFinFirst, at) {
        return false;
    }
    c.apply(from, Cue::SentAckOfFinFirst, at);
    c.presume(from, Cue::ReceivedAckOfFin, at);
    true
}

/// The FIN for `side`, which seemed lost when a copy came, had arrived: its acknowledgement was lost.
#[cold]
fn believe_first_copy(c: &mut Connection, side: Side) {
    let is_lost_fin = |t: &Transition| t.side == side && t.cue == Cue::ReceivedFin && !t.is_believed();
    let first = c.log().transitions().rev().find(is_lost_fin);
    if let Some(first) = first {
        c.apply(side, Cue::ReceivedFin, At { time_ns: first.time_ns, frame: first.frame });
    }
}

/// The other's FIN was captured on its way, and some time later this end acknowledges less. A copy sent since may still arrive.
#[cold]
fn doubt_arrival_of_fin(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let closer = c.end(from.other());
    // No end takes an acknowledgement back: one that is lower than an earlier one is old.
    if !closer.marks().fin_delivered() || segment.ack.before(closer.acked()) {
        return;
    }
    let resent_ns = closer.asked_ns();
    let presumed = c.presumed_at(from, Cue::ReceivedFin).unwrap_or(resent_ns);
    if order::is_too_soon_for(c, from, presumed, at) {
        let sender = c.end_mut(from);
        let is_past_fin = sender.marks().has_fin() && !segment.flags.fin();
        sender.set_mark(mark::AckedLessPastFin, is_past_fin, ME);
        return;
    }
    if !c.apply(from, Cue::StillAcksBeforeFin, at) {
        return;
    }
    if segment.flags.fin() && c.end(from).marks().has_fin() {
        return; // what its own FIN, sent again, says of the arrivals comes later
    }
    let answered_ns = c.end(from).answered_ns();
    if c.end(from).state() == State::FinWait1 && answered_ns != 0 {
        c.presume(from, Cue::ReceivedAckOfFin, At { time_ns: answered_ns, ..at });
    }
    if presumed < resent_ns && order::is_too_soon_for(c, from, resent_ns, at) {
        c.apply(from, Cue::ReceivedFin, At { time_ns: resent_ns, ..at });
    }
}

/// An acknowledgement of exactly one octet that was not captured, with the sender's own FIN before it or after it: the octet is
/// the other's FIN.
pub(super) fn read_ack_of_unseen_fin(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let closes = c.end(from).marks().has_fin() || segment.flags.fin();
    if !closes || !c.end(from).marks().acked_one_unseen() || c.end(from.other()).marks().has_fin() {
        return;
    }
    if c.end(from).state() == State::FinWait1 {
        c.apply(from, Cue::ReceivedAckOfFin, at);
    }
    c.apply(from, Cue::SentAckOfUnseenFin, at);
    let closer = c.end_mut(from.other());
    closer.guess_fin(segment.ack.minus(1));
    closer.set_answered(at.time_ns);
    c.apply(from.other(), Cue::PeerAckedFin, at);
    c.apply(from.other(), Cue::ReceivedAckOfFin, at);
}
