//! The stream: what a segment without SYN and RST means to both ends.

use super::{
    Reading, Turn, acked_fin, acknowledged, after_reset, alone, amiss, closing, cramped, delayed, habits,
    held, opening, order, probes, rounds, stalls,
};
use crate::tcp::connection::Connection;
use crate::tcp::end::marks::{Tail, mark, owns};
use crate::tcp::end::space::Placement;
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::thresholds::{FULL_SIZE_RESENT, RESENT_OFTEN, SHUT_IN_ALL};

owns!(
    AskedAfterPause,
    CarriedOn,
    HeardLast,
    LeftMore,
    FilledSegment,
    SaidOldThings,
    SentFirstCopy,
    SentNewData,
    ToldNext
);

/// Reads a segment that has neither SYN nor RST.
pub(super) fn read_stream(c: &mut Connection, turn: Turn) -> Reading {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if !segment.flags.ack() {
        // Every segment after the SYN has the ACK bit (RFC 9293, 3.10.7.4); one without it is a scanner's probe.
        return Reading::Stray;
    }
    let reset_under_way = after_reset::read_words_after_reset(c, turn);
    read_answer_to_reset(c, turn);
    if !check_opening(c, turn) {
        return Reading::Stray;
    }
    if !segment.flags.fin() {
        c.end_mut(from).note_mark(mark::CarriedOn, ME);
    }
    order::refute_guessed_fin(c, turn);
    order::refute_unheard_fin(c, turn);
    order::read_words_past_guessed_fin(c, turn);
    alone::read_words_behind_fin(c, turn);
    let overlaps = closing::overlaps_known(c, turn);
    let (reading, placement) = place(c, turn);
    enter_mid_stream(c, turn);
    opening::read_handshake(c, turn);
    order::note_owed(c, turn);
    acknowledged::read(c, turn);
    closing::read_fin(c, turn, placement, overlaps);
    if reset_under_way {
        c.apply(from, Cue::ReceivedRst, at);
    }
    read_window(c, turn);
    if reading != Reading::Retransmission {
        // Which copy would be acknowledged is unknown (RFC 6298, 3: Karn's algorithm).
        begin_round_trip(c, turn);
    }
    reading
}

/// A host that does not know this attempt, or knows another one, answers a SYN with an acknowledgement of its own (RFC 9293,
/// 3.10.7.4): that says nothing about this connection. Returns whether the segment belongs to it.
fn check_opening(c: &mut Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (to, at) = (turn.to(), turn.at());
    let (sender, receiver) = (c.end(from), c.end(to));
    let opener_waits = receiver.marks().opened_actively()
        && !receiver.state().is_synchronized()
        && !sender.marks().has_iss()
        && !sender.marks().has_space();
    // With Fast Open, data and a FIN may overtake the SYN,ACK.
    if opener_waits && receiver.asked_ns() != 0 && !opening::is_ack_of_syn(c, to, segment.ack) {
        c.note(from, Fact::ChallengeAck, at);
        return false;
    }
    true
}

/// Reads an acknowledgement of nothing new, in answer to a reset that must not be accepted: the challenge of RFC 5961.
fn read_answer_to_reset(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if !c.end(from).marks().challenged() {
        return;
    }
    c.end_mut(from).settle_challenge();
    let (sender, receiver) = (c.end(from), c.end(from.other()));
    let says_nothing = segment.payload == 0 && !segment.flags.fin() && segment.seq == sender.next();
    if says_nothing && receiver.marks().has_space() && !segment.ack.after(receiver.acked()) {
        c.note(from, Fact::ChallengeAck, at);
    }
}

/// Notes that a segment bears data: an end that speaks after the other begins a turn.
#[inline]
pub(super) fn mark_last_speaker(c: &mut Connection, turn: Turn) {
    if c.end(turn.from).marks().acked_late() {
        delayed::note_wait(c, turn);
    }
    if !c.end(turn.to()).marks().heard_last() {
        begin_turn(c, turn);
    }
}

