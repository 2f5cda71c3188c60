//! Closing: what a FIN and its acknowledgement mean to both ends (RFC 9293, 3.6).

use super::{Turn, alone, habits, opening, order, stalls};
use crate::seq::Seq;
use crate::tcp::connection::{At, Connection};
use crate::tcp::end::kept::Fin;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::end::space::Placement;
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{FAREWELL, HESITATION, OVERTAKING, PROBED_OFTEN, USUAL_TICK};
use crate::tcp::reading::aim::is_in_window;

owns!(FinIsLaterCopy, FinLooksForeign);

/// Whether a segment with a FIN begins within octets already known and reaches beyond them. Ask before it is placed.
pub(super) fn overlaps_known(c: &Connection, turn: Turn) -> bool {
    let (sender, segment) = (c.end(turn.from), turn.segment);
    let end = segment.seq.plus(segment.payload + 1);
    segment.flags.fin()
        && sender.marks().has_space()
        && segment.seq.before(sender.next())
        && end.after(sender.next())
}

/// Reads the segment's FIN, if it has one, and checks whether a FIN captured earlier has become deliverable. The segment
/// `overlaps` octets that were known before it.
pub(super) fn read_fin(c: &mut Connection, turn: Turn, placement: Placement, overlaps: bool) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if segment.flags.fin() {
        stalls::note_stall(c, turn);
        let sender = c.end(from);
        let seq = segment.seq.plus(segment.payload);
        let follows = habits::is_next_packet(c, turn);
        let is_ahead = placement == Placement::Ahead;
        // No packet lies between this segment and the one before, so no octets do; and no end takes an acknowledgement back.
        let takes_back = segment.ack.before(c.end(turn.to()).acked());
        let is_nonsense = (follows && is_ahead) || (takes_back && (is_ahead || placement == Placement::Next));
        let is_foreign = is_nonsense || habits::is_foreign(c, turn);
        let looks_foreign = is_foreign || habits::is_off_count(c, turn);
        let may_count = !sender.shares_count() && habits::is_counted_on(c, turn);
        let counts = sender.marks().counts_ip_id() || !sender.marks().has_ip_id() || may_count;
        let skips = segment.ip_id.is_some() && !follows && counts;
        let is_copy = match placement {
            Placement::Fills | Placement::Again => true,
            Placement::FillsAcknowledged => !order::may_be_late_by_the_tap(c, turn),
            _ => false,
        };
        let belated = (sender.next().after(seq.plus(1)) || is_copy) && !was_overtaken(c, turn);
        place_fin(
            c,
            from,
            Fin {
                seq,
                ack: segment.ack,
                time_ns: at.time_ns,
                frame: at.frame,
                follows,
                looks_foreign,
                is_foreign,
                skips,
                is_ahead,
                belated,
                overlaps,
                stamp: segment.options.timestamps.map(|(value, _)| value),
            },
        );
    }
    settle_early_fin(c, from);
    if !c.end(from).marks().fin_delivered() && c.end(from).fin_is_deliverable() {
        c.end_mut(from).deliver_fin();
        if segment.flags.fin() && c.end(from.other()).fin_is_covered_by(segment.ack) {
            // Whether or not other octets arrived: a receiver reads this acknowledgement before the FIN (RFC 9293, 3.10.7.4).
            c.apply(from.other(), Cue::ReceivedAckOfFin, at);
        }
        c.apply(from.other(), Cue::ReceivedFin, at);
        if c.end(from).fin_is_acked() {
            // The tap has shown the acknowledgement before the FIN, and perhaps also before a FIN of its sender.
            let other = c.end(from.other());
            let may_have_closed = other.marks().owes_since_fin() || other.is_missing_before(other.next());
            if placement != Placement::Again && !may_have_closed {
                c.apply(from.other(), Cue::SentAckOfFin, at);
            }
            c.apply(from, Cue::ReceivedAckOfFin, at);
        }
    }
}

/// Whether a FIN bears an older time stamp than the acknowledgement that was captured before it and lies beyond it: the FIN was
/// sent first. A later copy would bear no older stamp (RFC 7323, 4.1).
fn was_overtaken(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let stamps = segment.options.timestamps.zip(c.end(from).stamp_past_gap());
    stamps.is_some_and(|((own, _), later)| habits::age(own, later) > 0)
}

