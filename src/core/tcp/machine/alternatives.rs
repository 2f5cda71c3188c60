//! The second table: which other state an end may be in, beside the one believed, and when that is left open.
//!
//! THE TABLE says what follows from what was seen. This one says what the same evidence leaves open: in any of these
//! states, on this condition, the end may as well be in that state, because. It is asked as of an instant, for silence is
//! evidence too. A condition is a question about a connection; `reading::alternatives` answers it.

use crate::tcp::machine::state::State::{self, *};

macro_rules! conditions {
    ($($(#[$doc:meta])* $name:ident = $words:literal,)*) => {
        /// A condition on an end under which another state fits as well.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum When { $($(#[$doc])* $name,)* }

        impl When {
            /// Every condition, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The condition in words.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

conditions! {
    // Silences.
    /// It has been silent in its state for as long as an impatient host keeps an orphan.
    SilentAsAnOrphan = "silent for longer than fin_timeout, or than a hasty host has patience",
    /// It resent data again and again, and has stopped.
    StoppedResending = "stopped resending data that were never acknowledged",
    /// The next copy of its SYN,ACK or FIN is overdue.
    CopyOverdue = "the next copy of what it sent last is overdue",
    /// Its SYN,ACK may have been a cookie.
    CookiePerhaps = "sent nothing but a SYN,ACK",
    /// The same, and it would have resent that by now.
    CookieDue = "sent nothing but a SYN,ACK, and the next copy of that would be due",
    /// The same, and it may wait for data (TCP_DEFER_ACCEPT).
    AwaitsData = "sent nothing but a SYN,ACK, the next copy of that would be due, and no data came for it",
    /// It ignores data.
    IgnoresData = "sent nothing but a SYN,ACK, and data for it are resent",
    /// It ignored an acknowledgement before, and resends no more.
    IgnoredAckOverdue = "resent its SYN,ACK after an acknowledgement, and no more",
    /// A SYN,ACK for it came again, and it has not answered.
    SynAckUnanswered = "a SYN,ACK was resent to it, and it does not answer",
    /// Its data are not acknowledged, and the next copy is overdue.
    ResendOverdue = "the next copy of its unacknowledged data is overdue",
    /// It probed a window of zero that has not been opened since, and the next probe is overdue.
    ProbeOverdue = "its next probe of a window of zero is overdue",
    /// Data, a FIN or a probe were captured on their way to it, and its answer is overdue.
    AnswerOverdue = "data, a FIN or a probe were sent to it, and its answer is overdue",
    /// Neither end has been heard of for a day.
    SilentForADay = "silent for a day, and so is the other end",
    /// It leaves data or probes unanswered.
    Unresponsive = "leaves data or probes unanswered, again and again",

    // Presumptions.
    /// A SYN,ACK was lost before, and another has come since its last SYN.
    AnsweredAgain = "a SYN,ACK came after its last SYN, and one before was lost",
    /// It is taken for connected because it sends no more SYNs.
    OpenedInSilence = "a SYN,ACK was lost before, another has come, and it sends neither a SYN nor anything else",
    /// It has ignored an acknowledgement of its SYN,ACK before.
    IgnoredAckBefore = "resent its SYN,ACK after an acknowledgement, and got another",
    /// A presumption waits for silence to speak for it.
    InDoubt = "what would move it was captured, but the like was disproved before",
    /// Its FIN came again after an acknowledgement of it, and nothing has answered the copy.
    CopyStandsAlone = "its FIN came again once after an acknowledgement, and nothing else speaks of that copy",
    /// The other's FIN was resent, and it has not acknowledged that.
    OthersFinResent = "the other end resends its FIN, unacknowledged",
    /// The same, and the FIN is presumed to have come.
    PresumedFinResent = "the other's FIN is presumed to have arrived, and is resent",

    // Closes whose order does not show.
    /// Packets of its own are missing before its FIN.
    FinPastMissing = "its FIN may be a copy of one sent before, that was not captured",
    /// The same, and its FIN was the last.
    LastFinPastMissing = "its FIN, the last one, may be a copy of one sent before, that was not captured",
    /// The same, and the acknowledgement of it may be lost.
    LastFinPastMissingWaits = "its FIN, the last one, may be such a copy, and its acknowledgement may be lost",
    /// Its FIN seems to have crossed the other's, or was overtaken by an acknowledgement.
    CrossedPerhaps = "its FIN seems to have crossed the other's, but octets before it are missing",
    /// A window held back what it sends when the other's FIN came, or may have.
    MayHaveQueued = "the other's FIN came while it may have had octets, and a FIN behind them, that could not leave",
    /// A FIN was captured ahead of a hole.
    HasEarlyFin = "a FIN in its name was captured ahead of missing octets",
    /// It still resends data.
    ResendsData = "it still resends data, and a FIN may wait behind them",
    /// Octets of it were neither captured nor acknowledged.
    LacksOctets = "octets that it has sent are missing and unacknowledged, and a FIN may wait behind them",
    /// It has just filled a window of less than a segment, as it did before.
    FillsSmallWindow = "it fills windows of less than a segment time and again, and a FIN may wait behind more",
    /// The other end's window is shut.
    OtherWindowShut = "the other end's window is shut, or it still probes that",

    // Captures that lack something.
    /// The capture began in the middle.
    BeganMidStream = "the time before the capture is not known",
    /// The capture began in the middle, and it has sent nothing but acknowledgements since.
    BeganMidStreamToHear = "the time before the capture is not known, and it sends nothing but acknowledgements",
    /// The capture began in the middle, and its state rests on an acknowledgement of its FIN.
    MidStreamAcked = "the time before the capture is not known, nor whether its FIN's acknowledgement arrived",
    /// The first that was captured of it is an acknowledgement of the other's FIN.
    BeganWithAckOfFin = "the first captured of it acknowledges the other's FIN",
    /// The first that was captured of it is a reset.
    BeganWithReset = "nothing but a reset was captured of it, or for it",
    /// Nothing of the other end was captured.
    OtherUnseen = "nothing of the other end was captured",
    /// Nothing of the other end was captured, and it is silent.
    OtherUnseenSilent = "nothing of the other end was captured, and it has fallen silent",
    /// Nothing of the other end was captured, but one octet more than before was acknowledged.
    OtherUnseenFin = "nothing of the other end was captured, and what it acknowledged last looks like a FIN",
    /// Nothing of the other end was captured, and its own FIN seems to have been the last.
    OtherUnseenLast = "nothing of the other end was captured, and its own FIN seems to have been the last",
    /// Nothing of it was captured.
    Unseen = "nothing of it was captured",
    /// Nothing of it was captured, and the other end is silent.
    UnseenSilent = "nothing of it was captured, and the other end has fallen silent",
    /// Nothing of the other end was captured, and its own FIN would be resent if that was not acknowledged.
    OtherUnseenWaits = "nothing of the other end was captured, and the next copy of its FIN is not due yet",
    /// Nothing of it was captured, and the other end has sent nothing but a SYN,ACK.
    UnseenOpening = "nothing of it was captured, and nothing of the other end but a SYN,ACK",
    /// Nothing of it was captured, but the other end acknowledged one octet more than before.
    UnseenFin = "nothing of it was captured, and what the other end acknowledged last looks like its FIN",
    /// The tap loses frames, and neither end has been heard of for a while.
    TapLosesFrames = "the capture lacks frames, and nothing more of the connection is in it",
    /// It was taken to give up its attempt after one SYN, and the tap loses frames.
    AnswerPerhapsMissing = "its SYN was not sent again, and the capture lacks frames",
    /// It was taken to give up its attempt because one SYN did not come, and the SYN after that is not overdue.
    SynPerhapsLost = "its next SYN may have been lost before the capture, and the one after that is not overdue",
    /// Nothing but SYNs, FINs and resets was captured.
    OnlyControl = "acknowledgements are left out of the capture",

    /// It talks as one that is open, and nothing that was captured has acknowledged its SYN,ACK.
    OpenUnheard = "talks as one that is connected, and nothing captured acknowledges its SYN,ACK",
    /// Octets before its FIN are missing, and that is not acknowledged.
    FinAheadOfHole = "octets before its FIN are missing, and nothing acknowledges that",

    // Resets.
    /// It is taken for reset in SYN_RECV, and its SYN,ACK is acknowledged.
    ResetInOpening = "a reset met it in SYN_RECV, and its SYN,ACK is acknowledged",
    /// A reset in its name came after which it said something that the reset may have overtaken.
    ResetPerhapsOwn = "a reset in its name may have overtaken what it said last",
    /// Resets to it were disproved, and one more has come since it spoke last.
    IgnoredReset = "resets on their way to it did not arrive, and one more has come",
    /// Somebody else's reset was seen on its way to the other end.
    ForeignReset = "a reset in its name looks like somebody else's",

    // Segments taken for received, or for sent.
    /// Its state rests on a FIN in its name that lacks what its own packets have in common.
    ForeignFin = "a FIN in its name looks like somebody else's",
    /// Its state rests on a reset in its name, which undid what was believed before.
    ResetUndid = "a reset in its name, which others might have forged, undid what was believed",
    /// Its state rests on what was only captured on its way to it, and the loss of that may still show itself.
    ArrivalUnproven = "what moved it was only captured on its way, and its loss may still show itself",
}

/// The state to name beside the one believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Or {
    /// The state given.
    State(State),
    /// Each state that the end left by a transition that is not proven.
    Left,
    /// The state that a reset undid.
    Undone,
}

/// One row: in any of these states, on this condition, an end may as well be in another state, because.
pub struct Alternative {
    /// The states that the row speaks of.
    pub states: &'static [State],
    /// The condition.
    pub when: When,
    /// The other state.
    pub or: Or,
    /// Why, in a sentence.
    pub because: &'static str,
}

const fn row(states: &'static [State], when: When, or: Or, because: &'static str) -> Alternative {
    Alternative { states, when, or, because }
}

const fn or(state: State) -> Or {
    Or::State(state)
}

const SYNCHRONIZED: &[State] = &[Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait];
const ASKING: &[State] = &[SynRecv, FinWait1, Closing, LastAck];
const MOVED: &[State] =
    &[SynSent, SynRecv, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait, Closed];

impl When {
    /// Whether it can only hold of an end that is believed to have moved by something that is not proven.
    pub(super) const fn needs_doubt(self) -> bool {
        matches!(
            self,
            CookiePerhaps
                | CookieDue
                | AwaitsData
                | IgnoresData
                | IgnoredAckOverdue
                | IgnoredAckBefore
                | OpenedInSilence
                | PresumedFinResent
                | CrossedPerhaps
                | MayHaveQueued
                | MidStreamAcked
                | BeganWithAckOfFin
                | BeganWithReset
                | ResetInOpening
                | ForeignFin
                | ResetUndid
                | ArrivalUnproven
        )
    }

    /// Whether it can only hold where nothing was captured of one of the ends.
    pub(super) const fn needs_unseen(self) -> bool {
        matches!(
            self,
            OtherUnseen
                | OtherUnseenSilent
                | OtherUnseenFin
                | OtherUnseenWaits
                | OtherUnseenLast
                | UnseenOpening
                | Unseen
                | UnseenSilent
                | UnseenFin
        )
    }
}

use When::*;

/// The rows. The first that names a state says where it stands among the others.
#[rustfmt::skip]
pub const ALTERNATIVES: &[Alternative] = &[
    // Gone in silence.
    row(&[FinWait2], SilentAsAnOrphan, or(Closed), "an orphan goes without a packet, sooner than the profile says if its host was told so"),
    row(SYNCHRONIZED, StoppedResending, or(Closed), "who gives up goes without a packet"),
    row(ASKING, CopyOverdue, or(Closed), "who still waited for an answer would have asked again"),
    row(SYNCHRONIZED, Unresponsive, or(Closed), "who is still there answers"),

    row(&[SynRecv], CookiePerhaps, or(Closed), "who answers with a cookie keeps no socket"),
    row(&[Established], CookieDue, or(Closed), "who answers with a cookie keeps no socket, and resends nothing"),
    row(&[Established], AwaitsData, or(SynRecv), "who waits for data ignores the acknowledgement, and resends nothing after it"),
    row(&[Established], IgnoresData, or(SynRecv), "who waits for room in the queue of accept, or for data, ignores the acknowledgement"),
    row(&[Established], IgnoresData, or(Closed), "who answered with a cookie and has no room in the queue of accept keeps no socket"),
    row(&[SynSent, Established], SynAckUnanswered, or(Closed), "who sent the SYN would answer; it may have been forged, or be gone"),
    row(SYNCHRONIZED, ResendOverdue, or(Closed), "who still waited for an acknowledgement would have resent"),
    row(SYNCHRONIZED, ProbeOverdue, or(Closed), "who still waited for room would have probed the window again"),
    row(SYNCHRONIZED, AnswerOverdue, or(Closed), "who is still there answers"),
    row(SYNCHRONIZED, SilentForADay, or(Closed), "so long a silence outlives hosts, applications and what is between them"),

    // Opening.
    row(&[SynSent], AnsweredAgain, or(Established), "this SYN,ACK may have arrived, though one before did not"),
    row(&[Established], OpenedInSilence, or(Closed), "it may have given up its attempt before that SYN,ACK came"),
    row(&[Established], IgnoredAckBefore, or(SynRecv), "an acknowledgement ignored once may be ignored again"),
    row(&[Established], IgnoredAckOverdue, or(Closed), "who ignored the acknowledgement again gives up in the end"),

    // Closing: whose FIN arrived, and which came first.
    row(&[Established], OthersFinResent, or(CloseWait), "either the FIN was lost or the acknowledgement of it"),
    row(&[FinWait2], OthersFinResent, or(TimeWait), "the copy may have arrived, though the FIN before did not"),
    row(&[TimeWait], PresumedFinResent, or(FinWait2), "either the FIN was lost or the acknowledgement of it"),
    row(&[Closing], PresumedFinResent, or(FinWait1), "either the FIN was lost or the acknowledgement of it"),
    row(&[CloseWait], MayHaveQueued, or(Closing), "it may have closed before the other, its FIN waiting behind what could not leave"),
    row(&[LastAck], FinPastMissing, or(Closing), "its FIN may be a copy of one that crossed the other's"),
    row(&[Closed], LastFinPastMissing, or(TimeWait), "its FIN may be a copy of one that crossed the other's"),
    row(&[Closed], LastFinPastMissingWaits, or(Closing), "its FIN may be a copy of one that crossed the other's"),
    row(&[Closing], CrossedPerhaps, or(LastAck), "an acknowledgement may have overtaken its FIN, which came second then"),
    row(&[TimeWait], CrossedPerhaps, or(Closed), "an acknowledgement may have overtaken its FIN, which came second then"),

    // Presumptions that wait for silence to speak for them.
    row(&[SynRecv], InDoubt, or(Established), "the acknowledgement may have arrived this time"),
    row(&[FinWait1], InDoubt, or(FinWait2), "the acknowledgement may have arrived this time"),
    row(&[Closing], InDoubt, or(TimeWait), "the acknowledgement may have arrived this time"),
    row(&[LastAck], InDoubt, or(Closed), "the acknowledgement may have arrived this time"),

    row(&[FinWait1], CopyStandsAlone, or(FinWait2), "the copy may be somebody else's, and the acknowledgement has arrived"),
    row(&[Closing], CopyStandsAlone, or(TimeWait), "the copy may be somebody else's, and the acknowledgement has arrived"),
    row(&[LastAck], CopyStandsAlone, or(Closed), "the copy may be somebody else's, and the acknowledgement has arrived"),

    // Gaps of the capture.
    row(&[Established], BeganMidStream, or(CloseWait), "the other end may have closed before the capture began"),
    row(&[Established], BeganMidStreamToHear, or(FinWait2), "it may have closed before the capture began, and hears what the other end still sends"),
    row(&[CloseWait], BeganMidStream, or(TimeWait), "it may have closed before the capture began"),
    row(&[FinWait1], BeganMidStream, or(LastAck), "the other end may have closed before the capture began"),
    row(&[FinWait1], BeganMidStream, or(Closing), "its FIN may have waited, and the other's have come before the capture began"),
    row(&[FinWait2], BeganMidStream, or(TimeWait), "its FIN may have waited, and the other's have come before the capture began"),
    row(&[FinWait2], BeganMidStream, or(Closed), "the other end may have closed before the capture began"),
    row(&[FinWait2], MidStreamAcked, or(LastAck), "the other end may have closed before, and the acknowledgement may be lost"),
    row(&[FinWait2], MidStreamAcked, or(Closing), "the FINs may have crossed, and the acknowledgement may be lost"),
    row(&[CloseWait], BeganWithAckOfFin, or(TimeWait), "it may have closed before the capture began"),
    row(&[Closed], BeganWithReset, or(Established), "the reset may be of something between the ends"),
    row(&[FinWait1], OnlyControl, or(FinWait2), "the acknowledgement is not of what the capture holds"),
    row(&[Closing], OnlyControl, or(TimeWait), "the acknowledgement is not of what the capture holds"),
    row(&[LastAck], OnlyControl, or(Closed), "the acknowledgement is not of what the capture holds"),

    // One direction captured.
    row(&[SynRecv], OtherUnseen, or(Established), "the acknowledgement may have come, out of sight"),
    row(&[FinWait1], OtherUnseen, or(FinWait2), "the acknowledgement may have come, out of sight"),
    row(&[FinWait1, FinWait2], OtherUnseen, or(TimeWait), "the other's FIN may have come, out of sight"),
    row(&[FinWait1], OtherUnseen, or(LastAck), "the other end may have closed before, out of sight"),
    row(&[LastAck], OtherUnseen, or(Closing), "which FIN was the first does not show"),
    row(&[LastAck], OtherUnseen, or(TimeWait), "which FIN was the first does not show"),
    row(&[Closed], OtherUnseenLast, or(TimeWait), "which FIN was the first does not show"),
    row(&[CloseWait], OtherUnseen, or(TimeWait), "which FIN was the first does not show"),
    row(&[Closing], OtherUnseen, or(TimeWait), "the acknowledgement may have come, out of sight"),
    row(&[LastAck], OtherUnseen, or(Closed), "the acknowledgement may have come, out of sight"),
    row(SYNCHRONIZED, OtherUnseenSilent, or(Closed), "a reset of the other end would not show"),
    row(&[TimeWait], OtherUnseenWaits, or(Closing), "whether the other's FIN brought the acknowledgement does not show"),
    row(&[Established], OtherUnseenFin, or(CloseWait), "the octet may be the other's FIN"),
    row(&[SynSent, Established, CloseWait, LastAck, FinWait1, FinWait2], UnseenSilent, or(Closed), "whether it is still there does not show"),
    row(&[Established], UnseenOpening, or(SynSent), "the SYN,ACK may have been lost"),
    row(&[Established], UnseenOpening, or(Closed), "whoever sent the SYN may have forged its address, or be gone"),
    row(&[Established], UnseenFin, or(FinWait2), "the octet may be its FIN"),
    row(&[CloseWait], Unseen, or(LastAck), "its FIN would not show"),
    row(&[CloseWait], Unseen, or(Closed), "its FIN and the acknowledgement of it would not show"),
    row(&[CloseWait, FinWait2, Closed], Unseen, or(TimeWait), "which FIN was the first does not show"),
    row(&[FinWait2, TimeWait], Unseen, or(Closed), "which FIN was the first does not show"),

    // A tap that loses frames.
    row(SYNCHRONIZED, TapLosesFrames, or(Closed), "its end may be among what was not captured"),
    row(&[Established], TapLosesFrames, or(CloseWait), "the other's FIN may be among what was not captured"),
    row(&[Established], TapLosesFrames, or(FinWait2), "its FIN may be among what was not captured"),
    row(&[Established, FinWait1, FinWait2, CloseWait], TapLosesFrames, or(TimeWait), "both FINs may have passed, one of them not captured"),
    row(&[FinWait1], TapLosesFrames, or(FinWait2), "the acknowledgement may be among what was not captured"),
    row(&[Closing], TapLosesFrames, or(TimeWait), "the acknowledgement may be among what was not captured"),
    row(&[CloseWait], TapLosesFrames, or(LastAck), "its FIN may be among what was not captured"),

    row(&[Closed], SynPerhapsLost, or(SynSent), "one SYN that did not come may have been lost on its way to the capture"),
    row(&[Closed], AnswerPerhapsMissing, or(Established), "who is not answered sends its SYN again: the answer may not have been captured"),
    row(&[Closed], AnswerPerhapsMissing, or(TimeWait), "all that followed the answer may not have been captured either"),

    row(&[Established], OtherWindowShut, or(FinWait1), "the FIN of who closes behind a window of zero cannot leave"),
    row(&[CloseWait], OtherWindowShut, or(LastAck), "the FIN of who closes behind a window of zero cannot leave"),
    row(&[Established], ResendsData, or(FinWait1), "after a loss, the congestion window may have no room for its FIN"),
    row(&[CloseWait], ResendsData, or(LastAck), "after a loss, the congestion window may have no room for its FIN"),
    row(&[Established], LacksOctets, or(FinWait1), "what it has to say does not get through, and its FIN may wait behind it"),
    row(&[CloseWait], LacksOctets, or(LastAck), "what it has to say does not get through, and its FIN may wait behind it"),
    row(&[Established], FillsSmallWindow, or(FinWait1), "its FIN may wait behind what does not fit into the window"),
    row(&[CloseWait], FillsSmallWindow, or(LastAck), "its FIN may wait behind what does not fit into the window"),

    row(&[Established, FinWait1, FinWait2], OpenUnheard, or(SynRecv), "others may talk in its name, and a socket that waits for the acknowledgement does not"),
    row(&[FinWait1], FinAheadOfHole, or(Established), "the FIN may be somebody else's: nobody has taken it"),
    row(&[LastAck], FinAheadOfHole, or(CloseWait), "the FIN may be somebody else's: nobody has taken it"),

    // Resets.
    row(&[Closed], ResetInOpening, or(Established), "a reset that is not exact ends nothing, and the other end goes on"),
    row(SYNCHRONIZED, ResetPerhapsOwn, or(Closed), "the reset may have been its own"),
    row(SYNCHRONIZED, IgnoredReset, or(Closed), "the reset may have arrived this time"),
    row(SYNCHRONIZED, ForeignReset, or(Closed), "whoever forged the reset may have told this end too"),
    row(&[Established], HasEarlyFin, or(FinWait1), "the FIN may be its own, and what is missing lost"),
    row(&[FinWait1, FinWait2, Closing, TimeWait], ForeignFin, or(Established), "whoever forged the FIN did not close this end"),
    row(&[LastAck, Closed, Closing, TimeWait], ForeignFin, or(CloseWait), "whoever forged the FIN did not close this end"),
    row(&[Closed], ResetUndid, Or::Undone, "the reset may have been somebody else's"),

    // Arrivals.
    row(MOVED, ArrivalUnproven, Or::Left, "what was captured may have been lost behind the tap"),
];

#[cfg(test)]
mod tests {
    use super::{ALTERNATIVES, Or, When};

    #[test]
    fn every_condition_has_a_row_and_every_row_another_state() {
        for when in When::ALL {
            assert!(ALTERNATIVES.iter().any(|row| row.when == *when), "no row goes by {when:?}");
        }
        for row in ALTERNATIVES {
            assert!(!row.states.is_empty() && !row.because.is_empty());
            if let Or::State(state) = row.or {
                assert!(!row.states.contains(&state), "{}: {}", state.name(), row.because);
            }
        }
    }

    #[test]
    fn no_row_stands_twice() {
        for (place, row) in ALTERNATIVES.iter().enumerate() {
            let again = ALTERNATIVES[place + 1..].iter().find(|later| {
                later.when == row.when
                    && later.or == row.or
                    && row.states.iter().any(|s| later.states.contains(s))
            });
            assert!(again.is_none(), "{:?} twice", row.when);
        }
    }
}