#[inline(never)]
fn begin_turn(c: &mut Connection, turn: Turn) {
    let (from, to) = (turn.from, turn.to());
    if c.end(to).frames() > 0 {
        let waited_ns = turn.segment.time_ns - c.end(to).last_ns();
        c.begin_turn(from, waited_ns.max(0));
    }
    c.end_mut(from).set_mark(mark::HeardLast, false, ME);
    c.end_mut(to).set_mark(mark::HeardLast, true, ME);
    delayed::forget_late_ack(c.end_mut(to));
}

/// Counts new, resent and missing octets, and tells probes from data.
fn place(c: &mut Connection, turn: Turn) -> (Reading, Placement) {
    let Turn { from, segment } = turn;
    if let Some(probe) = probes::read(c, turn) {
        return (probe, Placement::Empty);
    }
    note_oversize(c, turn);
    let is_placed = c.end(from).marks().has_space();
    let is_head = is_placed && segment.seq == c.end(from).acked();
    order::settle_owed(c, turn);
    let placement = c.end_mut(from).place(segment);
    if placement == Placement::Ahead {
        acknowledged::note_hole_at_the_beginning(c, turn);
    }
    if segment.payload > 0 {
        held::note_uncorked(c, turn);
        mark_last_speaker(c, turn);
        let behind = c.end(from).next().since(segment.seq.plus(segment.payload));
        if (0..=i32::from(segment.flags.fin())).contains(&behind) {
            let tail = order::tail(c.end(from), c.end(turn.to()), segment);
            c.end_mut(from).set_mark(mark::LeftMore, tail.leaves_more, ME);
            c.end_mut(from).set_mark(mark::FilledSegment, tail.fills_segment, ME);
        }
    }
    let sender = c.end(from);
    let fills_all = placement == Placement::Fills && sender.contiguous() == sender.next();
    if fills_all && !segment.flags.fin() {
        acked_fin::forget_gap(c.end_mut(from));
    }
    let old = placement == Placement::Again && !segment.seq.covers(c.end(from).acked());
    c.end_mut(from).set_mark(mark::SaidOldThings, old, ME);
    if placement == Placement::Next && is_placed && segment.payload > 0 {
        read_new_data(c, turn);
    } else if bears_octet_of_fin(c, turn) {
        retract_fin(c, turn);
    }
    if placement == Placement::Again {
        rounds::count_acknowledged_copies(c, turn);
        read_resent(c, turn, is_head);
    }
    if !c.ends().iter().any(|end| end.marks().has_iss()) {
        let comes_next = is_placed && placement == Placement::Next;
        judge_copies(c, turn, comes_next);
    }
    (name_reading(c, turn, placement), placement)
}

fn name_reading(c: &mut Connection, turn: Turn, placement: Placement) -> Reading {
    let (from, at) = (turn.from, turn.at());
    match placement {
        Placement::Empty | Placement::Next => Reading::Plain,
        Placement::Ahead => Reading::AfterHole,
        Placement::Fills => {
            c.end_mut(from).count_out_of_order();
            order::note_overtaken(c, turn);
            stalls::note_late_fill(c, turn);
            Reading::OutOfOrder
        }
        // Its first copy was not captured, and this copy was sent in vain.
        Placement::FillsAcknowledged if !order::may_be_late_by_the_tap(c, turn) => Reading::Retransmission,
        Placement::FillsAcknowledged => {
            c.note(from, Fact::ReorderedByTap, at);
            Reading::OutOfOrder
        }
        Placement::Again => Reading::Retransmission,
    }
}

/// The adapter behind the tap cuts segments that are larger than the other end can take (segmentation offload).
fn note_oversize(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let most = u32::from(c.end(from.other()).mss());
    if most > 0 && segment.payload > most {
        c.note(from, Fact::OversizedSegments, at);
    }
}

