//! Alternatives: which rows of the second table (`machine::alternatives`) hold for an end, as of an instant.

use super::Moment;
use super::{apart, aside, reset, silence};
use crate::tcp::connection::Connection;
use crate::tcp::connection::entry::{Transition, Verdict};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::rare::WindowProbe;
use crate::tcp::machine::alternatives::{Or, When};
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::rows::Rows;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{
    BACKOFF, DAY, HASTY_ORPHAN, LONGEST_RTO, NOTHING_OVERDUE, OVERDUE, RESENT_OFTEN, RTO_ROUND_TRIPS,
    SLOWEST_FIRST_RTO, UNDER_WAY,
};

/// Other states that fit what is known of `side` at that moment, beside the one believed.
pub(super) fn alternatives(c: &Connection, side: Side, moment: Moment) -> Vec<State> {
    if apart::is_senseless(c) {
        return Vec::new(); // what the numbers would tell, and the timers, is all that could name others
    }
    let question = Question { c, side, moment };
    let state = c.end(side).state();
    let mut others = Vec::new();
    let both_seen = c.ends().iter().all(|end| end.frames() > 0);
    let left = Rows::of(state).left(c.log().has_unproven(side), both_seen);
    #[cfg(debug_assertions)]
    for row in Rows::of(state).without(left) {
        assert!(!question.holds(row.when), "{:?} holds where it was ruled out", row.when);
    }
    for row in left {
        let is_new = |found: State| found != state && !others.contains(&found);
        let names_new = match row.or {
            Or::State(found) => is_new(found),
            Or::Left | Or::Undone => true,
        };
        if names_new && question.holds(row.when) {
            for found in question.states_of(row.or) {
                if found != state && !others.contains(&found) {
                    others.push(found);
                }
            }
        }
    }
    // Waiting segments may be acceptable after all.
    if let Some(other) = aside::if_proven(c, moment.profile) {
        let state_then = other.end(side).state();
        for found in std::iter::once(state_then).chain(alternatives(&other, side, moment)) {
            if found != state && !others.contains(&found) {
                others.push(found);
            }
        }
    }
    others
}

/// The question that every condition asks: does it hold of this end, at this instant?
struct Question<'a> {
    c: &'a Connection,
    side: Side,
    moment: Moment<'a>,
}

