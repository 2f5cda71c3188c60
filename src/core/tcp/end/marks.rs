//! Marks: yes or no, a bit each, of what an end has done and what is known of it.

use serde::{Deserialize, Serialize};

/// The bits of the marks. A wider number has room for more of them.
pub(in crate::tcp) type Bits = u64;

/// Yes or no about an endpoint's sequence space and conduct, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks(Bits);

/// Signs in the last octets of an end that it has more to send.
#[derive(Clone, Copy, Debug)]
pub(in crate::tcp) struct Tail {
    /// See [`mark::LeftMore`].
    pub(in crate::tcp) leaves_more: bool,
    /// See [`mark::FilledSegment`].
    pub(in crate::tcp) fills_segment: bool,
}

impl Tail {
    /// Of a segment without data.
    pub(in crate::tcp) const NOTHING: Self = Self { leaves_more: false, fills_segment: false };
}

/// A mark as a type of its own, by which it is named where it is changed.
pub(in crate::tcp) trait Mark: Copy {
    /// Its place among the bits.
    const BIT: Bit;
}

/// A mark that has an owner: the one file that may change it. The owner implements this, and a mark has room for one
/// implementation: see [`owns`].
pub(in crate::tcp) trait Owned: Mark {
    /// A value that only the owner can make.
    type Owner;
}

/// A mark that its owner may also clear. The others are about something that has happened for good.
pub(in crate::tcp) trait Clearable: Owned {}

/// Makes a file the owner of marks: no other file can make the value `ME`, and without it the compiler rejects a change. Nor
/// can another file claim the same mark.
macro_rules! owns {
    ($($mark:ident),+ $(,)?) => {
        /// Changes the marks that this file owns.
        pub(in crate::tcp) struct Owner(());

        const ME: &Owner = &Owner(());

        $(impl crate::tcp::end::marks::Owned for crate::tcp::end::marks::mark::$mark { type Owner = Owner; })+
    };
}

pub(in crate::tcp) use owns;