fn read_new_data(c: &mut Connection, turn: Turn) {
    let (from, to, at) = (turn.from, turn.to(), turn.at());
    cramped::note_small_window(c, turn);
    c.end_mut(from).note_mark(mark::SentNewData, ME);
    if c.end(from).marks().has_fin() && c.end(from).next().after(c.end(from).after_fin()) {
        retract_fin(c, turn);
    }
    let ends_pause = c.woke_ns() == at.time_ns;
    c.end_mut(from).set_mark(mark::AskedAfterPause, ends_pause, ME);
    if c.end(to).fin_is_acked() || c.end(to).fin_is_covered_by(turn.segment.ack) {
        c.note(from, Fact::DataAfterPeerFin, at);
    } else if c.has(to, Fact::FinAfterIdle) && !c.has(from, Fact::DataAfterPeerFin) {
        order::note_crossed_request(c, turn);
    }
}

/// On a connection whose opening was not captured, both ends send new octets, so neither has closed, and neither was
/// half-closed when the capture began. A segment that comes next may be old: a closed end resends lost data, and its FIN. But a
/// bare acknowledgement bears the number that follows everything sent.
fn judge_copies(c: &mut Connection, turn: Turn, comes_next: bool) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let sender = c.end_mut(from);
    if segment.payload == 0 && !segment.flags.fin() && segment.seq == sender.next() {
        sender.note_mark(mark::ToldNext, ME);
    }
    if !comes_next || !sender.marks().has_told_next() {
        return;
    }
    sender.note_mark(mark::SentFirstCopy, ME);
    if c.end(from.other()).marks().sent_first_copy() {
        c.apply(from, Cue::BothSend, at);
        c.apply(from.other(), Cue::BothSend, at);
    }
}

/// Whether a segment bears data where its sender's FIN was thought to be.
fn bears_octet_of_fin(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    sender.marks().has_fin() && sender.fin().within(segment.seq, segment.payload)
}

/// Reads data beyond a FIN, or in its place: either the data are somebody else's, or what seemed a FIN was none. A FIN that was
/// acknowledged or came again was one, unless it looks like somebody else's; and data that look so tell nothing about it.
fn retract_fin(c: &mut Connection, turn: Turn) {
    let (from, at) = (turn.from, turn.at());
    c.note(from, Fact::SpokePastFin, at);
    let sender = c.end(from);
    let is_others = habits::is_foreign(c, turn);
    let is_resent = sender.fin_copy().is_some();
    if (sender.fin_is_acked() || is_others || is_resent) && !sender.marks().fin_looks_foreign() {
        return;
    }
    c.apply(from.other(), Cue::StillAcksBeforeFin, at);
    alone::doubt_fin(c, from);
    let is_undone = c.apply(from, Cue::SpokeBeyondFin, at) || c.apply(from, Cue::SpokeFromFin, at);
    if is_undone || !c.end(from).fin_is_acked() {
        c.end_mut(from).forget_fin();
        order::forget_owed(c, from.other());
    }
}