/// Whether a FIN was sent after an acknowledgement of the other's FIN that lies beyond it, by its time stamp: it is a copy, and
/// the first was not captured.
fn was_sent_before(c: &Connection, from: Side, fin: &Fin) -> bool {
    let stamps = fin.stamp.zip(c.end(from).stamp_past_gap());
    let is_later = stamps.is_some_and(|(own, past)| habits::age(own, past) < 0);
    fin.belated && is_later && c.end(from).marks().acked_fin_past_gap()
}

fn place_fin(c: &mut Connection, from: Side, fin: Fin) {
    let end = c.end(from);
    if end.marks().has_fin() && end.fin() == fin.seq {
        if end.marks().fin_is_guessed() && order::read_guessed_fin(c, from, &fin) {
            return;
        }
        if fin.is_foreign && !c.end(from).marks().fin_looks_foreign() {
            return; // whoever forged it has not sent the first
        }
        return read_fin_again(c, from, fin);
    }
    let may_give_way = end.marks().fin_looks_foreign() || (end.marks().fin_is_guessed() && !fin.is_foreign);
    if end.marks().has_fin() && !may_give_way {
        return; // nobody sends two at different numbers
    }
    // With the FIN counted: `next` is one past the FIN if it follows octets that were captured.
    let contiguous = end.contiguous();
    if fin.seq.plus(1) == contiguous || fin.seq == contiguous {
        return accept_fin(c, from, fin);
    }
    // If the opening was captured, the window is known: an end sends nothing beyond it, but a forger may.
    let receiver = c.end(from.other());
    let only_control = c.holds_only_control();
    let window = if only_control { receiver.widest_window() } else { receiver.window() };
    let is_beyond = end.marks().has_iss()
        && receiver.marks().has_iss()
        && receiver.frames() > 0
        && !is_in_window(fin.seq, end.acked(), window);
    if fin.seq.after(contiguous) && !fin.looks_foreign && !is_beyond {
        if only_control {
            c.end_mut(from).leave_out(fin.seq);
            c.note(from, Fact::OnlyControl, At { time_ns: fin.time_ns, frame: fin.frame });
        }
        c.end_mut(from).accept_fin(fin.seq);
        return accept_fin(c, from, fin);
    }
    let is_early = fin.seq.after(contiguous);
    let known = end.early_fin();
    if is_early && is_in_window(fin.seq, end.acked(), c.end(from.other()).window()) {
        match known.filter(|early| early.seq == fin.seq) {
            // Nobody else would send it again.
            Some(early) => accept_early_fin(c, from, early),
            None => c.end_mut(from).keep_early_fin(fin),
        }
    }
}

/// A FIN that was captured ahead of a hole counts once the hole is filled up to it, or once it is acknowledged. Data beyond the
/// FIN show that somebody else sent it.
fn settle_early_fin(c: &mut Connection, from: Side) {
    let end = c.end(from);
    let Some(early) = end.early_fin() else { return };
    let contiguous = end.contiguous();
    if contiguous == early.seq || end.acked() == early.seq.plus(1) {
        accept_early_fin(c, from, early);
    } else if contiguous.after(early.seq) {
        c.end_mut(from).forget_early_fin();
    }
}

#[cold]
fn accept_early_fin(c: &mut Connection, from: Side, early: Fin) {
    let end = c.end_mut(from);
    end.forget_early_fin();
    end.accept_fin(early.seq);
    accept_fin(c, from, early);
}

fn accept_fin(c: &mut Connection, from: Side, fin: Fin) {
    let at = At { time_ns: fin.time_ns, frame: fin.frame };
    retract_ack_after_close(c, from, &fin);
    let is_later_copy = was_sent_before(c, from, &fin);
    let end = c.end_mut(from);
    if is_later_copy {
        end.note_mark(mark::FinIsLaterCopy, ME);
    }
    end.learn_fin(fin.seq);
    end.set_mark(mark::FinLooksForeign, fin.is_foreign, ME);
    end.note_request(at.time_ns, false);
    if end.acked().covers(end.after_fin()) {
        end.set_answered(at.time_ns);
    }
    let follows_surely = order::has_waited_to_close(c, from);
    let end = c.end_mut(from);
    let copy_perhaps = !follows_surely && (fin.skips || fin.belated);
    let owes = end.marks().owes_since_fin();
    order::note_past_missing(end, copy_perhaps || owes);
    note_close_after_pause(c, from, fin.ack, at);
    order::note_acked_unseen(c, from, &fin);
    if order::read_fin_shown_late(c, from, at) {
        return;
    }
    let crossing = has_crossed(c, from, &fin);
    let mut arrives_later = false;
    if crossing {
        order::note_crossing(c);
        if have_met(c, from, at) {
            c.note(from, Fact::SimultaneousClose, at);
        }
        arrives_later = c.apply(from, Cue::SentFinCrossing, at);
    }
    c.apply(from, own_act(c, from, &fin), at);
    if arrives_later {
        c.apply(from, Cue::ReceivedFin, at);
    }
}

