//! Alternatives: which rows of the second table (`machine::alternatives`) hold for an end, as of an instant.

use super::{reset, silence};
use crate::tcp::connection::Connection;
use crate::tcp::connection::entry::{Transition, Verdict};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::alternatives::{ALTERNATIVES, Or, When};
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{HASTY_ORPHAN, LONGEST_RTO, RESENT_OFTEN};

/// Other states that fit what is known of `side` at `now_ns`, beside the one believed.
pub(super) fn alternatives(c: &Connection, side: Side, now_ns: i64, profile: &Profile) -> Vec<State> {
    let question = Question { c, side, now_ns, profile };
    let state = c.ends[side].state();
    let mut others = Vec::new();
    for row in ALTERNATIVES {
        let is_new = |found: State| found != state && !others.contains(&found);
        let names_new = match row.or {
            Or::State(found) => is_new(found),
            Or::Left | Or::Undone => true,
        };
        if names_new && row.states.contains(&state) && question.holds(row.when) {
            for found in question.states_of(row.or) {
                if found != state && !others.contains(&found) {
                    others.push(found);
                }
            }
        }
    }
    others
}

/// The question that every condition is: does it hold of this end, at this instant?
struct Question<'a> {
    c: &'a Connection,
    side: Side,
    now_ns: i64,
    profile: &'a Profile,
}

impl Question<'_> {
    fn holds(&self, when: When) -> bool {
        let (c, side, end) = (self.c, self.side, self.end());
        match when {
            When::SilentAsAnOrphan => self.silent_ns() > self.profile.fin_timeout.min(HASTY_ORPHAN),
            When::StoppedResending => {
                end.resent() >= RESENT_OFTEN && self.now_ns - end.last_ns() > LONGEST_RTO
            }
            When::CopyOverdue => end.asked_ns() != 0 && self.is_overdue(side),
            When::Unresponsive => reset::is_unresponsive(c, side),
            When::AnsweredAgain => end.undone() > 0 && end.answered_ns() != 0,
            When::IgnoredAckBefore => {
                c.has(side, Fact::SynAckResentAfterAck) && c.presumes(side, Cue::ReceivedAckOfSyn)
            }
            When::InDoubt => end.rare().is_some_and(|rare| rare.doubt.is_some()),
            When::OthersFinResent => self.others_fin_is_resent(),
            When::PresumedFinResent => self.others_fin_is_resent() && c.presumes(side, Cue::ReceivedFin),
            When::FinPastMissing => end.marks.fin_past_missing(),
            When::LastFinPastMissing => {
                end.marks.fin_past_missing() && c.grounds(side).is_some_and(|t| t.from == State::LastAck)
            }
            When::CrossedPerhaps => {
                end.marks.fin_past_missing()
                    && end.marks.acked_fin_past_gap()
                    && c.presumes(side, Cue::SentFinPerhaps)
            }
            When::HasEarlyFin => end.rare().is_some_and(|rare| rare.early_fin.is_some()),
            When::OtherWindowShut => self.other().rare().is_some_and(|rare| rare.zero_window_since.is_some()),
            When::BeganMidStream => c.presumes(side, Cue::SentMidStream),
            When::OnlyControl => c.holds_only_control(),
            When::ResetPerhapsOwn => end.rare().is_some_and(|rare| rare.doubted_reset_ns.is_some()),
            When::ForeignReset => c.has(side, Fact::RstLooksForeign),
            When::ResetUndid => c.log.unproven_grounds(side, Cue::SentRstPerhaps).is_some(),
            When::ArrivalUnproven => c.log.has_unproven(side),
        }
    }

    fn end(&self) -> &Endpoint {
        &self.c.ends[self.side]
    }

    fn other(&self) -> &Endpoint {
        &self.c.ends[self.side.other()]
    }

    /// How long it has been silent in its state.
    fn silent_ns(&self) -> i64 {
        self.c.grounds(self.side).map_or(0, |t| self.now_ns - t.time_ns.max(self.end().last_ns()))
    }

    /// Whether the next copy of what `side` sent last is so late that it will not come.
    fn is_overdue(&self, side: Side) -> bool {
        silence::is_overdue(self.c, side, self.now_ns, self.profile)
    }

    fn others_fin_is_resent(&self) -> bool {
        let other = self.other();
        other.marks.has_fin() && !other.fin_is_acked() && self.c.has(self.side.other(), Fact::FinResent)
    }

    fn states_of(&self, or: Or) -> Vec<State> {
        match or {
            Or::State(state) => vec![state],
            Or::Left => self.left(),
            Or::Undone => self.undone().into_iter().collect(),
        }
    }

    /// The states that it left by what was only captured on its way to it, newest first, as long as the loss of that may
    /// still show itself.
    fn left(&self) -> Vec<State> {
        let mut left: Vec<(u64, State)> = Vec::new();
        for t in self.c.log.believed_backward(self.side) {
            if t.evidence != Evidence::Presumed || t.is_proven() || !self.may_fail(t.cue) {
                break;
            }
            // Two transitions by one segment are undone together by its loss.
            left.retain(|(frame, _)| *frame != t.frame);
            left.push((t.frame, t.from));
        }
        left.into_iter().map(|(_, state)| state).collect()
    }

    /// Whether a presumption may still turn out wrong: what asked for the segment would be sent again. Nothing but its
    /// own words could show that a reset was lost, ignored (as RFC 1337 has it in TIME_WAIT) or forged.
    fn may_fail(&self, cue: Cue) -> bool {
        let side = self.side;
        let waits = |asker: Side| self.c.ends[asker].asked_ns() != 0 && !self.is_overdue(asker);
        // Who has a FIN acknowledges it. That it is not sent again says only that its sender may be gone.
        let is_unanswered = self.end().frames() > 0 && !self.other().fin_is_acked();
        match cue {
            Cue::ReceivedSynAck | Cue::ReceivedAckOfSyn | Cue::ReceivedAckOfFin => waits(side),
            Cue::ReceivedFin => waits(side.other()) || is_unanswered,
            Cue::ReceivedRst | Cue::ReceivedNextSyn | Cue::SentRstPerhaps => true,
            _ => false,
        }
    }

    /// The state that it was taken to be in until a reset told that it was not: if the reset was its own.
    fn undone(&self) -> Option<State> {
        let reset = self.c.log.unproven_grounds(self.side, Cue::SentRstPerhaps)?;
        let is_undone = |t: &Transition| t.side == self.side && t.verdict == Verdict::Retracted(reset.frame);
        self.c.log.transitions().rev().find(is_undone).map(|t| t.to)
    }
}
