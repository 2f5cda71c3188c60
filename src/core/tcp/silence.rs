//! Silence: what it means that nothing came. Time is the packets' own; it passes when somebody says so.

use super::connection::{At, Connection};
use super::cue::{Cue, Evidence};
use super::entry::{Side, Transition, Verdict};
use super::fact::Fact;
use super::profile::{Profile, SECOND};
use super::state::State;

/// Longer than any stack waits before it resends once more, in ns.
const LONGEST_BACK_OFF: i64 = 125 * SECOND;
/// Few hosts are told to keep an orphan in FIN_WAIT2 for less than this (`tcp_fin_timeout`), in ns.
const HASTY_ORPHAN: i64 = 5 * SECOND;
/// Below this silence nothing can be overdue, in ns.
pub(super) const SOON: i64 = 150_000_000;

impl Connection {
    /// Lets time pass until `now_ns`, for both ends.
    #[inline]
    pub fn pass_time(&mut self, now_ns: i64, profile: &Profile) {
        if now_ns - self.last_ns() >= SOON {
            self.pass_time_at(0, now_ns, profile);
            self.pass_time_at(1, now_ns, profile);
        }
    }

    /// Whether neither end was heard of for longer than TIME_WAIT lasts.
    #[must_use]
    pub fn is_quiet(&self, now_ns: i64, profile: &Profile) -> bool {
        now_ns - self.last_ns() > profile.time_wait
    }

    fn pass_time_at(&mut self, side: Side, now_ns: i64, profile: &Profile) {
        match self.ends[side].state {
            State::SynSent => self.syn_overdue(side, now_ns, profile),
            State::SynRecv => self.syn_ack_overdue(side, now_ns, profile),
            State::FinWait1 | State::Closing | State::LastAck => self.fin_overdue(side, now_ns, profile),
            State::TimeWait => self.time_wait(side, now_ns, profile),
            State::CloseWait => self.held(side, now_ns, profile.close_wait_held, Fact::CloseWaitHeld),
            State::FinWait2 => self.held(side, now_ns, profile.fin_timeout, Fact::FinWait2Held),
            _ => {}
        }
        self.zero_window(side, now_ns, profile);
        self.unanswered(side, now_ns, profile);
    }

    /// Data of `side` ended an idle gap, and the other end has not been heard of since.
    fn unanswered(&mut self, side: Side, now_ns: i64, profile: &Profile) {
        let (this, other) = (&self.ends[side], &self.ends[1 - side]);
        let spoke =
            this.unacknowledged() > 0 && self.slept_ns() > profile.idle_gap && this.last_ns >= self.woke_ns();
        if spoke && other.last_ns < self.woke_ns() && now_ns - self.woke_ns() > profile.initial_rto {
            let at = At { time_ns: self.woke_ns(), frame: self.last_frame };
            self.note_figure(side, Fact::UnansweredAfterIdle, self.slept_ns().unsigned_abs(), at);
        }
    }

    /// When the next copy of what `side` asks for is due: after twice the last gap, as back-off would have it.
    fn due_ns(&self, side: Side, profile: &Profile) -> i64 {
        let end = &self.ends[side];
        let gap = if end.asked_again() > 0 {
            end.rare.as_ref().map_or(0, |rare| rare.asked_gap_ns) * 2
        } else {
            profile.initial_rto.max(i64::from(end.rtt_ns) * 3)
        };
        end.asked_ns + gap
    }

    /// Whether the next copy is so late that it will not come.
    fn is_overdue(&self, side: Side, now_ns: i64, profile: &Profile) -> bool {
        let (asked, due) = (self.ends[side].asked_ns, self.due_ns(side, profile));
        let mut wait = due - asked;
        wait += wait / 4 + SOON;
        if self.ends[side].asked_again() == 0 {
            // Some stacks wait for three seconds before the first.
            wait = wait.max(3 * profile.initial_rto);
        }
        now_ns - asked > wait
    }

    fn give_up(&mut self, side: Side, cue: Cue, profile: &Profile) {
        let at = At { time_ns: self.due_ns(side, profile), frame: self.last_frame };
        self.cue(side, cue, at);
    }

    fn syn_overdue(&mut self, side: Side, now_ns: i64, profile: &Profile) {
        // Where its SYN was not captured, there is nothing to wait from.
        let asked = self.ends[side].marks.opened_actively() && self.ends[side].asked_ns != 0;
        if !asked || !self.is_overdue(side, now_ns, profile) {
            return;
        }
        let at = At { time_ns: self.due_ns(side, profile), frame: self.last_frame };
        if self.ends[side].asked_again() >= profile.syn_retries {
            self.note(side, Fact::SynRetriesUsedUp, at);
        }
        self.give_up(side, Cue::SynGivenUp, profile);
    }

    fn syn_ack_overdue(&mut self, side: Side, now_ns: i64, profile: &Profile) {
        if !self.is_overdue(side, now_ns, profile) {
            return;
        }
        if self.ends[side].asked_again() >= profile.synack_retries {
            let at = At { time_ns: self.due_ns(side, profile), frame: self.last_frame };
            self.note(side, Fact::SynAckRetriesUsedUp, at);
            self.give_up(side, Cue::SynAckGivenUp, profile);
        } else {
            self.settle_doubt(side, Cue::ReceivedAckOfSyn);
        }
    }