/// Whether a FIN was sent before the other's had arrived: it does not acknowledge that, or its first copy, lost before the tap,
/// did not.
fn has_crossed(c: &Connection, from: Side, fin: &Fin) -> bool {
    let other = c.end(from.other());
    other.marks().has_fin() && (!fin.ack.covers(other.after_fin()) || may_have_crossed_unseen(c, from, fin))
}

/// Whether the other's FIN was sent so shortly before that the two met on the way. Otherwise that FIN was lost.
fn have_met(c: &Connection, from: Side, at: At) -> bool {
    let first = c.log().first_by(from.other(), Cue::FINS);
    let first_ns = first.map_or(c.end(from.other()).asked_ns(), |t| t.time_ns);
    order::may_take_until(c, first_ns, at)
}

/// Whether the first copy of a FIN was lost before the tap, and crossed the other's FIN. An acknowledgement of the other's FIN
/// tells so whose number lies beyond the FIN, and which nothing else had called for. A FIN that comes at once is no copy: the
/// acknowledgement has overtaken it. But another segment of the other end may have been overtaken by that end's FIN, and may
/// have called for the acknowledgement; so this is never certain.
fn may_have_crossed_unseen(c: &Connection, from: Side, fin: &Fin) -> bool {
    let (sender, other) = (c.end(from), c.end(from.other()));
    let uncalled = sender.marks().acked_fin_past_gap() && other.asked_again() == 0;
    fin.belated && uncalled && fin.time_ns - other.answered_ns() > OVERTAKING
}

/// With Fast Open a server may close before its SYN,ACK is acknowledged; both ends of a simultaneous open may do so as well. A FIN
/// that acknowledges the other's FIN has seen it, and the acknowledgement that came with that.
fn retract_ack_after_close(c: &mut Connection, from: Side, fin: &Fin) {
    let at = At { time_ns: fin.time_ns, frame: fin.frame };
    let end = c.end(from);
    let has_others = c.end(from.other()).fin_is_covered_by(fin.ack);
    let crossed =
        end.answered_ns() != 0 && end.may_have_crossed(end.answered_ns(), at.time_ns) && !has_others;
    if crossed && c.has(from, Fact::FastOpen) && c.presumes(from, Cue::ReceivedAckOfSyn) {
        c.apply(from, Cue::ClosedBeforeAck, at);
    }
    if c.has(from, Fact::SimultaneousOpen) && !opening::has_answered_syn_ack(c, from, c.end(from).frames()) {
        let syn_ack = c.presumed_at(from, Cue::ReceivedSynAck);
        if syn_ack.is_some_and(|then| c.end(from).may_have_crossed(then, at.time_ns)) {
            c.apply(from, Cue::ClosedBeforeSynAck, at);
        }
    }
}

/// The act of its sender that a FIN shows, and how certainly.
fn own_act(c: &Connection, from: Side, fin: &Fin) -> Cue {
    let is_first = c.end(from).state() == State::Established;
    match is_certain(c, from, fin) {
        false => Cue::SentFinPerhaps,
        true if is_first && alone::meets_request(c, from) => Cue::SentFinUnheard,
        true if alone::meets_reset(c, from) => Cue::SentFinUnheard,
        true => Cue::SentFin,
    }
}

