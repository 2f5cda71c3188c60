//! Silence: what it means that nothing came. Time is the packets' own; it passes when somebody says so.

use super::reset;
use crate::tcp::connection::entry::{Transition, Verdict};
use crate::tcp::connection::{At, Connection};
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{HASTY_ORPHAN, LONGEST_RTO, NOTHING_OVERDUE, RESENT_OFTEN};

/// Lets time pass until `now_ns`, for both ends.
#[inline]
pub(super) fn pass_time(c: &mut Connection, now_ns: i64, profile: &Profile) {
    if now_ns - c.last_ns() >= NOTHING_OVERDUE {
        pass_time_at(c, Side::Low, now_ns, profile);
        pass_time_at(c, Side::High, now_ns, profile);
    }
}

/// Whether neither end was heard of for longer than TIME_WAIT lasts.
pub(super) fn is_quiet(c: &Connection, now_ns: i64, profile: &Profile) -> bool {
    now_ns - c.last_ns() > profile.time_wait
}

fn pass_time_at(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    match c.ends[side].state() {
        State::SynSent => judge_overdue_syn(c, side, now_ns, profile),
        State::SynRecv => judge_overdue_syn_ack(c, side, now_ns, profile),
        State::FinWait1 | State::Closing | State::LastAck => judge_overdue_fin(c, side, now_ns, profile),
        State::TimeWait => end_time_wait(c, side, now_ns, profile),
        State::CloseWait => note_held(c, side, now_ns, profile.close_wait_held, Fact::CloseWaitHeld),
        State::FinWait2 => note_held(c, side, now_ns, profile.fin_timeout, Fact::FinWait2Held),
        _ => {}
    }
    note_zero_window_held(c, side, now_ns, profile);
    note_unanswered(c, side, now_ns, profile);
}

/// Data of `side` ended an idle gap, and the other end has not been heard of since.
fn note_unanswered(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    let (this, other) = (&c.ends[side], &c.ends[side.other()]);
    let spoke = this.unacknowledged() > 0 && c.slept_ns() > profile.idle_gap && this.last_ns() >= c.woke_ns();
    if spoke && other.last_ns() < c.woke_ns() && now_ns - c.woke_ns() > profile.initial_rto {
        let at = At { time_ns: c.woke_ns(), frame: c.last_frame };
        c.note_figure(side, Fact::UnansweredAfterIdle, c.slept_ns().unsigned_abs(), at);
    }
}

/// When the next copy of what `side` asks for is due: after twice the last gap, as back-off would have it.
fn due_ns(c: &Connection, side: Side, profile: &Profile) -> i64 {
    let end = &c.ends[side];
    let gap = if end.asked_again() > 0 {
        end.rare().map_or(0, |rare| rare.asked_gap_ns) * 2
    } else {
        profile.initial_rto.max(i64::from(end.rtt_ns()) * 3)
    };
    end.asked_ns() + gap
}

/// Whether the next copy is so late that it will not come.
fn is_overdue(c: &Connection, side: Side, now_ns: i64, profile: &Profile) -> bool {
    let (asked, due) = (c.ends[side].asked_ns(), due_ns(c, side, profile));
    let mut wait = due - asked;
    wait += wait / 4 + NOTHING_OVERDUE;
    if c.ends[side].asked_again() == 0 {
        // Some stacks wait for three seconds before the first.
        wait = wait.max(3 * profile.initial_rto);
    }
    now_ns - asked > wait
}

fn give_up(c: &mut Connection, side: Side, cue: Cue, profile: &Profile) {
    let at = At { time_ns: due_ns(c, side, profile), frame: c.last_frame };
    c.apply(side, cue, at);
}

fn judge_overdue_syn(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    // Where its SYN was not captured, there is nothing to wait from.
    let asked = c.ends[side].marks.opened_actively() && c.ends[side].asked_ns() != 0;
    if !asked || !is_overdue(c, side, now_ns, profile) {
        return;
    }
    let at = At { time_ns: due_ns(c, side, profile), frame: c.last_frame };
    if c.ends[side].asked_again() >= profile.syn_retries {
        c.note(side, Fact::SynRetriesUsedUp, at);
    }
    give_up(c, side, Cue::SynGivenUp, profile);
}

fn judge_overdue_syn_ack(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    if !is_overdue(c, side, now_ns, profile) {
        return;
    }
    if c.ends[side].asked_again() >= profile.synack_retries {
        let at = At { time_ns: due_ns(c, side, profile), frame: c.last_frame };
        c.note(side, Fact::SynAckRetriesUsedUp, at);
        give_up(c, side, Cue::SynAckGivenUp, profile);
    } else {
        settle_doubt(c, side, Cue::ReceivedAckOfSyn);
    }
}

