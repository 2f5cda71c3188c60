//! THE TABLE: what each cue does to each state, one English line a row.
//!
//! The witness's table, not the document's: it says what follows from what a passive observer saw, and knows
//! nothing of which transitions RFC 9293 draws. A pair that no row names changes nothing.
//!
//! Four things can follow. A cue may make the endpoint `Enter` a state, with the evidence named. It may
//! `Confirm` an earlier presumption, named by the cue that gave rise to it, or `Undo` it together with all
//! that was built upon it. Or nothing follows.

use crate::tcp::machine::cue::Cue::{self, *};
use crate::tcp::machine::cue::Evidence::{self, Implied, Presumed, Seen, Timer};
use crate::tcp::machine::state::State::{self, *};

/// The effect of a cue in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing new.
    Nothing,
    /// The endpoint enters a state.
    Enter(State, Evidence),
    /// The presumption made from the cue named is proven.
    Confirm(Cue),
    /// The presumption made from the cue named is disproved.
    Undo(Cue),
    /// The transition taken from a timer did not happen.
    UndoTimer,
}

use Step::{Confirm, Enter, Undo, UndoTimer};

/// One row: in any of these states, this cue has this effect, because.
pub struct Row {
    /// The states that the row speaks of.
    pub states: &'static [State],
    /// The cue.
    pub cue: Cue,
    /// The effect.
    pub step: Step,
    /// Why, in a sentence.
    pub because: &'static str,
}

const fn row(states: &'static [State], cue: Cue, step: Step, because: &'static str) -> Row {
    Row { states, cue, step, because }
}

// An end is met in `Unknown`, and taken to have come from `Closed` or `Listen`: both stand beside it where they are drawn.
const BEFORE_SYN: &[State] = &[Unknown, Closed];
const BEFORE_SYN_ACK: &[State] = &[Unknown, Closed, Listen];
const OPEN_OR_GONE: &[State] =
    &[Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait, Closed];
const SYN_RECV_OR_LATER: &[State] =
    &[SynRecv, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait, Closed];
const ALIVE: &[State] =
    &[SynSent, SynRecv, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait];
const SYNCHRONIZED: &[State] = &[Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait];
const MAY_ANSWER_ANEW: &[State] =
    &[Unknown, SynRecv, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait];