/// Whether a FIN shows its sender's state for certain. The FIN of the end that closes first does if everything it acknowledges
/// was captured, so that no FIN is part of that. The FIN of the end that closes second does if its sender was still open when
/// the other's FIN came, or if no earlier packet of its sender is missing, so that it is the first copy. A FIN whose segment
/// overlaps known octets never does: its sender may have joined resent and new octets, but a forger with a number that is
/// nearly right sends the same.
fn is_certain(c: &Connection, from: Side, fin: &Fin) -> bool {
    let second = c.end(from).state() == State::CloseWait;
    let is_left_out = fin.is_ahead && c.holds_only_control();
    let ahead_of_a_hole = c.end(from).contiguous().before(fin.seq);
    if is_left_out || (ahead_of_a_hole && !c.end(from).marks().counts_ip_id()) {
        return false;
    }
    let acks_peers_fin = c.end(from.other()).fin_is_covered_by(fin.ack);
    let sender = c.end(from);
    let awaits_ack_of_syn = sender.marks().answered_syn() && !sender.acked().after(sender.iss());
    let awaits_third_ack = awaits_ack_of_syn && !c.has(from, Fact::FastOpen);
    if fin.looks_foreign || fin.overlaps || awaits_third_ack || sender.state() == State::Unknown {
        return false;
    }
    if second {
        let has_waited = order::has_waited_to_close(c, from);
        let is_first_copy = has_waited || (fin.follows && !fin.belated);
        is_first_copy && !c.end(from).marks().owes_since_fin()
    } else {
        // A FIN that acknowledges the other's FIN is not the copy that crossed it.
        !acks_peers_fin && order::has_captured_acked(c, from, fin.ack)
    }
}

/// Handles a FIN that ends a pause of both ends, and the request that it may have crossed.
fn note_close_after_pause(c: &mut Connection, from: Side, ack: Seq, at: At) {
    let slept = c.quiet_ns().unsigned_abs();
    let other = c.end(from.other());
    let waited = c.pause().is_some_and(|pause| pause.waits);
    let ends_pause = c.has_ended_quiet(at.time_ns);
    if ends_pause && other.has_data_beyond(ack) {
        return; // nobody was idle: what the other end had sent was on its way, or lost
    }
    if (ends_pause || is_farewell(c, from, at)) && !waited {
        c.note_figure(from, Fact::FinAfterIdle, slept, at);
        note_unanswered_words(c, from, slept, at);
    } else if other.marks().asked_after_pause() && other.has_data_beyond(ack) {
        c.note_figure(from, Fact::CloseCrossedRequest, slept, at);
    }
}

/// The client leaves, or checks whether the other end is there, after a silence that it began itself: its last octets were
/// acknowledged, and not answered.
pub(super) fn note_unanswered_words(c: &mut Connection, from: Side, slept: u64, at: At) {
    let (this, other) = (c.end(from), c.end(from.other()));
    let spoke_last = !this.marks().heard_last() && other.marks().heard_last() && this.bytes() > 0;
    let is_taken = this.marks().has_space() && !this.has_data_beyond(this.acked());
    if from == c.client() && spoke_last && is_taken && slept > 0 {
        c.note_figure(from, Fact::WordsUnanswered, slept, at);
    }
}

/// Whether the last octets of `from` before its FIN ended the pause, though it had spoken last: they are no answer, but the
/// farewell of a protocol (the close_notify of TLS, RFC 8446, 6.1), which the other end has but acknowledged.
fn is_farewell(c: &Connection, from: Side, at: At) -> bool {
    let goes_on = c.pause().is_some_and(|pause| pause.goes_on);
    let began_it = c.end(from).last_ns() >= c.woke_ns() && c.end(from.other()).asked_ns() < c.woke_ns();
    goes_on && began_it && at.time_ns - c.woke_ns() <= FAREWELL
}

/// Whether the time stamp of a copy is newer than all before, by no more than has passed since its sender's FIN came last: only
/// the sender's own clock shows that, so that it was there when the copy was sent.
pub(super) fn is_in_step(c: &Connection, from: Side, fin: &Fin) -> bool {
    let Some(stamp) = fin.stamp.filter(|_| c.end(from).marks().stamps()) else { return false };
    let ticks = -i64::from(habits::age(stamp, c.latest_stamp(from)));
    let passed_ns = fin.time_ns - c.end(from).asked_ns() + HESITATION;
    (1..=passed_ns / USUAL_TICK).contains(&ticks)
}

/// Whether a copy bears an older time stamp than what was captured of its sender before: it was on its way all that time, and so
/// it may have left before anything captured meanwhile arrived.
fn is_belated_by_stamp(c: &Connection, from: Side, fin: &Fin) -> bool {
    let stamp = fin.stamp.filter(|_| c.end(from).marks().stamps());
    stamp.is_some_and(|own| habits::age(own, c.latest_stamp(from)) > 0)
}

