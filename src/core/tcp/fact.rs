//! Facts: observations without judgement, as named bits. `wirestat.facts` says each in words.

macro_rules! facts {
    ($($name:ident = $word:literal,)*) => {
        /// A fact about one end (what it did) or, first in the list, about the connection as a whole.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the names are the documentation, and facts.py the dictionary")]
        pub enum Fact { $($name,)* }

        impl Fact {
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
}

impl Fact {
    /// Whether it is about the connection as a whole.
    #[must_use]
    pub const fn is_of_connection(self) -> bool {
        (self as u8) <= Self::ReorderedByTap as u8
    }
}

/// A set of facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Facts(pub u64);

impl Facts {
    /// Those about the connection as a whole.
    pub const OF_CONNECTION: Self = Self((1 << (Fact::ReorderedByTap as u8 + 1)) - 1);

    /// Whether `fact` is in the set.
    #[must_use]
    pub const fn has(self, fact: Fact) -> bool {
        self.0 >> fact as u8 & 1 == 1
    }

    /// Adds `fact`; true where it is new.
    pub const fn add(&mut self, fact: Fact) -> bool {
        let before = self.0;
        self.0 |= 1 << fact as u8;
        self.0 != before
    }

    /// Those of either set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those about the connection as a whole, or those about an end.
    #[must_use]
    pub const fn only(self, of_connection: bool) -> Self {
        let wanted = if of_connection { Self::OF_CONNECTION.0 } else { !Self::OF_CONNECTION.0 };
        Self(self.0 & wanted)
    }

    /// The facts in the set.
    pub fn iter(self) -> impl Iterator<Item = Fact> {
        Fact::ALL.iter().copied().filter(move |fact| self.has(*fact))
    }
}

#[cfg(test)]
mod tests {
    use super::{Fact, Facts};

    #[test]
    fn every_fact_has_a_bit() {
        assert!(Fact::ALL.len() <= 64);
        let mut facts = Facts::default();
        for fact in Fact::ALL {
            assert!(facts.add(*fact));
            assert!(!facts.add(*fact));
        }
        assert_eq!(facts.iter().count(), Fact::ALL.len());
        assert!(Fact::ALL.iter().all(|fact| Facts::OF_CONNECTION.has(*fact) == fact.is_of_connection()));
    }
}