fn judge_overdue_fin(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    if !is_overdue(c, side, now_ns, profile) {
        return;
    }
    let shows_no_acks = c.ends[side.other()].frames() == 0 || c.holds_only_control();
    if c.ends[side].asked_again() == 0 {
        // With Fast Open it is the SYN,ACK that comes again, as long as that is not acknowledged.
        let is_open = c.grounds(side).is_none_or(|t| t.from != State::SynRecv);
        if shows_no_acks && is_open {
            let at = At { time_ns: c.ends[side].asked_ns(), frame: c.last_frame };
            c.apply(side, Cue::FinNotResent, at);
        }
    } else if c.ends[side].asked_again() >= profile.orphan_retries {
        let at = At { time_ns: due_ns(c, side, profile), frame: c.last_frame };
        c.note(side, Fact::FinRetriesUsedUp, at);
        give_up(c, side, Cue::FinGivenUp, profile);
    } else {
        settle_doubt(c, side, Cue::ReceivedAckOfFin);
    }
}

/// A presumption that was put off: what would disprove it is overdue, so it holds.
fn settle_doubt(c: &mut Connection, side: Side, cue: Cue) {
    if let Some((time_ns, frame)) = c.ends[side].rare_if_any().and_then(|rare| rare.doubt.take()) {
        c.apply(side, cue, At { time_ns, frame });
    }
}

/// TIME_WAIT lasts for 2MSL from the last FIN that arrived (RFC 9293, 3.10.7.4).
fn end_time_wait(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    let last_fin = c.ends[side.other()].asked_ns();
    if now_ns < last_fin + profile.time_wait {
        return;
    }
    let Some(entered) = c.grounds(side) else { return };
    let over = entered.time_ns.max(last_fin) + profile.time_wait;
    if now_ns >= over {
        c.apply(side, Cue::TwoMslOver, At { time_ns: over, frame: c.last_frame });
    }
}

fn note_held(c: &mut Connection, side: Side, now_ns: i64, patience: i64, fact: Fact) {
    if c.has(side, fact) {
        return;
    }
    let since = c.grounds(side).map(|Transition { time_ns, .. }| time_ns);
    if let Some(since) = since.filter(|since| now_ns - since > patience) {
        c.note(side, fact, At { time_ns: since + patience, frame: c.last_frame });
    }
}

fn note_zero_window_held(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    let since = c.ends[side].rare().and_then(|rare| rare.zero_window_since);
    if let Some(since) = since.filter(|since| now_ns - since > profile.zero_window_held) {
        let at = At { time_ns: since + profile.zero_window_held, frame: c.last_frame };
        let held = (now_ns - since).unsigned_abs();
        c.note_figure(side, Fact::ZeroWindowHeld, held, at);
    }
}