#[cold]
fn read_fin_again(c: &mut Connection, from: Side, fin: Fin) {
    let to = from.other();
    let at = At { time_ns: fin.time_ns, frame: fin.frame };
    let answered = c.end(from).answered_ns();
    let may_cross = c.end(from).may_have_crossed(answered, at.time_ns) || is_belated_by_stamp(c, from, &fin);
    let crossed = answered != 0 && may_cross;
    let first_copy_had_time = !c.end(to).may_have_crossed(c.end(from).asked_ns(), at.time_ns);
    let acks_peers_fin = c.end(to).fin_is_covered_by(fin.ack);
    if order::rides_on_ack(c, from, at) {
        return;
    }
    let is_in_step = is_in_step(c, from, &fin);
    c.end_mut(from).note_request(at.time_ns, true);
    if !fin.is_foreign {
        c.end_mut(from).set_mark(mark::FinLooksForeign, false, ME);
    }
    let copy_before = c.end_mut(from).keep_fin_copy(fin);
    c.end_mut(from).note_lone_copy(answered != 0 && !is_in_step);
    c.apply(from, Cue::RetriedAfterAll, at);
    if answered != 0 {
        // A FIN that acknowledges octets received since the last copy was sent by an end that has received the acknowledgement
        // of the FIN as well.
        let has_heard = copy_before.is_some_and(|copy| fin.ack.after(copy.ack));
        // Otherwise the FIN may have been sent before that could arrive, or the tap has swapped the two.
        if has_heard || !(crossed || order::is_too_soon_for(c, from, answered, at)) {
            count_fin_after_ack(c, from, at);
        }
        if crossed {
            return;
        }
        if c.apply(from, Cue::ResentFin, at) || c.end(from).state() == State::FinWait1 {
            let order_is_in_doubt = c.end(from).marks().fin_is_guessed()
                || (matches!(c.end(from).state(), State::LastAck | State::Closing)
                    && c.presumes(from, Cue::SentFinPerhaps));
            if acks_peers_fin && !order_is_in_doubt {
                c.apply(from, Cue::SentAckOfFin, at);
            }
            presume_what_is_under_way(c, from, acks_peers_fin, at);
        }
        return;
    }
    c.note(from, Fact::FinResent, at);
    c.apply(from, Cue::ResentFinUnseen, at);
    let doubtful = c.end(from).marks().fin_delivered() && first_copy_had_time;
    if doubtful && c.apply(to, Cue::FinUnacknowledged, at) && acks_peers_fin {
        c.presume(to, Cue::ReceivedAckOfFin, at);
    }
}

/// Data before a FIN have come again so often that their receiver counts as unresponsive: an end that has acknowledged neither
/// is not known to have the FIN that follows them.
pub(super) fn doubt_fin_behind_data(c: &mut Connection, from: Side, at: At) {
    let (sender, to) = (c.end(from), from.other());
    let is_presumed = sender.marks().fin_delivered() && !sender.fin_is_acked();
    let had_time = !c.end(to).may_have_crossed(sender.asked_ns(), at.time_ns);
    if is_presumed && had_time && sender.resent() >= PROBED_OFTEN {
        c.apply(to, Cue::FinUnacknowledged, at);
    }
}

fn count_fin_after_ack(c: &mut Connection, from: Side, at: At) {
    let count = c.end_mut(from).count_fin_after_ack();
    c.note_figure(from, Fact::FinResentAfterAck, count, at);
}

/// `from` has resent its FIN, so nothing that the other end sent before had reached it; the other end's latest segments may
/// still arrive. A FIN that did not cross has the acknowledgement with it: where that is in doubt, the FIN is too.
fn presume_what_is_under_way(c: &mut Connection, from: Side, has_peers_fin: bool, at: At) {
    let (this, other) = (c.end(from), c.end(from.other()));
    if !this.may_have_crossed(other.last_ns(), at.time_ns) {
        return;
    }
    let fin_too =
        other.marks().has_fin() && !has_peers_fin && this.may_have_crossed(other.asked_ns(), at.time_ns);
    c.end_mut(from).set_answered(at.time_ns);
    c.presume(from, Cue::ReceivedAckOfFin, at);
    let in_doubt = c.end(from).state() == State::FinWait1 && !c.end(from.other()).marks().fin_crossed();
    if fin_too && !in_doubt {
        c.apply(from, Cue::ReceivedFin, at);
    }
}