    fn fin_overdue(&mut self, side: Side, now_ns: i64, profile: &Profile) {
        if !self.is_overdue(side, now_ns, profile) {
            return;
        }
        let shows_no_acks = self.ends[1 - side].frames == 0 || self.holds_only_control();
        if self.ends[side].asked_again() == 0 {
            // With Fast Open it is the SYN,ACK that comes again, as long as that is not acknowledged.
            let is_open = self.grounds(side).is_none_or(|t| t.from != State::SynRecv);
            if shows_no_acks && is_open {
                let at = At { time_ns: self.ends[side].asked_ns, frame: self.last_frame };
                self.cue(side, Cue::FinNotResent, at);
            }
        } else if self.ends[side].asked_again() >= profile.orphan_retries {
            let at = At { time_ns: self.due_ns(side, profile), frame: self.last_frame };
            self.note(side, Fact::FinRetriesUsedUp, at);
            self.give_up(side, Cue::FinGivenUp, profile);
        } else {
            self.settle_doubt(side, Cue::ReceivedAckOfFin);
        }
    }

    /// A presumption that was put off: what would disprove it is overdue, so it holds.
    fn settle_doubt(&mut self, side: Side, cue: Cue) {
        if let Some((time_ns, frame)) = self.ends[side].rare.as_mut().and_then(|rare| rare.doubt.take()) {
            self.cue(side, cue, At { time_ns, frame });
        }
    }

    /// TIME_WAIT lasts for 2MSL from the last FIN that arrived (RFC 9293, 3.10.7.4).
    fn time_wait(&mut self, side: Side, now_ns: i64, profile: &Profile) {
        let last_fin = self.ends[1 - side].asked_ns;
        if now_ns < last_fin + profile.time_wait {
            return;
        }
        let Some(entered) = self.grounds(side) else { return };
        let over = entered.time_ns.max(last_fin) + profile.time_wait;
        if now_ns >= over {
            self.cue(side, Cue::TwoMslOver, At { time_ns: over, frame: self.last_frame });
        }
    }

    fn held(&mut self, side: Side, now_ns: i64, patience: i64, fact: Fact) {
        if self.has(side, fact) {
            return;
        }
        let since = self.grounds(side).map(|Transition { time_ns, .. }| time_ns);
        if let Some(since) = since.filter(|since| now_ns - since > patience) {
            self.note(side, fact, At { time_ns: since + patience, frame: self.last_frame });
        }
    }

    fn zero_window(&mut self, side: Side, now_ns: i64, profile: &Profile) {
        let since = self.ends[side].rare.as_ref().and_then(|rare| rare.zero_window_since);
        if let Some(since) = since.filter(|since| now_ns - since > profile.zero_window_held) {
            let at = At { time_ns: since + profile.zero_window_held, frame: self.last_frame };
            let held = (now_ns - since).unsigned_abs();
            self.note_figure(side, Fact::ZeroWindowHeld, held, at);
        }
    }

