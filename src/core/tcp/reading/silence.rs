//! Silence: what it means that nothing came. Time is that of the packets; it passes when the caller says so.

use super::apart;
use crate::tcp::connection::entry::Transition;
use crate::tcp::connection::{At, Connection};
use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{
    BACKOFF, NOTHING_OVERDUE, OVERDUE, RTO_ROUND_TRIPS, SLOWEST_FIRST_RTO,
};

/// Lets time pass until `now_ns`, for both ends.
#[inline]
pub(super) fn pass_time(c: &mut Connection, now_ns: i64, profile: &Profile) {
    if now_ns - c.last_ns() >= NOTHING_OVERDUE && !apart::is_senseless(c) {
        pass_time_at(c, Side::Low, now_ns, profile);
        pass_time_at(c, Side::High, now_ns, profile);
    }
}

/// Whether neither end was heard of for longer than TIME_WAIT lasts.
pub(super) fn is_quiet(c: &Connection, now_ns: i64, profile: &Profile) -> bool {
    now_ns - c.last_ns() > profile.time_wait
}

fn pass_time_at(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    match c.end(side).state() {
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

/// Data of `side` ended an idle gap, and the other end, which had not closed, has been silent since.
fn note_unanswered(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    let (this, other) = (c.end(side), c.end(side.other()));
    // An end that lacks an acknowledgement resends. One that does not resend may have been answered out of sight.
    let in_vain = this.waking().is_some_and(|waking| waking.copies > 0);
    let spoke = in_vain
        && this.unacknowledged() > 0
        && c.slept_ns() > profile.idle_gap
        && this.last_ns() >= c.woke_ns();
    if spoke
        && !other.marks().has_fin()
        && other.last_ns() < c.woke_ns()
        && now_ns - c.woke_ns() > profile.initial_rto
    {
        let at = At { time_ns: c.woke_ns(), frame: c.last_frame() };
        c.note_figure(side, Fact::UnansweredAfterIdle, c.slept_ns().unsigned_abs(), at);
    }
}

/// When the next copy of what `side` asks for is due: after twice the last gap, by back-off.
pub(super) fn due_ns(c: &Connection, side: Side, profile: &Profile) -> i64 {
    let end = c.end(side);
    let gap = if end.asked_again() > 0 {
        end.asked_gap_ns() * BACKOFF
    } else {
        profile.initial_rto.max(i64::from(end.rtt_ns()) * RTO_ROUND_TRIPS)
    };
    end.asked_ns() + gap
}

/// Whether the next copy is so late that it will not come.
pub(super) fn is_overdue(c: &Connection, side: Side, now_ns: i64, profile: &Profile) -> bool {
    let (asked, due) = (c.end(side).asked_ns(), due_ns(c, side, profile));
    let mut wait = due - asked;
    wait += wait / 4 * OVERDUE + NOTHING_OVERDUE;
    if c.end(side).asked_again() == 0 {
        wait = wait.max(SLOWEST_FIRST_RTO * profile.initial_rto);
    }
    now_ns - asked > wait
}

/// Whether `side`, whose next SYN is overdue, had retries left for another one after that, and it is not too late for that.
pub(super) fn may_ask_once_more(c: &Connection, side: Side, now_ns: i64, profile: &Profile) -> bool {
    let end = c.end(side);
    let gap = due_ns(c, side, profile) - end.asked_ns();
    let wait = gap + gap * BACKOFF;
    end.asked_again() + 1 < profile.syn_retries
        && now_ns - end.asked_ns() <= wait + wait / 4 * OVERDUE + NOTHING_OVERDUE
}

/// Whether no end waits but for an answer, and no copy of what it asks for is so late that it will not come: letting less time pass
/// than a pause changes nothing then.
pub(super) fn is_no_copy_overdue(c: &Connection, now_ns: i64, profile: &Profile) -> bool {
    let is_in_time = |side: &Side| match c.end(*side).state() {
        State::Unknown | State::Established => true,
        State::SynSent | State::SynRecv | State::FinWait1 | State::Closing | State::LastAck => {
            !is_overdue(c, *side, now_ns, profile)
        }
        _ => false,
    };
    Side::BOTH.iter().all(is_in_time)
}

fn give_up(c: &mut Connection, side: Side, cue: Cue, profile: &Profile) {
    let at = At { time_ns: due_ns(c, side, profile), frame: c.last_frame() };
    c.apply(side, cue, at);
}

fn judge_overdue_syn(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    // If the SYN was not captured, the wait has no known beginning.
    let asked = c.end(side).marks().opened_actively() && c.end(side).asked_ns() != 0;
    // A segment set aside may show that the attempt was answered.
    let goes_on = c.end(side).has_aside();
    if !asked || goes_on || !is_overdue(c, side, now_ns, profile) {
        return;
    }
    if has_taken_second_answer(c, side) {
        let at = At { time_ns: c.end(side).answered_ns(), frame: c.last_frame() };
        c.apply(side, Cue::ReceivedSynAck, at);
        return;
    }
    let at = At { time_ns: due_ns(c, side, profile), frame: c.last_frame() };
    if c.end(side).asked_again() >= profile.syn_retries {
        c.note(side, Fact::SynRetriesUsedUp, at);
    }
    give_up(c, side, Cue::SynGivenUp, profile);
}

/// Whether a client has sent one SYN more after a SYN-ACK that was lost, and none after the next: that has arrived. Who ignores
/// several, or a copy that the server's timer has sent, does not get them.
fn has_taken_second_answer(c: &Connection, side: Side) -> bool {
    let (this, server) = (c.end(side), c.end(side.other()));
    let is_answered = this.undone() > 0 && this.answered_ns() > this.asked_ns();
    is_answered && this.asked_again() == 1 && server.asked_again() <= this.asked_again()
}

fn judge_overdue_syn_ack(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    if !is_overdue(c, side, now_ns, profile) {
        return;
    }
    if c.end(side).asked_again() >= profile.synack_retries {
        let at = At { time_ns: due_ns(c, side, profile), frame: c.last_frame() };
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
    let shows_no_acks = c.end(side.other()).frames() == 0 || c.holds_only_control();
    if c.end(side).asked_again() == 0 {
        // With Fast Open, the SYN,ACK comes again as long as it is not acknowledged.
        let is_open = c.grounds(side).is_none_or(|t| t.from != State::SynRecv);
        if shows_no_acks && is_open {
            let at = At { time_ns: c.end(side).asked_ns(), frame: c.last_frame() };
            c.apply(side, Cue::FinNotResent, at);
        }
    } else if c.end(side).asked_again() >= profile.orphan_retries {
        let at = At { time_ns: due_ns(c, side, profile), frame: c.last_frame() };
        c.note(side, Fact::FinRetriesUsedUp, at);
        give_up(c, side, Cue::FinGivenUp, profile);
    } else {
        settle_doubt(c, side, Cue::ReceivedAckOfFin);
    }
}

/// A presumption that was put off: the segment that would disprove it is overdue, so it holds.
fn settle_doubt(c: &mut Connection, side: Side, cue: Cue) {
    if let Some((time_ns, frame)) = c.end_mut(side).take_put_off() {
        c.apply(side, cue, At { time_ns, frame });
    }
}

/// TIME_WAIT lasts for 2MSL from the last FIN that arrived (RFC 9293, 3.10.7.4).
fn end_time_wait(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    let last_fin = c.end(side.other()).asked_ns();
    if now_ns < last_fin + profile.time_wait {
        return;
    }
    let Some(entered) = c.grounds(side) else { return };
    let over = entered.time_ns.max(last_fin) + profile.time_wait;
    if now_ns >= over {
        c.apply(side, Cue::TwoMslOver, At { time_ns: over, frame: c.last_frame() });
    }
}

fn note_held(c: &mut Connection, side: Side, now_ns: i64, patience: i64, fact: Fact) {
    if c.has(side, fact) {
        return;
    }
    let since = c.grounds(side).map(|Transition { time_ns, .. }| time_ns);
    if let Some(since) = since.filter(|since| now_ns - since > patience) {
        c.note(side, fact, At { time_ns: since + patience, frame: c.last_frame() });
    }
}

fn note_zero_window_held(c: &mut Connection, side: Side, now_ns: i64, profile: &Profile) {
    let since = c.end(side).shut_since();
    if let Some(since) = since.filter(|since| now_ns - since > profile.zero_window_held) {
        let at = At { time_ns: since + profile.zero_window_held, frame: c.last_frame() };
        let held = (now_ns - since).unsigned_abs();
        c.note_figure(side, Fact::ZeroWindowHeld, held, at);
    }
}