/// Other states that fit what is known of `side` at `now_ns`, beside the one believed.
pub(super) fn alternatives(c: &Connection, side: Side, now_ns: i64, profile: &Profile) -> Vec<State> {
    use State::{
        CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, SynRecv, SynSent, TimeWait,
    };
    let (end, other) = (&c.ends[side], &c.ends[side.other()]);
    let grounds = c.grounds(side);
    let silent = grounds.map_or(0, |t| now_ns - t.time_ns.max(end.last_ns()));
    let gave_up = end.resent() >= RESENT_OFTEN && now_ns - end.last_ns() > LONGEST_RTO;
    let presumed = |cue| c.presumes(side, cue);
    let others_fin_resent =
        other.marks.has_fin() && !other.fin_is_acked() && c.has(side.other(), Fact::FinResent);
    let has_early_fin = end.rare().is_some_and(|rare| rare.early_fin.is_some());
    let closed_last = end.state() == Closed && grounds.is_some_and(|t| t.from == LastAck);
    let crossed_perhaps =
        presumed(Cue::SentFinPerhaps) && end.marks.fin_past_missing() && end.marks.acked_fin_past_gap();
    let in_doubt = end.rare().is_some_and(|rare| rare.doubt.is_some());
    let overdue = end.asked_ns() != 0 && is_overdue(c, side, now_ns, profile);
    let acked_in_vain = c.has(side, Fact::SynAckResentAfterAck) && presumed(Cue::ReceivedAckOfSyn);
    let only_control = c.holds_only_control();
    let asks = matches!(end.state(), FinWait1 | Closing | LastAck | SynRecv);
    let may_be = [
        // An orphan goes in silence, sooner than the profile says if its host was told so, and so does who gives up.
        (end.state() == FinWait2 && silent > profile.fin_timeout.min(HASTY_ORPHAN), Closed),
        (end.state().is_synchronized() && gave_up, Closed),
        (asks && overdue, Closed),
        (end.state().is_synchronized() && reset::is_unresponsive(c, side), Closed),
        // A SYN,ACK has come since its last SYN, but one before was lost.
        (end.state() == SynSent && end.undone() > 0 && end.answered_ns() != 0, Established),
        // An acknowledgement ignored once may be ignored again.
        (end.state() == Established && acked_in_vain, SynRecv),
        // Either the other's FIN or the acknowledgement of it was lost.
        (end.state() == Established && others_fin_resent, CloseWait),
        (end.state() == TimeWait && presumed(Cue::ReceivedFin) && others_fin_resent, FinWait2),
        (end.state() == Closing && presumed(Cue::ReceivedFin) && others_fin_resent, FinWait1),
        // Its FIN may be a copy of one that crossed the other's.
        (end.state() == LastAck && end.marks.fin_past_missing(), Closing),
        (closed_last && end.marks.fin_past_missing(), TimeWait),
        // Its FIN, that seems to have crossed the other's, may have been overtaken by an acknowledgement instead.
        (end.state() == Closing && crossed_perhaps, LastAck),
        (end.state() == TimeWait && crossed_perhaps, Closed),
        // A presumption that waits for silence to speak for it.
        (in_doubt && end.state() == SynRecv, Established),
        (in_doubt && end.state() == FinWait1, FinWait2),
        (in_doubt && end.state() == Closing, TimeWait),
        (in_doubt && end.state() == LastAck, Closed),
        // The time before the capture is not known: this end may have closed then, or the other.
        (end.state() == Established && presumed(Cue::SentMidStream), CloseWait),
        (end.state() == CloseWait && presumed(Cue::SentMidStream), TimeWait),
        (end.state() == FinWait1 && presumed(Cue::SentMidStream), LastAck),
        (end.state() == FinWait2 && presumed(Cue::SentMidStream), Closed),
        // The acknowledgement is not of what the capture holds.
        (only_control && end.state() == FinWait1, FinWait2),
        (only_control && end.state() == Closing, TimeWait),
        (only_control && end.state() == LastAck, Closed),
        // Closed behind a window of zero, its FIN cannot leave.
        (end.state() == Established && other.rare().is_some_and(|r| r.zero_window_since.is_some()), FinWait1),
        // The reset may have been its own, and have overtaken what it said last.
        (end.state().is_synchronized() && end.rare().is_some_and(|r| r.doubted_reset_ns.is_some()), Closed),
        // Whoever forged the reset may have told this end too.
        (end.state().is_synchronized() && c.has(side, Fact::RstLooksForeign), Closed),
        (end.state() == Established && has_early_fin, FinWait1),
    ];
    let mut others: Vec<_> = may_be.into_iter().filter_map(|(fits, state)| fits.then_some(state)).collect();
    for state in unless_lost(c, side, now_ns, profile) {
        if state != end.state() && !others.contains(&state) {
            others.push(state);
        }
    }
    others.dedup();
    others
}

/// The states that `side` left by what was only captured on its way to it, newest first, as long as the loss of that
/// may still show itself: what asked for it would be sent again. Nothing but its own words could show that a reset
/// was lost, ignored (as RFC 1337 has it in TIME_WAIT) or forged.
fn unless_lost(c: &Connection, side: Side, now_ns: i64, profile: &Profile) -> Vec<State> {
    let waits = |asker: Side| c.ends[asker].asked_ns() != 0 && !is_overdue(c, asker, now_ns, profile);
    // Who has a FIN acknowledges it. That it is not sent again says only that its sender may be gone.
    let unanswered = |closer: Side| c.ends[side].frames() > 0 && !c.ends[closer].fin_is_acked();
    let may_fail = |cue: Cue| match cue {
        Cue::ReceivedSynAck | Cue::ReceivedAckOfSyn | Cue::ReceivedAckOfFin => waits(side),
        Cue::ReceivedFin => waits(side.other()) || unanswered(side.other()),
        Cue::ReceivedRst | Cue::ReceivedNextSyn | Cue::SentRstPerhaps => true,
        _ => false,
    };
    let mut left: Vec<(u64, State)> = Vec::new();
    for t in c.log.believed_backward(side) {
        if t.evidence != Evidence::Presumed || t.is_proven() || !may_fail(t.cue) {
            break;
        }
        // Two transitions by one segment are undone together by its loss.
        left.retain(|(frame, _)| *frame != t.frame);
        left.push((t.frame, t.from));
    }
    let undone = undone_by_reset(c, side);
    undone.into_iter().chain(left.into_iter().map(|(_, state)| state)).collect()
}

/// The state that `side` was taken to be in until a reset told that it was not: if the reset was its own.
fn undone_by_reset(c: &Connection, side: Side) -> Option<State> {
    let reset = c.log.unproven_grounds(side, Cue::SentRstPerhaps)?;
    let undone = |t: &Transition| t.side == side && t.verdict == Verdict::Retracted(reset.frame);
    c.log.transitions().rev().find(undone).map(|t| t.to)
}
