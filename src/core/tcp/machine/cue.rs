//! Cues: what one segment, or one silence, means to one endpoint.

use super::number::{NUMBERS, Number};

/// How a transition is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Evidence {
    /// The endpoint's own segment shows it.
    Seen,
    /// Its cause was captured on the way to the endpoint, and nothing contradicts its arrival.
    Presumed,
    /// Its cause was not captured, but later segments prove that it happened.
    Implied,
    /// A documented timer ran out, with nothing to the contrary.
    Timer,
}

impl Evidence {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Seen, Self::Presumed, Self::Implied, Self::Timer];

    /// The kind with the number given.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL[usize::from(number & 3)]
    }

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Presumed => "presumed",
            Self::Implied => "implied",
            Self::Timer => "timer",
        }
    }
}

macro_rules! cues {
    ($($(#[$doc:meta])* $name:ident = $words:literal,)*) => {
        /// The meaning of one segment, or one silence, for one endpoint.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Cue { $($(#[$doc])* $name,)* }

        impl Cue {
            /// Every cue, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its number.
            #[must_use]
            pub const fn number(self) -> Number {
                self as Number
            }

            /// A FIN that the endpoint sent, however surely.
            pub const FINS: &[Self] = &[Self::SentFin, Self::SentFinPerhaps, Self::SentFinUnheard];

            /// The cue in words.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)* }
            }
        }
    };
}

cues! {
    // Own acts of the endpoint.
    /// A SYN without ACK.
    SentSyn = "sent SYN",
    /// A SYN with ACK.
    SentSynAck = "sent SYN,ACK",
    /// Its SYN,ACK again, or a segment that follows from it: it kept a socket.
    KeepsSocket = "goes on from its SYN,ACK",
    /// A segment, no SYN, that acknowledges the other's SYN.
    SentAckOfSyn = "sent ACK of SYN",
    /// A segment that only an end whose own SYN was acknowledged sends: data, a FIN, an acknowledgement of data.
    SentSynchronized = "sent a segment of an open connection",
    /// Any segment without SYN, FIN and RST, of a connection whose opening was not captured.
    SentMidStream = "sent a segment, the opening not captured",
    /// A FIN.
    SentFin = "sent FIN",
    /// A FIN, and not all that it acknowledges was captured: the other's FIN may be among that.
    SentFinPerhaps = "sent FIN, the other end's stream not fully captured",
    /// A FIN of which nothing else in the capture speaks: its receiver may not have been there to take it, and anyone may have
    /// sent it.
    SentFinUnheard = "sent FIN, of which nothing else in the capture speaks",
    /// A FIN that does not acknowledge the other's FIN, captured before it: the two have crossed.
    SentFinCrossing = "sent FIN before the other's FIN arrived",
    /// An acknowledgement that covers the other's FIN.
    SentAckOfFin = "sent ACK of FIN",
    /// An acknowledgement that covers the other's FIN, sent before the acknowledgement of its own can have arrived.
    SentAckOfFinFirst = "sent ACK of FIN before the ACK of its own arrived",
    /// An acknowledgement of exactly one octet more than was captured, together with or after its own FIN: the other's FIN.
    SentAckOfUnseenFin = "sent ACK of a FIN not captured",
    /// A reset that only its live socket could have formed.
    SentRst = "sent RST",
    /// A reset in its name, which others might have forged.
    SentRstPerhaps = "sent RST, or another in its name",

    // Segments captured on their way to the endpoint.
    /// A SYN, while its own is under way: simultaneous open.
    ReceivedSyn = "received SYN",
    /// A SYN,ACK that acknowledges its SYN.
    ReceivedSynAck = "received SYN,ACK",
    /// An acknowledgement of its SYN,ACK.
    ReceivedAckOfSyn = "received ACK of SYN,ACK",
    /// The other's FIN, with no octet missing before it.
    ReceivedFin = "received FIN",
    /// An acknowledgement that covers its FIN.
    ReceivedAckOfFin = "received ACK of FIN",
    /// A reset that it has to accept (RFC 9293, 3.10.7; RFC 5961, 3.2).
    ReceivedRst = "received RST",
    /// A SYN beyond the numbers of this connection, which begins the next one (RFC 9293, 3.10.7.4).
    ReceivedNextSyn = "received SYN of the next connection",
    /// An ICMP error that aborts an attempt to connect (RFC 9293, 3.9.2.2).
    ReceivedUnreachable = "received ICMP unreachable",

    // Proofs by the other end's behaviour.
    /// The other acknowledged a SYN of this end that was not captured.
    PeerAckedSyn = "its SYN, not captured, was acknowledged",
    /// The other answered a SYN of this end that was not captured.
    PeerAnsweredSyn = "its SYN, not captured, was answered",
    /// The other acknowledged a FIN of this end that was not captured.
    PeerAckedFin = "its FIN, not captured, was acknowledged",
    /// Both ends have sent new data.
    BothSend = "both ends send new data, so neither had closed before",
    /// It acknowledges the other's FIN, every copy of which acknowledged its own.
    FinToldAll = "acknowledged a FIN that acknowledged its own",
    /// Its acknowledgement of the other's FIN bears no IPv4 identification, where its socket counted them.
    SentWithoutSocket = "acknowledged the FIN without its socket, as TIME_WAIT does",
    /// The other acknowledges its FIN, and so has taken it; or its own next segment bears the number behind that FIN.
    FinTaken = "its FIN was its own: another segment speaks of it",
    /// The other sends as only a peer of an open connection does.
    PeerSynchronized = "the other end sends as one that is connected to it",
    /// This end began anew with the same addresses and ports.
    BeganAnew = "began a new connection on the same addresses and ports",
    /// A SYN in its name, with the same addresses and ports: another connection, if it is its own.
    SentNextSyn = "sent SYN of the next connection, or another in its name",
    /// It goes on from a SYN that was answered.
    WentOnAnew = "went on with the next connection",
    /// It answers as a host without such a connection does.
    FoundGone = "found gone when a segment came for it",

    // Disproofs of a presumption.
    /// Its SYN came again after the SYN,ACK.
    ResentSyn = "resent SYN: the SYN,ACK did not arrive",
    /// An ICMP error that quotes the other end's SYN,ACK.
    SynAckRejected = "ICMP error quotes the SYN,ACK: it did not arrive",
    /// Its SYN is answered by another number than it seemed to have acknowledged.
    AnsweredOtherwise = "its SYN was answered by another number than it seemed to have acknowledged",
    /// Its SYN,ACK was not captured, and the acknowledgement of it was not the other end's.
    NotAcked = "its SYN,ACK, not captured, was acknowledged by somebody else",
    /// It answered the SYN,ACK as a host without such an attempt does.
    AnsweredSynAckWithRst = "answered SYN,ACK with RST: the attempt was gone",
    /// Its SYN came again after an ICMP error that should have ended the attempt.
    ResentSynAfterIcmp = "resent SYN: the ICMP error did not end the attempt",
    /// Its FIN, captured after the other's, is acknowledged by that one: it was sent before.
    FinShownLate = "sent FIN before the other's, which acknowledges it; the capture shows it after",
    /// Its FIN, captured after the other's, acknowledges what the other sent before its own, which acknowledges it.
    ClosedSecond = "sent a FIN that acknowledges the other's, captured after it",
    /// Its FIN, captured after an acknowledgement of it, acknowledges the other's.
    GuessedFinClosedSecond = "sent a FIN that acknowledges the other's; it is shown after its acknowledgement",
    /// Its FIN, captured after an acknowledgement of it, does not acknowledge the other's.
    FinShownCrossing = "sent FIN before the other's arrived; the capture shows it after its acknowledgement",
    /// Its FIN set out before the acknowledgement of its SYN,ACK had arrived (Fast Open).
    ClosedBeforeAck = "sent FIN before the ACK of its SYN,ACK arrived",
    /// Its FIN set out before the other's SYN,ACK had arrived (simultaneous open).
    ClosedBeforeSynAck = "sent FIN before the other's SYN,ACK arrived",
    /// Its SYN,ACK came again after the acknowledgement.
    ResentSynAck = "resent SYN,ACK: the ACK did not arrive, or was ignored",
    /// Its FIN came again after the acknowledgement.
    ResentFin = "resent FIN: the ACK did not arrive",
    /// Its acknowledgement of the other's FIN bears the time stamp of a later copy of that.
    EchoesLaterCopy = "its ACK echoes the time stamp of a later FIN: those before did not arrive",
    /// Its acknowledgement of the other's FIN set out before the acknowledgement of its own had arrived.
    AckedFinFirst = "acknowledged the FIN before the ACK of its own arrived",
    /// It goes on acknowledging less than the FIN captured on its way to it.
    StillAcksBeforeFin = "still acknowledges less than the FIN: the FIN did not arrive",
    /// It sends data beyond a FIN in its name.
    SpokeBeyondFin = "sent data beyond a FIN in its name: that was not its own",
    /// It goes on with the number that a FIN in its name took up.
    SpokeFromFin = "went on with the number of a FIN in its name: that was not its own",
    /// An octet of this end that was taken for a FIN was none: it goes on beyond it.
    FinWasData = "went on beyond an octet that was taken for its FIN",
    /// An octet that it acknowledged, and that was taken for the other's FIN, was none.
    AckedData = "acknowledged an octet that was taken for the other's FIN, and was none",
    /// The other's FIN came again, and this end has not acknowledged it.
    FinUnacknowledged = "the FIN, or what lies before it, had to be resent: it may not have arrived",
    /// It answers the ACK of its SYN,ACK as a host without such a connection does.
    GoneBeforeAck = "answered the ACK of its SYN,ACK with RST: it did not accept it",
    /// It answers the FIN as a host without such a connection does.
    GoneBeforeFin = "answered the FIN with RST: it was gone before",
    /// It answers the acknowledgement of its FIN as a host without such a connection does.
    GoneBeforeAckOfFin = "answered the ACK of its FIN with RST: it was gone before",
    /// Its reset acknowledges less than the data that came with the acknowledgement of its FIN.
    ResetBeforeAckOfFin = "sent RST that acknowledges less than came with the ACK of its FIN",
    /// Its FIN came again, after it had seemed to be acknowledged out of sight.
    ResentFinUnseen = "resent FIN: it was not acknowledged out of sight",
    /// It goes on answering after a SYN that should have ended TIME_WAIT.
    SpokeAfterNextSyn = "spoke after the SYN of the next connection: it is still in TIME_WAIT",
    /// It goes on with the connection that it seemed to have left for the next.
    SpokeAfterOwnNextSyn = "spoke after a SYN in its name: that was not its own",
    /// The other end goes on from below the number of a reset in its name.
    ResetWasAhead = "the RST bore a number ahead of what came next: it was not accepted",
    /// It goes on talking after a reset that it should have accepted.
    SpokeAfterRst = "spoke after the RST: it was not accepted",
    /// It goes on talking after a reset in its name.
    SpokeAfterOwnRst = "spoke after a RST in its name: it was not its own",

    // Silences.
    /// 2MSL in TIME_WAIT have passed.
    TwoMslOver = "2MSL passed",
    /// The next SYN is overdue.
    SynGivenUp = "gave up resending SYN",
    /// The next SYN,ACK is overdue, and none of the retries is left.
    SynAckGivenUp = "gave up resending SYN,ACK",
    /// The next FIN is overdue, and none of the retries is left.
    FinGivenUp = "gave up resending FIN",
    /// Its FIN was not resent, though nothing of the other end is captured: so that has acknowledged it.
    FinNotResent = "did not resend its FIN: it was acknowledged, out of sight",
    /// A timer seemed to have ended the attempt, and the segment is resent.
    RetriedAfterAll = "resent what it seemed to have given up",
    /// It was in FIN_WAIT2 for longer than fin_timeout, and later turned out to be gone.
    FinWait2Over = "fin_timeout passed in FIN_WAIT2",
}

const _: () = assert!(
    Cue::ALL.len() <= NUMBERS,
    "there are more cues than numbers: widen `Number` (tcp/machine/number.rs)"
);

#[cfg(test)]
mod tests {
    use super::{Cue, Evidence};

    #[test]
    fn numbers_and_names_agree() {
        for (number, cue) in Cue::ALL.iter().enumerate() {
            assert_eq!(*cue as usize, number);
            assert!(!cue.words().is_empty());
        }
        for (number, evidence) in (0u8..).zip(Evidence::ALL) {
            assert_eq!(Evidence::from_number(number), evidence);
        }
    }
}