/// Writes for each mark its type, and the method that asks for it.
macro_rules! marks {
    ($($(#[$doc:meta])* $mark:ident $get:ident $(, $clearable:ident)?;)*) => {
        /// The marks in the order of their bits.
        #[derive(Clone, Copy)]
        pub(in crate::tcp) enum Bit { $(#[doc = concat!("See [`mark::", stringify!($mark), "`].")] $mark,)* }

        const ALL: &[Bit] = &[$(Bit::$mark,)*];

        /// The marks, each as a type.
        pub(in crate::tcp) mod mark {
            $(
                $(#[$doc])*
                #[derive(Clone, Copy)]
                pub(in crate::tcp) struct $mark;
            )*
        }

        $(
            impl Mark for mark::$mark { const BIT: Bit = Bit::$mark; }
            $(impl $clearable for mark::$mark {})?
        )*

        impl Marks {
            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $get(self) -> bool { self.has(Bit::$mark) }
            )*
        }
    };
}

const _: () = assert!(
    ALL.len() <= Marks::MOST,
    "there are more marks than bits: widen `Bits` (tcp/end/marks.rs), which makes every endpoint larger"
);

/// The owner of the marks that an end changes as it goes on.
pub(super) type GoesOn = <mark::SentNewData as Owned>::Owner;

impl Marks {
    /// How many marks there is room for.
    pub const MOST: usize = Bits::BITS as usize;
    /// None.
    pub const NONE: Self = Self(0);
    /// The marks of an end whose opening was captured, that owes no answer to a reset, and that proves nothing about the
    /// incarnation before.
    pub const CALM: Self = Self(1 << Bit::Space as u32 | 1 << Bit::Iss as u32);
    /// The marks that tell whether it is such an end.
    pub const TELLING: Self = Self(
        Self::CALM.0
            | 1 << Bit::Challenged as u32
            | 1 << Bit::SelfConnected as u32
            | 1 << Bit::DoubtsBefore as u32
            | 1 << Bit::SenselessNumbers as u32,
    );
    /// Its FIN is known.
    pub const FIN: Self = Self(1 << Bit::Fin as u32);
    const ANSWERED: Self = Self(1 << Bit::AnsweredSyn as u32);
    const ANSWERED_UNSCALED: Self = Self(
        Self::ANSWERED.0
            | 1 << Bit::OfferedScale as u32
            | 1 << Bit::ScaleUnknown as u32
            | 1 << Bit::CarriedOn as u32,
    );

    const fn has(self, mark: Bit) -> bool {
        self.0 >> mark as u32 & 1 == 1
    }

    const fn put(&mut self, mark: Bit, on: bool) {
        self.0 = self.0 & !(1 << mark as u32) | (on as Bits) << mark as u32;
    }

    /// Whether nothing marks the end but what was known before its first segment.
    #[inline]
    #[must_use]
    pub const fn are_untouched(self) -> bool {
        const KNOWN_BEFORE: Bits = 1 << Bit::Client as u32
            | 1 << Bit::SumsRight as u32
            | 1 << Bit::StampWentBack as u32
            | 1 << Bit::DoubtsBefore as u32;
        self.0 & !KNOWN_BEFORE == 0
    }

    /// Whether the end has answered a SYN without a window scale, and has not spoken since.
    #[inline]
    #[must_use]
    pub const fn is_first_after_unscaled_syn_ack(self) -> bool {
        self.among(Self::ANSWERED_UNSCALED).0 == Self::ANSWERED.0
    }

    /// Sets a mark, for its owner.
    #[inline]
    pub(super) const fn note<M: Owned>(&mut self, _: M, _: &M::Owner) {
        self.put(M::BIT, true);
    }

    /// Sets a mark or clears it, for its owner.
    #[inline]
    pub(super) const fn set<M: Clearable>(&mut self, _: M, on: bool, _: &M::Owner) {
        self.put(M::BIT, on);
    }

    /// Marks an end that goes on in order, with new data or without: all at once, for most segments do.
    #[inline]
    pub(super) const fn go_on(&mut self, has_data: bool, tail: Tail, closes: bool, _: &GoesOn)
    where
        mark::LeftMore: Owned<Owner = GoesOn>,
        mark::FilledSegment: Owned<Owner = GoesOn>,
        mark::SaidOldThings: Owned<Owner = GoesOn>,
        mark::AskedAfterPause: Owned<Owner = GoesOn>,
        mark::CarriedOn: Owned<Owner = GoesOn>,
    {
        const DATA: Bits = 1 << Bit::SentNewData as u32;
        const OLD: Bits = 1 << Bit::SaidOldThings as u32;
        const OF_DATA: Bits =
            1 << Bit::AskedAfterPause as u32 | 1 << Bit::LeftMore as u32 | 1 << Bit::FilledSegment as u32;
        let with_data = (has_data as Bits).wrapping_neg();
        let kept = self.0 & !(OLD | OF_DATA & with_data);
        let carried_on = (!closes as Bits) << Bit::CarriedOn as u32;
        let left = (tail.leaves_more as Bits) << Bit::LeftMore as u32
            | (tail.fills_segment as Bits) << Bit::FilledSegment as u32;
        self.0 = kept | DATA & with_data | left | carried_on;
    }

    /// Whether the identifications of the end's packets are known, and the last two were consecutive.
    #[inline]
    pub(in crate::tcp) const fn is_counting(self) -> bool {
        const COUNTING: Bits = 1 << Bit::IpId as u32 | 1 << Bit::CountsIpId as u32;
        self.0 & COUNTING == COUNTING
    }

    /// By which bits it differs from a calm end.
    #[inline]
    #[must_use]
    pub(in crate::tcp) const fn off_calm(self) -> Bits {
        self.among(Self::TELLING).0 ^ Self::CALM.0
    }

    /// The bits of those that are among `those`.
    #[inline]
    #[must_use]
    pub(in crate::tcp) const fn bits_among(self, those: Self) -> Bits {
        self.0 & those.0
    }

    /// Those of them that are among `those`.
    #[must_use]
    pub const fn among(self, those: Self) -> Self {
        Self(self.0 & those.0)
    }
}

marks! {
    /// `next` and `acked` mean something.
    Space has_space, Clearable;
    /// `iss` is known.
    Iss has_iss, Clearable;
    /// `fin` is known.
    Fin has_fin, Clearable;
    /// Its FIN has been presumed to arrive at the other end.
    FinDelivered fin_delivered, Clearable;
    /// Its FIN and the other's are thought to have crossed: each was sent before the other had arrived.
    FinCrossed fin_crossed;
    /// It has sent data that were new.
    SentNewData sent_new_data;
    /// It has sent a SYN without ACK.
    OpenedActively opened_actively;
    /// It has sent a SYN with ACK.
    AnsweredSyn answered_syn, Clearable;
    /// Both SYNs carried a window scale.
    Scaled is_scaled, Clearable;
    /// The options of its SYN were cut off, a window scale among them perhaps.
    ScaleUnknown scale_is_unknown, Clearable;
    /// The SYN carried a window scale.
    OfferedScale offered_scale, Clearable;
    /// Its acknowledgements have advanced.
    AckAdvanced ack_advanced;
    /// A round trip between the tap and this end was measured.
    Rtt has_rtt;
    /// Data of the other end were captured, and the last payload was not this end's.
    HeardLast heard_last, Clearable;
    /// The IPv4 identification of its last segment is known.
    IpId has_ip_id;
    /// Its last two identifications were consecutive: it counts.
    CountsIpId counts_ip_id, Clearable;
    /// Its last segment carried only octets captured before, the first of them acknowledged.
    SaidOldThings said_old_things, Clearable;
    /// It acknowledged the other's FIN in a segment before which octets of its own are missing.
    AckedFinPastGap acked_fin_past_gap, Clearable;
    /// After its own FIN it acknowledged less than the other's FIN, though that was captured on its way: it is not known which
    /// arrived first, that FIN or the acknowledgement of its own.
    AckedLessPastFin acked_less_past_fin, Clearable;
    /// The last of its octets fill a segment and were not pushed: it has more to send.
    LeftMore left_more, Clearable;
    /// The last of its octets fill a segment: it may have more to send.
    FilledSegment filled_segment, Clearable;
    /// Its acknowledgement last advanced by one octet that was not captured.
    AckedOneUnseen acked_one_unseen, Clearable;
    /// Its last new data ended a pause of both ends.
    AskedAfterPause asked_after_pause, Clearable;
    /// A reset is on its way to it that it has to answer with a challenge ACK (RFC 5961).
    Challenged challenged, Clearable;
    /// Its FIN was not captured; it is concluded from an acknowledgement.
    FinGuessed fin_is_guessed, Clearable;
    /// Its FIN may be a later copy, for packets of its own may be missing before it; or the FIN may have waited to be sent.
    FinPastMissing fin_past_missing, Clearable;
    /// Its FIN was sent after an acknowledgement from beyond it: the first copy was not captured.
    FinIsLaterCopy fin_is_later_copy;
    /// Its FIN lacks what its other packets have in common: it may be somebody else's.
    FinLooksForeign fin_looks_foreign, Clearable;
    /// Octets of its own were unacknowledged when the other's FIN came, and some have been since: its own FIN may have waited
    /// behind them.
    OwedSinceFin owes_since_fin, Clearable;
    /// Its identification once advanced by more than the packets that may have been missing.
    CountHasJumped count_has_jumped;
    /// `iss` is concluded from the first acknowledgement captured, which may have covered more than a SYN.
    IssGuessed iss_is_guessed, Clearable;
    /// A bare acknowledgement has told which number it sends next.
    ToldNext has_told_next;
    /// It has sent data for the first time: it had announced before that they would come next.
    SentFirstCopy sent_first_copy;
    /// Its last packet bore an IPv6 flow label.
    Labels labels, Clearable;
    /// The checksums of its segments are right, as far as they were looked at.
    SumsRight sums_are_right, Clearable;
    /// The checksums of its segments tell nothing: they are left to a network card.
    SumsTellNothing sums_tell_nothing;
    /// Its segments bear time stamps.
    Stamps stamps;
    /// It has sent a segment without SYN, FIN and RST.
    CarriedOn carried_on;
    /// Its first SYN asked for ECN.
    SynAsksEcn syn_asks_ecn, Clearable;
    /// Its first SYN carried the option of TCP Fast Open.
    SynAsksFastOpen syn_asks_fast_open, Clearable;
    /// Its first SYN asked for Multipath TCP.
    SynAsksMultipath syn_asks_multipath, Clearable;
    /// Its first SYN asked to join a connection of Multipath TCP.
    SynAsksToJoin syn_asks_to_join, Clearable;
    /// Its first SYN asked for accurate ECN.
    SynAsksToCount syn_asks_to_count, Clearable;
    /// Its acknowledgement of the other's SYN bore a later time stamp than its SYN.
    AckBoreLaterStamp ack_bore_later_stamp;
    /// The checksum of its first SYN or SYN,ACK was wrong, and offload does not leave one like that.
    SynSumWrong has_wrong_syn_sum, Clearable;
    /// The time stamp of its SYN was older than the last SYN's of the same host to the same other.
    StampWentBack stamp_went_back;
    /// It is the other end, too: its socket is connected to itself.
    SelfConnected is_self_connected;
    /// Its SYN is believed to have ended the incarnation before, and it has not gone on from there yet.
    DoubtsBefore doubts_before, Clearable;
    /// It is the client, as far as is known.
    Client is_client, Clearable;
    /// All that it had sent was acknowledged late and by a bare segment, and neither end has sent data since.
    AckedLate acked_late, Clearable;
    /// Both numbers of all its segments are zero.
    SenselessNumbers has_senseless_numbers;
}

#[cfg(test)]
mod tests {
    use super::{ALL, Bit, Marks};

    #[test]
    fn each_mark_is_set_and_cleared_alone() {
        let mut marks = Marks::NONE;
        for (count, mark) in ALL.iter().enumerate() {
            assert!(!marks.has(*mark));
            marks.put(*mark, true);
            assert_eq!(marks.0.count_ones() as usize, count + 1);
        }
        for mark in ALL {
            marks.put(*mark, false);
            assert!(!marks.has(*mark));
        }
        assert_eq!(marks, Marks::NONE);
    }

    #[test]
    fn an_end_is_calm_whose_numbers_are_known_and_nothing_else_is_marked() {
        let known = [Bit::Space, Bit::Iss];
        for (count, telling) in [&known[..0], &known[..1], &known].into_iter().enumerate() {
            let mut marks = Marks::NONE;
            telling.iter().for_each(|mark| marks.put(*mark, true));
            assert_eq!(marks.among(Marks::TELLING) == Marks::CALM, count == known.len());
        }
        for mark in [Bit::Challenged, Bit::SelfConnected, Bit::DoubtsBefore, Bit::SenselessNumbers] {
            let mut marks = Marks::CALM;
            marks.put(mark, true);
            assert_ne!(marks.among(Marks::TELLING), Marks::CALM);
        }
    }

    #[test]
    fn an_end_counts_whose_last_identification_is_known_and_followed_the_one_before() {
        for (marked, is_counting) in [(0, false), (1, false), (2, true)] {
            let mut marks = Marks::NONE;
            [Bit::IpId, Bit::CountsIpId][..marked].iter().for_each(|mark| marks.put(*mark, true));
            assert_eq!(marks.is_counting(), is_counting);
        }
    }
}