impl Question<'_> {
    #[allow(clippy::too_many_lines, reason = "one arm a condition: the list is the code")]
    fn holds(&self, when: When) -> bool {
        let (c, side, end) = (self.c, self.side, self.end());
        match when {
            When::SilentAsAnOrphan => self.silent_ns() > self.moment.profile.fin_timeout.min(HASTY_ORPHAN),
            When::StoppedResending => {
                end.resent() >= RESENT_OFTEN && self.moment.now_ns - end.last_ns() > LONGEST_RTO
            }
            When::CopyOverdue => end.asked_ns() != 0 && self.is_overdue(side),
            When::CookiePerhaps => c.presumes(side, Cue::SentSynAck),
            When::CookieDue => c.presumes(side, Cue::SentSynAck) && self.is_due(),
            When::AwaitsData => {
                let other = self.other();
                let has_asked = other.bytes() > 0 || other.marks().has_fin() || other.probes() > 0;
                !has_asked && self.holds(When::CookieDue)
            }
            When::IgnoresData => {
                c.presumes(side, Cue::SentSynAck)
                    && self.other().resent() > 0
                    && self.other().unacknowledged() > 0
            }
            When::IgnoredAckOverdue => {
                end.undone() > 0
                    && c.presumes(side, Cue::ReceivedAckOfSyn)
                    && self.is_quiet()
                    && self.is_overdue(side)
            }
            When::SynAckUnanswered => self.leaves_syn_ack_unanswered(),
            When::ResendOverdue => self.resend_is_overdue(),
            When::ProbeOverdue => self.probe_is_overdue(),
            When::AnswerOverdue => self.owes_an_answer(),
            When::SilentForADay => self.moment.now_ns - c.last_ns() > DAY,
            When::Unresponsive => reset::is_unresponsive(c, side),
            When::AnsweredAgain => end.undone() > 0 && end.answered_ns() != 0,
            When::OpenedInSilence => end.undone() > 0 && c.presumes(side, Cue::ReceivedSynAck),
            When::IgnoredAckBefore => {
                c.has(side, Fact::SynAckResentAfterAck) && c.presumes(side, Cue::ReceivedAckOfSyn)
            }
            When::InDoubt => end.has_put_off(),
            When::CopyStandsAlone => {
                let has_original = !end.marks().fin_is_guessed();
                has_original && end.has_sent_lone_copy() && end.answered_ns() == 0
            }
            When::OthersFinResent => self.others_fin_is_resent(),
            When::PresumedFinResent => self.others_fin_is_resent() && c.presumes(side, Cue::ReceivedFin),
            When::FinPastMissing => end.marks().fin_past_missing(),
            When::LastFinPastMissing => {
                let is_unsure = end.marks().fin_past_missing() || end.marks().fin_is_guessed();
                is_unsure && c.grounds(side).is_some_and(|t| t.from == State::LastAck)
            }
            When::LastFinPastMissingWaits => {
                self.holds(When::LastFinPastMissing) && self.may_fail(Cue::ReceivedAckOfFin)
            }
            When::CrossedPerhaps => {
                end.marks().fin_past_missing()
                    && end.marks().acked_fin_past_gap()
                    && c.presumes(side, Cue::SentFinPerhaps)
            }
            When::HasEarlyFin => end.early_fin().is_some(),
            When::ResendsData => end.resent() > 0 && end.unacknowledged() > 0 && !self.resend_is_overdue(),
            When::LacksOctets => {
                let is_left_out = c.holds_only_control() || end.marks().has_fin();
                !is_left_out && end.unacknowledged() > 0 && end.contiguous().before(end.next())
            }
            When::FillsSmallWindow => {
                let fills = c.has(side, Fact::WaitedForWindow) || c.has(side.other(), Fact::WindowReadSmall);
                fills && end.unacknowledged() == 0 && !self.is_past(end.last_ns(), self.first_rto_ns())
            }
            When::OtherWindowShut => self.other().is_shut() || self.last_window_probe().is_some(),
            When::BeganMidStream => self.has_begun_mid_stream(),
            When::BeganMidStreamToHear => self.hears_from_the_middle_on(),
            When::MayHaveQueued => end.marks().owes_since_fin() && c.presumes(side, Cue::ReceivedFin),
            When::MidStreamAcked => {
                c.presumes(side, Cue::SentMidStream)
                    && c.presumes(side, Cue::ReceivedAckOfFin)
                    && self.may_fail(Cue::ReceivedAckOfFin)
            }
            When::BeganWithAckOfFin => self.has_begun_with(Cue::SentAckOfFin),
            When::BeganWithReset => {
                self.has_begun_with(Cue::ReceivedRst) || self.has_begun_with(Cue::SentRstPerhaps)
            }
            When::OtherUnseen => self.is_unseen(side.other()),
            When::OtherUnseenSilent => self.is_unseen(side.other()) && self.is_quiet(),
            When::OtherUnseenFin => self.is_unseen(side.other()) && end.marks().acked_one_unseen(),
            When::OtherUnseenWaits => {
                self.is_unseen(side.other()) && end.asked_ns() != 0 && !self.is_overdue(side)
            }
            When::OtherUnseenLast => {
                self.is_unseen(side.other()) && c.grounds(side).is_some_and(|t| t.from == State::LastAck)
            }
            When::UnseenOpening => {
                end.frames() == 0
                    && self.other().marks().answered_syn()
                    && !self.other().marks().ack_advanced()
            }
            When::Unseen => self.is_unseen(side),
            When::UnseenSilent => self.is_unseen(side) && self.is_quiet(),
            When::UnseenFin => self.is_unseen(side) && self.other().marks().acked_one_unseen(),
            When::TapLosesFrames => (self.moment.tap_loses_frames || c.lacks_frames()) && self.is_quiet(),
            When::AnswerPerhapsMissing => {
                let gave_up = c.grounds(side).is_some_and(|t| t.cue == Cue::SynGivenUp);
                gave_up && end.asked_again() == 0 && self.moment.tap_loses_frames
            }
            When::SynPerhapsLost => {
                let gave_up = c.grounds(side).is_some_and(|t| t.cue == Cue::SynGivenUp);
                gave_up && silence::may_ask_once_more(c, side, self.moment.now_ns, self.moment.profile)
            }
            When::OnlyControl => c.holds_only_control(),
            When::OpenUnheard => self.talks_unheard(),
            When::FinAheadOfHole => {
                end.marks().has_fin() && !end.fin_is_acked() && end.contiguous().before(end.fin())
            }
            When::ResetInOpening => self.is_reset_in_opening(),
            When::ResetPerhapsOwn => end.doubted_reset_ns().is_some(),
            When::IgnoredReset => end.has_ignored_reset(),
            When::ForeignReset => c.has(side, Fact::RstLooksForeign),
            When::ForeignFin => end.marks().fin_looks_foreign() && c.presumes(side, Cue::SentFinPerhaps),
            When::ResetUndid => c.log().unproven_grounds(side, Cue::SentRstPerhaps).is_some(),
            When::ArrivalUnproven => c.log().has_unproven(side),
        }
    }

    fn end(&self) -> &Endpoint {
        self.c.end(self.side)
    }

    fn other(&self) -> &Endpoint {
        self.c.end(self.side.other())
    }

    /// How long it has been silent in its state.
    fn silent_ns(&self) -> i64 {
        self.c.grounds(self.side).map_or(0, |t| self.moment.now_ns - t.time_ns.max(self.end().last_ns()))
    }

    /// Whether the next copy of what `side` sent last is so late that it will not come.
    fn is_overdue(&self, side: Side) -> bool {
        silence::is_overdue(self.c, side, self.moment.now_ns, self.moment.profile)
    }

    /// Whether the next copy of its SYN,ACK is due, answered or not.
    fn is_due(&self) -> bool {
        self.moment.now_ns > silence::due_ns(self.c, self.side, self.moment.profile)
    }

    /// Whether the opening was not captured, and nothing shows that neither end had closed before.
    fn has_begun_mid_stream(&self) -> bool {
        let is_first = |t: Transition| t.cue == Cue::PeerSynchronized && t.from == State::Unknown;
        self.c.presumes(self.side, Cue::SentMidStream) || self.c.grounds(self.side).is_some_and(is_first)
    }

    /// As above, of an end that was heard and has sent nothing that takes up numbers.
    fn hears_from_the_middle_on(&self) -> bool {
        let end = self.end();
        self.has_begun_mid_stream() && end.frames() > 0 && end.bytes() == 0 && !end.marks().has_fin()
    }

    /// Whether the first segment captured of the end, or for it, moved it by `cue`, and that is not proven.
    fn has_begun_with(&self, cue: Cue) -> bool {
        self.c.log().unproven_grounds(self.side, cue).is_some_and(|t| t.from == State::Unknown)
    }

    /// Whether `side` has spoken out of sight: the other end acknowledges ever more, or has fallen silent, and nothing of
    /// `side` was captured.
    fn is_unseen(&self, side: Side) -> bool {
        let speaker = self.c.end(side.other());
        let is_one_way = self.c.end(side).frames() == 0 && speaker.frames() > 0;
        is_one_way && (speaker.marks().ack_advanced() || self.is_quiet())
    }

    /// Whether neither end has been heard of for longer than segments are under way.
    fn is_quiet(&self) -> bool {
        self.moment.now_ns - self.c.last_ns() > UNDER_WAY
    }

    /// Whether a copy of what the other end sent at `asked_ns` would have been answered by now.
    fn is_owed_since(&self, asked_ns: i64) -> bool {
        let answer_ns = UNDER_WAY.max(i64::from(self.end().rtt_ns()) * RTO_ROUND_TRIPS);
        self.end().last_ns() < asked_ns && self.moment.now_ns - asked_ns > answer_ns
    }

    /// Whether the end has gone on from a SYN,ACK that no captured segment of the other end acknowledges.
    fn talks_unheard(&self) -> bool {
        let end = self.end();
        end.marks().answered_syn() && self.other().frames() > 0 && !end.acked().after(end.iss())
    }

    /// Whether the end is taken for reset in SYN_RECV only by presumption, though its SYN,ACK is acknowledged.
    fn is_reset_in_opening(&self) -> bool {
        let (end, log) = (self.end(), self.c.log());
        let received = log.unproven_grounds(self.side, Cue::ReceivedRst);
        let is_first = |t: Transition| t.from == State::SynRecv;
        let reset = received.or_else(|| log.unproven_grounds(self.side, Cue::SentRstPerhaps));
        end.marks().answered_syn() && reset.is_some_and(is_first) && end.acked().after(end.iss())
    }

    fn leaves_syn_ack_unanswered(&self) -> bool {
        let other = self.other();
        other.marks().answered_syn()
            && other.asked_again() > self.end().asked_again()
            && other.answered_ns() == 0
            && self.is_owed_since(other.asked_ns())
    }

    /// Whether data of the end are unacknowledged, and it has not resent them, or not once more, when its timer would have.
    fn resend_is_overdue(&self) -> bool {
        let end = self.end();
        if end.unacknowledged() == 0 {
            return false;
        }
        if end.resent() == 0 {
            // An end that acknowledges or sends something later has not been idle since.
            return !self.c.holds_only_control() && self.is_past(end.last_ns(), self.first_rto_ns());
        }
        let first_ns = self.moment.profile.initial_rto * SLOWEST_FIRST_RTO;
        let gap_ns = if end.resent_gap_ns() > 0 { end.resent_gap_ns() } else { first_ns };
        self.is_past(end.resent_ns(), (gap_ns.saturating_mul(BACKOFF)).min(LONGEST_RTO))
    }

    /// Its probe of a window of zero, where it has sent nothing since: had it heard that the window is open, it would have
    /// gone on.
    fn last_window_probe(&self) -> Option<WindowProbe> {
        self.end().window_probe().filter(|probe| probe.time_ns == self.end().last_ns())
    }

    /// Whether the next probe of a window of zero would have come by its back-off (RFC 9293, 3.8.6.1), and the other end has not
    /// opened that window since the last.
    fn probe_is_overdue(&self) -> bool {
        let other = self.other();
        self.last_window_probe().is_some_and(|probe| {
            let is_opened = other.last_ns() > probe.time_ns && other.window() > 0;
            let gap_ns = probe.gap_ns.max(self.moment.profile.initial_rto);
            !is_opened && self.is_past(probe.time_ns, gap_ns.saturating_mul(BACKOFF).min(LONGEST_RTO))
        })
    }

    /// Whether a timer that was set to `wait_ns` at `then_ns` has run out, late as it may be.
    fn is_past(&self, then_ns: i64, wait_ns: i64) -> bool {
        self.moment.now_ns - then_ns > wait_ns + wait_ns / 4 * OVERDUE + NOTHING_OVERDUE
    }

    /// How long either end waits for an answer before it resends for the first time.
    fn first_rto_ns(&self) -> i64 {
        let rtt_ns = i64::from(self.end().rtt_ns()) + i64::from(self.other().rtt_ns());
        self.moment.profile.initial_rto.max(rtt_ns * RTO_ROUND_TRIPS)
    }

    /// Whether the other end has sent something that calls for an answer since this end spoke last, and would have got it. The
    /// first copy may be lost on the way, or be acknowledged late; then its sender, if it is there, sends the next.
    fn owes_an_answer(&self) -> bool {
        let (end, other) = (self.end(), self.other());
        let data = other.unacknowledged() > 0;
        let fin = other.marks().has_fin() && !other.fin_is_acked();
        let copies = (data && other.resent() > 0 && self.is_owed_since(other.resent_ns()))
            || (fin && other.asked_again() > 0 && self.is_owed_since(other.asked_ns()))
            || (other.probes() > 0 && self.is_owed_since(other.last_ns()));
        // Its own last words may have met the other's on the way.
        let is_first_owed = (data || fin) && end.may_have_crossed(other.last_ns(), end.last_ns());
        let is_overdue = is_first_owed && self.is_past(other.last_ns(), self.first_rto_ns());
        copies || (is_overdue && !self.c.holds_only_control())
    }

    fn others_fin_is_resent(&self) -> bool {
        let other = self.other();
        other.marks().has_fin() && !other.fin_is_acked() && self.c.has(self.side.other(), Fact::FinResent)
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
        for t in self.c.log().believed_backward(self.side) {
            if t.evidence != Evidence::Presumed || t.is_proven() || !self.may_fail(t.cue) {
                break;
            }
            // If one segment caused two transitions, its loss undoes both. A FIN of its own that meets a reset is no cause of what
            // that did.
            if t.cue != Cue::SentFinUnheard {
                left.retain(|(frame, _)| *frame != t.frame);
            }
            if matches!(t.cue, Cue::ReceivedRst | Cue::SentRstPerhaps | Cue::SentNextSyn) {
                left.extend(self.unless_reset(t.from).map(|state| (t.frame, state)));
            }
            left.push((t.frame, t.from));
        }
        left.into_iter().map(|(_, state)| state).collect()
    }

    /// The end's present state if the reset did not reach it in the given state, in which it had closed: whatever came since
    /// counts then.
    fn unless_reset(&self, before: State) -> Option<State> {
        let has_others = self.other().marks().has_fin() && self.other().marks().fin_delivered();
        match before {
            State::FinWait1 | State::FinWait2 if self.end().fin_is_acked() && has_others => {
                Some(State::TimeWait)
            }
            State::FinWait1 if self.end().fin_is_acked() => Some(State::FinWait2),
            State::Closing if self.end().fin_is_acked() => Some(State::TimeWait),
            State::Unknown | State::SynRecv | State::Established => self.unless_reset_open(),
            _ => None,
        }
    }

    /// The same for an end that had not closed: it may since have sent its FIN, and acknowledged the other's.
    fn unless_reset_open(&self) -> Option<State> {
        let (end, other) = (self.end(), self.other());
        let is_second = other.fin_is_acked() && other.asked_ns() <= end.asked_ns();
        match (end.marks().has_fin(), other.fin_is_acked()) {
            (false, true) => Some(State::CloseWait),
            (true, false) if end.fin_is_acked() => Some(State::FinWait2),
            (true, false) => Some(State::FinWait1),
            (true, true) if is_second => Some(State::LastAck),
            (true, true) if end.fin_is_acked() => Some(State::TimeWait),
            (true, true) => Some(State::Closing),
            (false, false) => None,
        }
    }

    /// Whether a presumption may still turn out wrong: then the segment that asked for the answer would be resent. Only the
    /// end's own segments could show that a reset was lost, ignored (RFC 1337, in TIME_WAIT) or forged.
    fn may_fail(&self, cue: Cue) -> bool {
        let side = self.side;
        let waits = |asker: Side| self.c.end(asker).asked_ns() != 0 && !self.is_overdue(asker);
        // An end that has received a FIN acknowledges it. That the FIN is not resent shows only that its sender may be gone.
        let is_unanswered = self.end().frames() > 0 && !self.other().fin_is_acked();
        match cue {
            Cue::ReceivedSynAck | Cue::ReceivedAckOfSyn | Cue::ReceivedAckOfFin => waits(side),
            // Not every host gives up by it (RFC 1122, 4.2.3.9), and the segment may have been lost.
            Cue::ReceivedUnreachable => waits(side),
            Cue::ReceivedFin => waits(side.other()) || is_unanswered,
            Cue::ReceivedRst
            | Cue::ReceivedNextSyn
            | Cue::SentNextSyn
            | Cue::SentRstPerhaps
            | Cue::SentFinUnheard => true,
            _ => false,
        }
    }

    /// The state that it was taken to be in until a reset told that it was not: if the reset was its own.
    fn undone(&self) -> Option<State> {
        let reset = self.c.log().unproven_grounds(self.side, Cue::SentRstPerhaps)?;
        let is_undone = |t: &Transition| t.side == self.side && t.verdict == Verdict::Retracted(reset.frame);
        self.c.log().transitions().rev().find(is_undone).map(|t| t.to)
    }
}
