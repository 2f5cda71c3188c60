//! Facts: observations without judgement, as named bits. `wirestat.facts` says each in words.

use super::number::{NUMBERS, Number, place, take_first};
use serde::{Deserialize, Serialize};

macro_rules! facts {
    ($($name:ident = $word:literal,)*) => {
        /// A fact about one end (what it did) or, first and last in the list, about the connection as a whole.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[allow(missing_docs, reason = "the names are the documentation, and facts.py the dictionary")]
        pub enum Fact { $($name,)* }

        impl Fact {
            /// Its number.
            #[must_use]
            pub const fn number(self) -> Number {
                self as Number
            }

            /// Every fact, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name that Python knows it by.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

facts! {
    // About the connection as a whole.
    MidStream = "mid-stream",
    SynMissing = "syn-missing",
    OneWay = "one-way",
    SimultaneousOpen = "simultaneous-open",
    SimultaneousClose = "simultaneous-close",
    FastOpen = "fast-open",
    ReusedTuple = "reused-tuple",
    ReusedInTimeWait = "reused-in-time-wait",
    FramesDuplicated = "frames-duplicated",
    FramesMissing = "frames-missing",
    OnlyControl = "only-control",
    ReorderedByTap = "reordered-by-tap",
    // About one end: opening.
    SynResent = "syn-resent",
    SynResentAfterSynAck = "syn-resent-after-syn-ack",
    SynRetriesUsedUp = "syn-retries-used-up",
    SynAckResent = "syn-ack-resent",
    SynAckResentAfterAck = "syn-ack-resent-after-ack",
    RstAnswersHandshakeAck = "rst-answers-handshake-ack",
    SynAckRetriesUsedUp = "syn-ack-retries-used-up",
    Refused = "refused",
    RstAnswersSynAck = "rst-answers-syn-ack",
    IcmpUnreachable = "icmp-unreachable",
    IcmpPortUnreachable = "icmp-port-unreachable",
    IcmpProhibited = "icmp-prohibited",
    IcmpTooBig = "icmp-too-big",
    IcmpTimeExceeded = "icmp-time-exceeded",
    StraySyn = "stray-syn",
    SpokeAfterOwnSyn = "spoke-after-own-syn",
    ChallengeAck = "challenge-ack",
    // data
    OversizedSegments = "oversized-segments",
    SentData = "sent-data",
    DataResent = "data-resent",
    DataResentUnanswered = "data-resent-unanswered",
    UnansweredAfterIdle = "unanswered-after-idle",
    FullSizeResentOnly = "full-size-resent-only",
    KeepaliveSent = "keepalive-sent",
    KeepaliveUnanswered = "keepalive-unanswered",
    ZeroWindow = "zero-window",
    ZeroWindowHeld = "zero-window-held",
    WindowProbeSent = "window-probe-sent",
    IdleGap = "idle-gap",
    // closing
    FinSent = "fin-sent",
    FinAfterIdle = "fin-after-idle",
    CloseCrossedRequest = "close-crossed-request",
    FinResent = "fin-resent",
    FinResentAfterAck = "fin-resent-after-ack",
    FinRetriesUsedUp = "fin-retries-used-up",
    DataAfterPeerFin = "data-after-peer-fin",
    CloseWaitHeld = "close-wait-held",
    FinWait2Held = "fin-wait2-held",
    // resets
    RstSent = "rst-sent",
    RstAborts = "rst-aborts",
    RstNoSocket = "rst-no-socket",
    RstRightAfterWords = "rst-right-after-words",
    RstAfterUnreadData = "rst-after-unread-data",
    RstAfterIdle = "rst-after-idle",
    RstAnswersLateSegment = "rst-answers-late-segment",
    RstInWindow = "rst-in-window",
    RstOutOfWindow = "rst-out-of-window",
    RstLooksForeign = "rst-looks-foreign",
    RstTtlDiffers = "rst-ttl-differs",
    SpokeAfterOwnRst = "spoke-after-own-rst",
    SpokeAfterRst = "spoke-after-rst",
    TwoSynAcks = "two-syn-acks",
    // what its receiver throws away
    NoAckBit = "no-ack-bit",
    OldSegment = "old-segment",
    BeyondWindow = "beyond-window",
    AckTooOld = "ack-too-old",
    AckBeyond = "ack-beyond",
    PawsDropped = "paws-dropped",
    BadChecksum = "bad-checksum",
    FragmentsDiffer = "fragments-differ",
    UnaskedSynAck = "unasked-syn-ack",
    CopiedLater = "copied-later",
    SpokeBeforeOpening = "spoke-before-opening",
    // why it may be answered or not
    SynWithEcn = "syn-with-ecn",
    SynWithFastOpen = "syn-with-fast-open",
    SynWithMultipath = "syn-with-multipath",
    SynLeftOutStamps = "syn-left-out-stamps",
    SynAsksToJoin = "syn-asks-to-join",
    SynChecksumWrong = "syn-checksum-wrong",
    WrongChecksumAcked = "wrong-checksum-acked",
    SynSigned = "syn-signed",
    SynCameAsAck = "syn-came-as-ack",
    SynAckEchoWrong = "syn-ack-echo-wrong",
    SynAckOfEarlierSyn = "syn-ack-of-earlier-syn",
    AckOfEarlierSynAck = "ack-of-earlier-syn-ack",
    SynAckEchoesAck = "syn-ack-echoes-ack",
    TsvalBackward = "tsval-backward",
    SynAckWindowZero = "syn-ack-window-zero",
    SynAckTtlDiffers = "syn-ack-ttl-differs",
    SynAckTtlAgain = "syn-ack-ttl-again",
    AcksFromElsewhere = "acks-from-elsewhere",
    TtlTakesTurns = "ttl-takes-turns",
    TimestampsMissing = "timestamps-missing",
    ResetLoop = "reset-loop",
    ResetAgain = "reset-again",
    ProbeLostAfterIdle = "probe-lost-after-idle",
    SurvivedGap = "survived-gap",
    ZeroWindowOften = "zero-window-often",
    OpenedByLittle = "opened-by-little",
    WindowTakenBack = "window-taken-back",
    WordsUnanswered = "words-unanswered",
    WaitedForAck = "waited-for-ack",
    WaitedForWindow = "waited-for-window",
    HeldBack = "held-back",
    WindowCollapsed = "window-collapsed",
    WindowReadSmall = "window-read-small",
    SpokePastFin = "spoke-past-fin",
    ResentSmaller = "resent-smaller",
    HoleNotFilled = "hole-not-filled",
    Overtaken = "overtaken",
    GotTwice = "got-twice",
    GotLarge = "got-large",
    Stalled = "stalled",
    StalledBriefly = "stalled-briefly",
    CopiesTogether = "copies-together",
    BacksOffLonger = "backs-off-longer",
    CopiedLate = "copied-late",
    CongestionEchoed = "congestion-echoed",
    UrgentResent = "urgent-resent",
    SpokeUnasked = "spoke-unasked",
    Heartbeats = "heartbeats",
    IcmpRedirect = "icmp-redirect",
    // what a reset says of itself
    RstCopiesPacket = "rst-copies-packet",
    RstWithText = "rst-with-text",
    RstWithReason = "rst-with-reason",
    RstWithCode = "rst-with-code",
    AskedForReset = "asked-for-reset",
    StrayRstLooksForeign = "stray-rst-looks-foreign",
    RstTurnsAway = "rst-turns-away",
    RstLeftOutStamps = "rst-left-out-stamps",
    ProbeUnheard = "probe-unheard",
    // About the connection as a whole, and rare.
    Replayed = "replayed",
    SelfConnected = "self-connected",
    NumbersSenseless = "numbers-senseless",
    ClockLeapt = "clock-leapt",
}

impl Fact {
    /// Whether it is about the connection as a whole.
    #[must_use]
    pub const fn is_of_connection(self) -> bool {
        self.number() <= Self::ReorderedByTap.number()
            || matches!(
                self,
                Self::Replayed | Self::SelfConnected | Self::NumbersSenseless | Self::ClockLeapt
            )
    }
}

/// A set of facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts([u64; Facts::WORDS]);

const _: () = assert!(
    Fact::ALL.len() <= Facts::MOST,
    "there are more facts than bits: raise `Facts::WORDS` (tcp/machine/fact.rs)"
);
const _: () = assert!(
    Fact::ALL.len() <= NUMBERS,
    "there are more facts than numbers: widen `Number` (tcp/machine/number.rs)"
);

impl Facts {
    /// How many words a set takes. An endpoint keeps the first in line, and the others only where they are needed.
    pub const WORDS: usize = 3;
    /// How many facts there is room for.
    pub const MOST: usize = Self::WORDS * u64::BITS as usize;

    /// Those about the connection as a whole.
    pub const OF_CONNECTION: Self = {
        let mut facts = Self([0; Self::WORDS]);
        let mut number = 0;
        while number < Fact::ALL.len() {
            if Fact::ALL[number].is_of_connection() {
                facts.add(Fact::ALL[number]);
            }
            number += 1;
        }
        facts
    };

    /// In which word the bit of `fact` is, and the bit.
    pub(in crate::tcp) const fn place(fact: Fact) -> (usize, u64) {
        place(fact as usize)
    }

    /// Whether `fact` is in the set.
    #[must_use]
    pub const fn has(self, fact: Fact) -> bool {
        let (word, bit) = Self::place(fact);
        self.0[word] & bit != 0
    }

    /// Adds `fact`; true where it is new.
    pub const fn add(&mut self, fact: Fact) -> bool {
        let (word, bit) = Self::place(fact);
        let is_new = self.0[word] & bit == 0;
        self.0[word] |= bit;
        is_new
    }

    /// The facts that are in both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] & other.0[word]))
    }

    /// The facts that are in either set.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    /// The facts that are not in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] & !other.0[word]))
    }

    /// The set as numbers, a bit a fact: the first, and those beyond.
    #[must_use]
    pub const fn words(self) -> (u64, [u64; Self::WORDS - 1]) {
        let [first, beyond @ ..] = self.0;
        (first, beyond)
    }

    /// The set that [`Facts::words`] were taken from.
    #[must_use]
    pub const fn of_words(first: u64, beyond: [u64; Self::WORDS - 1]) -> Self {
        let mut words = [first; Self::WORDS];
        let [_, rest @ ..] = &mut words;
        *rest = beyond;
        Self(words)
    }

    /// Those about the connection as a whole, or those about an end.
    #[must_use]
    pub fn only(self, of_connection: bool) -> Self {
        if of_connection { self.and(Self::OF_CONNECTION) } else { self.without(Self::OF_CONNECTION) }
    }

    /// The facts in the set.
    pub fn iter(self) -> impl Iterator<Item = Fact> {
        let mut words = self.0;
        std::iter::from_fn(move || Fact::ALL.get(take_first(&mut words)?).copied())
    }
}

impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        let mut set = Self::default();
        for fact in facts {
            set.add(fact);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::{Fact, Facts};

    #[test]
    fn every_fact_has_a_bit() {
        let mut facts = Facts::default();
        for fact in Fact::ALL {
            assert!(facts.add(*fact));
            assert!(!facts.add(*fact));
        }
        assert_eq!(facts.iter().count(), Fact::ALL.len());
        assert!(Fact::ALL.iter().all(|fact| Facts::OF_CONNECTION.has(*fact) == fact.is_of_connection()));
    }

    #[test]
    fn sets_are_combined() {
        let set = |facts: &[Fact]| facts.iter().copied().collect::<Facts>();
        let (a, b) = (set(&Fact::ALL[..3]), set(&Fact::ALL[2..5]));
        assert_eq!(a.and(b), set(&Fact::ALL[2..3]));
        assert_eq!(a.or(b), set(&Fact::ALL[..5]));
        assert_eq!(a.without(b), set(&Fact::ALL[..2]));
    }
}