    /// Other states that fit what is known of `side` at `now_ns`, beside the one believed.
    #[must_use]
    pub fn alternatives(&self, side: Side, now_ns: i64, profile: &Profile) -> Vec<State> {
        use State::{
            CloseWait, Closed, Closing, Established, FinWait1, FinWait2, LastAck, SynRecv, SynSent, TimeWait,
        };
        let (end, other) = (&self.ends[side], &self.ends[1 - side]);
        let grounds = self.grounds(side);
        let silent = grounds.map_or(0, |t| now_ns - t.time_ns.max(end.last_ns));
        let gave_up = end.resent() >= 5 && now_ns - end.last_ns > LONGEST_BACK_OFF;
        let presumed = |cue| self.presumes(side, cue);
        let others_fin_resent =
            other.marks.has_fin() && !other.fin_is_acked() && self.has(1 - side, Fact::FinResent);
        let has_early_fin = end.rare.as_ref().is_some_and(|rare| rare.early_fin.is_some());
        let closed_last = end.state == Closed && grounds.is_some_and(|t| t.from == LastAck);
        let crossed_perhaps =
            presumed(Cue::SentFinPerhaps) && end.marks.fin_past_missing() && end.marks.acked_fin_past_gap();
        let in_doubt = end.rare.as_ref().is_some_and(|rare| rare.doubt.is_some());
        let overdue = end.asked_ns != 0 && self.is_overdue(side, now_ns, profile);
        let acked_in_vain = self.has(side, Fact::SynAckResentAfterAck) && presumed(Cue::ReceivedAckOfSyn);
        let only_control = self.holds_only_control();
        let asks = matches!(end.state, FinWait1 | Closing | LastAck | SynRecv);
        let may_be = [
            // An orphan goes in silence, sooner than the profile says if its host was told so, and so does who gives up.
            (end.state == FinWait2 && silent > profile.fin_timeout.min(HASTY_ORPHAN), Closed),
            (end.state.is_synchronized() && gave_up, Closed),
            (asks && overdue, Closed),
            (end.state.is_synchronized() && self.is_unresponsive(side), Closed),
            // A SYN,ACK has come since its last SYN, but one before was lost.
            (end.state == SynSent && end.undone() > 0 && end.answered_ns != 0, Established),
            // What has been ignored once may be ignored again.
            (end.state == Established && acked_in_vain, SynRecv),
            // Either the other's FIN or the acknowledgement of it was lost.
            (end.state == Established && others_fin_resent, CloseWait),
            (end.state == TimeWait && presumed(Cue::ReceivedFin) && others_fin_resent, FinWait2),
            (end.state == Closing && presumed(Cue::ReceivedFin) && others_fin_resent, FinWait1),
            // Its FIN may be a copy of one that crossed the other's.
            (end.state == LastAck && end.marks.fin_past_missing(), Closing),
            (closed_last && end.marks.fin_past_missing(), TimeWait),
            // Its FIN, that seems to have crossed the other's, may have been overtaken by an acknowledgement instead.
            (end.state == Closing && crossed_perhaps, LastAck),
            (end.state == TimeWait && crossed_perhaps, Closed),
            // A presumption that waits for silence to speak for it.
            (in_doubt && end.state == SynRecv, Established),
            (in_doubt && end.state == FinWait1, FinWait2),
            (in_doubt && end.state == Closing, TimeWait),
            (in_doubt && end.state == LastAck, Closed),
            // What was before the capture is not known: this end may have closed before, or the other.
            (end.state == Established && presumed(Cue::SentMidStream), CloseWait),
            (end.state == CloseWait && presumed(Cue::SentMidStream), TimeWait),
            (end.state == FinWait1 && presumed(Cue::SentMidStream), LastAck),
            (end.state == FinWait2 && presumed(Cue::SentMidStream), Closed),
            // The acknowledgement is not of what the capture holds.
            (only_control && end.state == FinWait1, FinWait2),
            (only_control && end.state == Closing, TimeWait),
            (only_control && end.state == LastAck, Closed),
            // Closed behind a window of zero, its FIN cannot leave.
            (
                end.state == Established
                    && other.rare.as_ref().is_some_and(|r| r.zero_window_since.is_some()),
                FinWait1,
            ),
            // The reset may have been its own, and have overtaken what it said last.
            (
                end.state.is_synchronized()
                    && end.rare.as_ref().is_some_and(|r| r.doubted_reset_ns.is_some()),
                Closed,
            ),
            // Whoever forged the reset may have told this end too.
            (end.state.is_synchronized() && self.has(side, Fact::RstLooksForeign), Closed),
            (end.state == Established && has_early_fin, FinWait1),
        ];
        let mut others: Vec<_> =
            may_be.into_iter().filter_map(|(fits, state)| fits.then_some(state)).collect();
        for state in self.unless_lost(side, now_ns, profile) {
            if state != end.state && !others.contains(&state) {
                others.push(state);
            }
        }
        others.dedup();
        others
    }

    /// The states that `side` left by what was only captured on its way to it, newest first, as long as the loss of that
    /// may still show itself: what asked for it would be sent again. Nothing but its own words could show that a reset
    /// was lost, ignored (as RFC 1337 has it in TIME_WAIT) or forged.
    fn unless_lost(&self, side: Side, now_ns: i64, profile: &Profile) -> Vec<State> {
        let waits = |asker: Side| self.ends[asker].asked_ns != 0 && !self.is_overdue(asker, now_ns, profile);
        // Who has a FIN acknowledges it. That it is not sent again says only that its sender may be gone.
        let unanswered = |closer: Side| self.ends[side].frames > 0 && !self.ends[closer].fin_is_acked();
        let may_fail = |cue: Cue| match cue {
            Cue::ReceivedSynAck | Cue::ReceivedAckOfSyn | Cue::ReceivedAckOfFin => waits(side),
            Cue::ReceivedFin => waits(1 - side) || unanswered(1 - side),
            Cue::ReceivedRst | Cue::ReceivedNextSyn | Cue::SentRstPerhaps => true,
            _ => false,
        };
        let mut left: Vec<(u64, State)> = Vec::new();
        for t in self.log.believed_backward(side) {
            if t.evidence != Evidence::Presumed || t.is_proven() || !may_fail(t.cue) {
                break;
            }
            // What one segment did twice, its loss undoes twice.
            left.retain(|(frame, _)| *frame != t.frame);
            left.push((t.frame, t.from));
        }
        let undone = self.undone_by_reset(side);
        undone.into_iter().chain(left.into_iter().map(|(_, state)| state)).collect()
    }

    /// The state that `side` was taken to be in until a reset told that it was not: if the reset was its own.
    fn undone_by_reset(&self, side: Side) -> Option<State> {
        let reset = self.log.unproven_grounds(side, Cue::SentRstPerhaps)?;
        let undone = |t: &Transition| t.side == side && t.verdict == Verdict::Retracted(reset.frame);
        self.log.transitions().rev().find(undone).map(|t| t.to)
    }
}