/// The rows.
#[rustfmt::skip]
pub const TABLE: &[Row] = &[
    // Opening: what the endpoint sends.
    row(BEFORE_SYN, SentSyn, Enter(SynSent, Seen), "a SYN without ACK opens actively"),
    row(BEFORE_SYN_ACK, SentSynAck, Enter(SynRecv, Presumed), "a SYN,ACK answers a SYN that has arrived; whether it keeps a socket for it or a cookie does not show"),
    row(&[SynSent], SentSynAck, Enter(SynRecv, Seen), "both have sent a SYN: it answers the other's"),
    row(&[SynRecv], SentSynAck, Confirm(ReceivedSyn), "it answers the SYN that was presumed to arrive"),
    row(SYN_RECV_OR_LATER, KeepsSocket, Confirm(SentSynAck), "who resends its SYN,ACK, or goes on from it, had a socket and no mere cookie"),
    row(&[SynSent], SentAckOfSyn, Enter(Established, Seen), "it acknowledges the SYN,ACK, so that has arrived"),
    row(OPEN_OR_GONE, SentAckOfSyn, Confirm(ReceivedSynAck), "the SYN,ACK presumed to arrive is acknowledged"),
    row(&[SynRecv], SentSynchronized, Enter(Established, Implied), "it talks as one whose SYN,ACK was acknowledged; the ACK was not captured"),
    row(OPEN_OR_GONE, SentSynchronized, Confirm(ReceivedAckOfSyn), "the ACK presumed to arrive has, for it talks as one that is connected"),
    row(&[Unknown], SentMidStream, Enter(Established, Presumed), "it talks as one that is connected, and what was before the capture is not known"),

    // Opening: what was captured on its way to the endpoint.
    row(&[SynSent], ReceivedSyn, Enter(SynRecv, Presumed), "a SYN meets a SYN: simultaneous open"),
    row(&[SynSent, SynRecv], ReceivedSynAck, Enter(Established, Presumed), "its SYN is acknowledged, and the other's is there"),
    row(&[SynRecv], ReceivedAckOfSyn, Enter(Established, Presumed), "its SYN,ACK is acknowledged"),
    row(&[SynSent], ReceivedUnreachable, Enter(Closed, Presumed), "an attempt to connect ends with a hard ICMP error"),

    // Opening: what the other end proves.
    row(BEFORE_SYN, PeerAnsweredSyn, Enter(SynSent, Implied), "a SYN,ACK answers a SYN of its own that was not captured"),
    row(&[Unknown, Listen], PeerAckedSyn, Enter(SynRecv, Implied), "the other end acknowledges a SYN,ACK that was not captured"),
    row(OPEN_OR_GONE, BothSend, Confirm(SentMidStream), "both ends send new data, so neither had closed before the capture began"),
    row(&[Unknown], PeerSynchronized, Enter(Established, Implied), "the other end acknowledges ever more of what it sends, none of it captured"),

    row(OPEN_OR_GONE, PeerSynchronized, Confirm(ReceivedAckOfSyn), "the other end acknowledges what it sends as one that is connected, none of it captured"),

    // Opening: what disproves.
    row(OPEN_OR_GONE, SynAckRejected, Undo(ReceivedSynAck), "what an ICMP error quotes was not delivered"),
    row(OPEN_OR_GONE, ResentSyn, Undo(ReceivedSynAck), "who has the SYN,ACK does not send its SYN again"),
    row(OPEN_OR_GONE, AnsweredOtherwise, Undo(ReceivedSynAck), "who acknowledged another number than that of the SYN,ACK was somebody else"),
    row(SYN_RECV_OR_LATER, NotAcked, Undo(PeerAckedSyn), "nobody but its peer acknowledges its SYN,ACK"),
    row(OPEN_OR_GONE, AnsweredSynAckWithRst, Undo(ReceivedSynAck), "who has no such attempt answers the SYN,ACK with a reset"),
    row(&[Closed], ResentSynAfterIcmp, Undo(ReceivedUnreachable), "who was told by ICMP to give up does not go on trying"),
    row(OPEN_OR_GONE, ClosedBeforeAck, Undo(ReceivedAckOfSyn), "it closed before that could arrive"),
    row(&[Established], ClosedBeforeSynAck, Undo(ReceivedSynAck), "it closed before that could arrive"),
    row(OPEN_OR_GONE, ResentSynAck, Undo(ReceivedAckOfSyn), "who has accepted the ACK does not send its SYN,ACK again"),

    // Closing: what the endpoint sends.
    row(&[Established, SynRecv], SentFin, Enter(FinWait1, Seen), "it closes first, as far as it knows"),
    row(&[Established, SynRecv, Unknown], SentFinPerhaps, Enter(FinWait1, Presumed), "it closes first, unless the other's FIN is among what was not captured"),
    row(&[Established, SynRecv], SentFinUnheard, Enter(FinWait1, Presumed), "it closes first, if the FIN is its own: nothing shows that the other end has taken it"),
    row(&[CloseWait], SentFinUnheard, Enter(LastAck, Presumed), "it closes after the other, if the FIN is its own: nothing shows that the other end has taken it"),
    row(&[CloseWait], SentFinPerhaps, Enter(LastAck, Presumed), "it closes after the other, unless this is a copy of a FIN that crossed the other's"),
    row(&[CloseWait], SentFin, Enter(LastAck, Seen), "it closes after the other"),
    row(&[CloseWait], SentFinCrossing, Undo(ReceivedFin), "its FIN does not acknowledge the other's, so that had not arrived when it closed"),
    row(&[Established], SentAckOfFin, Enter(CloseWait, Seen), "it acknowledges the other's FIN"),
    row(&[Unknown], SentAckOfFin, Enter(CloseWait, Presumed), "it acknowledges the other's FIN; whether it had closed before is not known"),
    row(&[FinWait1], SentAckOfFin, Enter(Closing, Seen), "it acknowledges the other's FIN, and its own is not acknowledged"),
    row(&[FinWait1], SentAckOfFinFirst, Enter(Closing, Presumed), "it acknowledges the other's FIN, and the acknowledgement of its own is under way"),
    row(&[FinWait2], SentAckOfFin, Enter(TimeWait, Seen), "it acknowledges the other's FIN, its own being acknowledged"),
    row(&[CloseWait, Closing, TimeWait, LastAck, Closed], SentAckOfFin, Confirm(ReceivedFin), "the FIN presumed to arrive is acknowledged"),
    row(&[TimeWait], FinToldAll, Confirm(ReceivedAckOfFin), "the FIN that it acknowledges had acknowledged its own"),
    row(&[FinWait2, TimeWait], SentWithoutSocket, Confirm(ReceivedAckOfFin), "Linux frees the socket once its FIN is acknowledged, and answers without one"),
    row(&[Established], SentAckOfUnseenFin, Enter(CloseWait, Presumed), "it acknowledges one octet more than was captured, and closes: a FIN"),
    row(&[FinWait1], SentAckOfUnseenFin, Enter(Closing, Presumed), "it acknowledges one octet more than was captured, of an end that speaks from beyond it: a FIN"),
    row(&[FinWait2], SentAckOfUnseenFin, Enter(TimeWait, Presumed), "it acknowledges one octet more than was captured, after its FIN: the other's"),

    // Closing: what was captured on its way to the endpoint.
    row(&[SynRecv, Established], ReceivedFin, Enter(CloseWait, Presumed), "the other closes first"),
    row(&[FinWait1], ReceivedFin, Enter(Closing, Presumed), "the other closes too, and has not acknowledged its FIN"),
    row(&[FinWait2], ReceivedFin, Enter(TimeWait, Presumed), "the other closes too"),
    row(&[FinWait1], ReceivedAckOfFin, Enter(FinWait2, Presumed), "its FIN is acknowledged"),
    row(&[Closing], ReceivedAckOfFin, Enter(TimeWait, Presumed), "its FIN is acknowledged, the other's has come"),
    row(&[LastAck], ReceivedAckOfFin, Enter(Closed, Presumed), "its FIN, the last, is acknowledged"),

    row(&[FinWait1, FinWait2, Closing, TimeWait, LastAck, Closed], FinTaken, Confirm(SentFinUnheard), "who acknowledges the FIN has taken it, and who goes on from behind it has sent it"),
    row(&[Established], PeerAckedFin, Enter(FinWait1, Implied), "the other end acknowledges a FIN that was not captured"),
    row(&[CloseWait], PeerAckedFin, Enter(LastAck, Implied), "the other end acknowledges a FIN that was not captured"),

    // Closing: what disproves.
    row(&[FinWait2, TimeWait, Closed], ResentFin, Undo(ReceivedAckOfFin), "who has the ACK does not send its FIN again"),
    row(&[FinWait2, TimeWait, Closed], ResentFinUnseen, Undo(FinNotResent), "who has the ACK does not send its FIN again"),
    row(&[TimeWait], EchoesLaterCopy, Undo(ReceivedFin), "TIME_WAIT keeps the time stamp of the copy that arrived first"),
    row(&[FinWait2, TimeWait], AckedFinFirst, Undo(ReceivedAckOfFin), "its acknowledgement set out before that could arrive"),
    row(&[CloseWait, LastAck, Closed], FinShownCrossing, Undo(ReceivedFin), "its FIN had left before the other's could arrive"),
    row(&[CloseWait, LastAck, Closed], FinShownLate, Undo(ReceivedFin), "the other's FIN acknowledges its own, so that was first"),
    row(&[FinWait1, FinWait2, Closing, TimeWait], ClosedSecond, Undo(SentFinPerhaps), "its FIN acknowledges the other's, so that was first"),
    row(&[FinWait1, FinWait2, Closing, TimeWait], GuessedFinClosedSecond, Undo(PeerAckedFin), "its FIN acknowledges the other's, so that was first"),
    row(&[FinWait1, FinWait2, Closing, LastAck], SpokeBeyondFin, Undo(SentFinPerhaps), "who has closed sends nothing beyond its FIN"),
    row(&[FinWait1, FinWait2, Closing, LastAck], SpokeFromFin, Undo(SentFinUnheard), "who has closed goes on at the number after its FIN"),
    row(&[FinWait1, FinWait2, Closing, LastAck, TimeWait, Closed], FinWasData, Undo(PeerAckedFin), "who has closed sends nothing beyond its FIN"),
    row(&[CloseWait, Closing, LastAck, TimeWait, Closed], AckedData, Undo(SentAckOfUnseenFin), "the other end had not closed: it sends more"),
    row(&[CloseWait, Closing, TimeWait], StillAcksBeforeFin, Undo(ReceivedFin), "who has the FIN acknowledges it"),
    row(&[CloseWait], FinUnacknowledged, Undo(ReceivedFin), "the other had to send its FIN again, or what lies before it, and no acknowledgement was captured"),

    // Resets.
    row(&[Established, FinWait2, CloseWait], SentRst, Enter(Closed, Seen), "who resets a connection has none"),
    row(ALIVE, SentRstPerhaps, Enter(Closed, Presumed), "who resets a connection has none, if the reset is its own"),
    row(&[Unknown], SentRstPerhaps, Enter(Closed, Presumed), "who resets a connection has none, if the reset is its own"),
    row(ALIVE, ReceivedRst, Enter(Closed, Presumed), "the reset is one that it has to accept"),
    row(OPEN_OR_GONE, GoneBeforeAck, Undo(ReceivedAckOfSyn), "who answers the ACK of its SYN,ACK as a host without the connection has not accepted it"),
    row(OPEN_OR_GONE, GoneBeforeFin, Undo(ReceivedFin), "who answers the FIN as a host without the connection has not accepted it"),
    row(OPEN_OR_GONE, GoneBeforeAckOfFin, Undo(ReceivedAckOfFin), "who answers the ACK as a host without the connection has not accepted it"),
    row(OPEN_OR_GONE, ResetBeforeAckOfFin, Undo(ReceivedAckOfFin), "its reset acknowledges less than came with the ACK, so that had not arrived"),
    row(&[Closed], SpokeAfterRst, Undo(ReceivedRst), "it goes on talking, so it did not accept the reset"),
    row(&[Closed], ResetWasAhead, Undo(ReceivedRst), "a reset is accepted at the number that comes next, and no further"),
    row(&[Closed], SpokeAfterOwnRst, Undo(SentRstPerhaps), "it goes on talking, so the reset was not its own"),

    // Ends without a segment.
    row(SYNCHRONIZED, FoundGone, Enter(Closed, Implied), "it answers as a host without such a connection does"),
    row(MAY_ANSWER_ANEW, BeganAnew, Enter(Closed, Implied), "who opens a new connection on the same addresses and ports has no old one"),
    row(ALIVE, SentNextSyn, Enter(Closed, Presumed), "who opens a new connection on the same addresses and ports has no old one, if the SYN is its own"),
    row(&[Closed], WentOnAnew, Confirm(SentNextSyn), "it goes on from the SYN, which was its own"),
    row(&[Closed], SpokeAfterOwnNextSyn, Undo(SentNextSyn), "it goes on with the old connection, so the SYN was not its own"),
    row(&[TimeWait], ReceivedNextSyn, Enter(Closed, Presumed), "a SYN beyond the old numbers ends TIME_WAIT, answered or not"),
    row(&[Closed], BeganAnew, Confirm(ReceivedNextSyn), "it answers the SYN that was presumed to arrive"),
    row(&[Closed], SpokeAfterNextSyn, Undo(ReceivedNextSyn), "it goes on answering for the old connection"),
    row(&[TimeWait], TwoMslOver, Enter(Closed, Timer), "2MSL after the last FIN arrived"),
    row(&[SynSent], SynGivenUp, Enter(Closed, Timer), "the next SYN is overdue: the attempt was given up"),
    row(&[SynRecv], SynAckGivenUp, Enter(Closed, Timer), "the SYN,ACK was resent as often as the profile says"),
    row(&[FinWait1, Closing, LastAck], FinGivenUp, Enter(Closed, Timer), "the FIN was resent as often as the profile says"),
    row(&[FinWait1], FinNotResent, Enter(FinWait2, Presumed), "its FIN is acknowledged, or it would be resent"),
    row(&[Closing], FinNotResent, Enter(TimeWait, Presumed), "its FIN is acknowledged, or it would be resent"),
    row(&[LastAck], FinNotResent, Enter(Closed, Presumed), "its FIN is acknowledged, or it would be resent"),
    row(&[Closed], RetriedAfterAll, UndoTimer, "it resends what it seemed to have given up"),
    row(&[FinWait2], FinWait2Over, Enter(Closed, Timer), "an orphan stays in FIN_WAIT2 for fin_timeout, and it is gone"),
];