/// All of the segment was captured before.
fn read_resent(c: &mut Connection, turn: Turn, is_head: bool) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    let full_size = cramped::full_size(c);
    let full = segment.payload >= full_size;
    let window_is_shut = c.end(from.other()).window() == 0 && c.has(from.other(), Fact::ZeroWindow);
    // The FIN with these data comes again: `closing` notes that.
    let is_fin = segment.flags.fin() && c.end(from).fin_is_covered_by(segment.seq.plus(segment.payload + 1));
    c.end_mut(from).count_resent(segment.payload);
    if segment.payload == 0 {
        return;
    }
    if segment.payload == 1 && window_is_shut {
        // Some stacks probe with the next octet, again and again (RFC 9293, 3.8.6.1).
        c.note(from, Fact::WindowProbeSent, at);
        return;
    }
    if is_head {
        stalls::note_longer_wait(c, turn);
    }
    let asks_for_room = is_head && window_is_shut && is_copy_answered(c, turn);
    let sender = c.end_mut(from);
    sender.note_resent_size(full);
    let gap_before_ns = sender.resent_gap_ns();
    if is_head {
        sender.note_head_resent(at.time_ns);
    }
    let (times, small_too) = (sender.resent(), sender.has_resent_small());
    if is_head && !is_fin {
        closing::doubt_fin_behind_data(c, from, at);
        alone::doubt_fin(c, from);
    }
    if is_fin && c.has(from, Fact::DataResentUnanswered) {
        // These data were resent often without the FIN before: with it they are the same data once more.
        c.note_figure(from, Fact::DataResentUnanswered, u64::from(times), at);
    }
    if is_fin || probes::read_copy(c, turn, gap_before_ns) {
        return;
    }
    let sender = c.end(from);
    // So little was acknowledged that it cannot have included a full segment.
    let small_passed_only = sender.octets_acknowledged() < u64::from(full_size);
    c.note(from, Fact::DataResent, at);
    stalls::note_copies_together(c, turn);
    if segment.flags.urg() {
        c.note(from, Fact::UrgentResent, at);
    }
    if asks_for_room {
        // Each copy arrives, and nothing of it is taken: these probe the window with what was under way when it shut.
        c.note(from, Fact::WindowProbeSent, at);
        return;
    }
    if times >= RESENT_OFTEN {
        c.note_figure(from, Fact::DataResentUnanswered, u64::from(times), at);
    }
    if times >= FULL_SIZE_RESENT && full && !small_too && small_passed_only {
        c.note(from, Fact::FullSizeResentOnly, at);
    } else if is_head && !full && small_passed_only && c.has(from, Fact::FullSizeResentOnly) {
        c.note_figure(from, Fact::ResentSmaller, u64::from(segment.payload), at);
    }
}

/// Whether the other end has spoken since the last copy of the data that it is to acknowledge next.
fn is_copy_answered(c: &Connection, turn: Turn) -> bool {
    let sender = c.end(turn.from);
    sender.resent() > 0 && c.end(turn.to()).last_ns() > sender.resent_ns()
}

/// Enters a connection whose opening was not captured. A single bare acknowledgement may be the last segment of a closed one.
fn enter_mid_stream(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if c.ends().iter().any(|end| end.marks().has_iss()) {
        let goes_on = c.end(from).marks().opened_actively() && !segment.flags.rst();
        if goes_on && c.end(from).frames() == 1 {
            c.note(from, Fact::SynMissing, at);
        }
        return;
    }
    c.note(from, Fact::MidStream, at);
    let end = c.end(from);
    let talks = segment.payload > 0 || segment.flags.fin() || end.frames() > 1;
    if talks && !end.marks().has_fin() {
        c.apply(from, Cue::SentMidStream, at);
    }
}

/// Marks an end that goes on in order, with a FIN or without.
#[inline]
pub(super) const fn go_on(c: &mut Connection, turn: Turn, closes: bool) {
    let segment = turn.segment;
    let has_data = segment.payload > 0;
    // Half of all segments acknowledge only: they are not asked.
    let tail =
        if has_data { order::tail(c.end(turn.from), c.end(turn.to()), segment) } else { Tail::NOTHING };
    c.end_mut(turn.from).mark_going_on(has_data, tail, closes, ME);
}

fn read_window(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    amiss::note_opened_window(c, turn);
    if segment.ack.before(c.end(turn.to()).acked()) {
        return; // a newer acknowledgement has told a newer window (RFC 9293, 3.10.7.4: SND.WL2)
    }
    cramped::note_taken_back(c, turn);
    let end = c.end_mut(from);
    end.note_window(segment);
    if segment.window == 0 {
        end.shut_window(at.time_ns);
        c.note(from, Fact::ZeroWindow, at);
    } else if let Some(in_all_ns) = end.open_window(at.time_ns) {
        if in_all_ns > SHUT_IN_ALL {
            c.note_figure(from, Fact::ZeroWindowOften, in_all_ns.unsigned_abs(), at);
        }
        cramped::note_opened_by_little(c, turn);
    }
}

/// Data on their way to the other end begin a round trip between the tap and that end.
pub(super) fn begin_round_trip(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let at = turn.at();
    if segment.payload > 0 {
        c.end_mut(from.other()).begin_round_trip(at.time_ns, segment.seq.plus(segment.payload));
    }
}