const STATES: usize = State::ALL.len();
const CUES: usize = Cue::ALL.len();

/// The rows, spread out for look-up.
static STEPS: [[Step; CUES]; STATES] = spread();

const fn spread() -> [[Step; CUES]; STATES] {
    let mut steps = [[Step::Nothing; CUES]; STATES];
    let mut row = 0;
    while row < TABLE.len() {
        let mut state = 0;
        while state < TABLE[row].states.len() {
            steps[TABLE[row].states[state] as usize][TABLE[row].cue as usize] = TABLE[row].step;
            state += 1;
        }
        row += 1;
    }
    steps
}

/// The effect of `cue` in `state`.
#[must_use]
#[inline]
pub fn step(state: State, cue: Cue) -> Step {
    STEPS[state as usize][cue as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_rows_speak_of_the_same_pair() {
        let mut pairs = HashSet::new();
        for row in TABLE {
            for state in row.states {
                assert!(pairs.insert((*state, row.cue)), "{state:?} {:?} stands twice", row.cue);
                assert_eq!(step(*state, row.cue), row.step);
            }
            assert!(!row.because.is_empty());
        }
    }

    #[test]
    fn every_cue_has_a_row() {
        for cue in Cue::ALL {
            assert!(TABLE.iter().any(|row| row.cue == *cue), "{cue:?} does nothing anywhere");
        }
    }

    #[test]
    fn each_cause_confirmed_or_undone_is_presumed_by_some_row() {
        for row in TABLE {
            let (cause, is_undone) = match row.step {
                Confirm(cause) => (cause, false),
                Undo(cause) => (cause, true),
                _ => continue,
            };
            let is_open = |step| match step {
                Enter(_, Presumed) => true,
                Enter(_, Implied) => is_undone,
                _ => false,
            };
            assert!(
                TABLE.iter().any(|r| r.cue == cause && is_open(r.step)),
                "{cause:?} gives rise to no presumption"
            );
        }
    }

    #[test]
    fn entering_a_state_changes_it() {
        for row in TABLE {
            if let Enter(to, _) = row.step {
                assert!(!row.states.contains(&to), "{:?} leads to where it was", row.cue);
            }
        }
    }
}
