//! Defects that did not stop reading: each kind once, with a count and the offset of the first.

use super::NS_PER_SECOND;
use std::fmt;

/// After this many sub-second parts in a row that fit only nanoseconds, all later ones count as nanoseconds.
const SURELY: u8 = 3;

/// Oddities of a capture that can still be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Oddity {
    /// More of a frame was captured than it had on the wire.
    CapturedBeyondLength,
    /// The part of a second is a whole second or more.
    SubSecondOverflow,
    /// The part of a second is in nanoseconds, in a file whose header promises microseconds.
    UnannouncedNanoseconds,
    /// The reserved bits of the link-type word are set.
    ReservedLinkBits,
    /// A packet without a time: it gets the time of the frame before it.
    NoTime,
    /// A packet whose interface was never described: its frame is left out.
    UnknownInterface,
    /// A packet claims to be longer than its block: it is cut there.
    CapturedBeyondBlock,
    /// A block is too short for what it must hold: it is left out.
    BlockTooShort,
    /// A block's two lengths differ: the first is used.
    TrailerMismatch,
    /// A block's length is not a multiple of 4.
    UnalignedBlock,
    /// An option is longer than what is left of its block: it and the rest are left out.
    OptionCut,
    /// An option that must occur once occurs twice: the first is used.
    OptionRepeated,
    /// An option has the wrong length: it is left out.
    OptionLength,
    /// A section of a minor version that is not known.
    UnknownMinorVersion,
}

impl Oddity {
    const ALL: [Self; 14] = [
        Self::CapturedBeyondLength,
        Self::SubSecondOverflow,
        Self::UnannouncedNanoseconds,
        Self::ReservedLinkBits,
        Self::NoTime,
        Self::UnknownInterface,
        Self::CapturedBeyondBlock,
        Self::BlockTooShort,
        Self::TrailerMismatch,
        Self::UnalignedBlock,
        Self::OptionCut,
        Self::OptionRepeated,
        Self::OptionLength,
        Self::UnknownMinorVersion,
    ];

    /// The oddity, in words that follow a count.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::CapturedBeyondLength => (
                "frame has more bytes than it had on the wire",
                "frames have more bytes than they had on the wire",
            ),
            Self::SubSecondOverflow => (
                "time has a part of a second that is more than a second",
                "times have a part of a second that is more than a second",
            ),
            Self::UnannouncedNanoseconds => (
                "time is in nanoseconds where the file promises microseconds, and was read so",
                "times are in nanoseconds where the file promises microseconds, and were read so",
            ),
            Self::ReservedLinkBits => {
                ("link type has reserved bits set", "link types have reserved bits set")
            }
            Self::NoTime => ("frame has no time", "frames have no time"),
            Self::UnknownInterface => {
                ("packet of an unknown interface was left out", "packets of unknown interfaces were left out")
            }
            Self::CapturedBeyondBlock => {
                ("packet is longer than its block", "packets are longer than their blocks")
            }
            Self::BlockTooShort => {
                ("block too short for its type was left out", "blocks too short for their type were left out")
            }
            Self::TrailerMismatch => ("block has two different lengths", "blocks have two different lengths"),
            Self::UnalignedBlock => {
                ("block length is not a multiple of 4", "block lengths are not multiples of 4")
            }
            Self::OptionCut => ("list of options is cut short", "lists of options are cut short"),
            Self::OptionRepeated => ("option is given twice", "options are given twice"),
            Self::OptionLength => ("option has a wrong length", "options have a wrong length"),
            Self::UnknownMinorVersion => {
                ("section has an unknown minor version", "sections have an unknown minor version")
            }
        }
    }
}

/// One kind of oddity in one capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The oddity.
    pub oddity: Oddity,
    /// How often it occurred.
    pub count: u64,
    /// The offset of the first, in bytes from the beginning of the (decompressed) stream.
    pub offset: u64,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { oddity, count, offset } = self;
        let (one, many) = oddity.words();
        match count {
            1 => write!(f, "1 {one} (at byte {offset})"),
            _ => write!(f, "{count} {many} (first at byte {offset})"),
        }
    }
}

/// The defects of one capture so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Defects {
    found: [(u64, u64); Oddity::ALL.len()],
    /// How many sub-second parts in a row were too large for the promised microseconds, and fit nanoseconds.
    in_nanoseconds: u8,
}

impl Defects {
    /// The sub-second part of a record's time in nanoseconds, given in `ticks` of `tick_ns`.
    #[inline]
    pub const fn part_of_second(&mut self, ticks: u32, tick_ns: u32, offset: u64) -> i64 {
        let given = ticks as i64 * tick_ns as i64;
        if given < NS_PER_SECOND && self.in_nanoseconds == 0 {
            given
        } else {
            self.odd_part(ticks, given, offset)
        }
    }

    /// The same if the part is a second or more, or earlier ones were. Some programs write nanoseconds into a file of
    /// microseconds. Some add times without a carry: such a part is below two seconds and counts as it is. If the
    /// part is larger and fits neither, only the whole seconds can be right.
    #[cold]
    const fn odd_part(&mut self, ticks: u32, given: i64, offset: u64) -> i64 {
        let are_all = self.in_nanoseconds >= SURELY;
        if given < NS_PER_SECOND && !are_all {
            self.in_nanoseconds = 0;
            return given;
        }
        let fits = (ticks as i64) < NS_PER_SECOND;
        if fits && (are_all || given >= 2 * NS_PER_SECOND) {
            self.in_nanoseconds = if are_all { SURELY } else { self.in_nanoseconds + 1 };
            self.count(Oddity::UnannouncedNanoseconds, offset);
            return ticks as i64;
        }
        self.count(Oddity::SubSecondOverflow, offset);
        if given < 2 * NS_PER_SECOND { given } else { NS_PER_SECOND - 1 }
    }

    #[cold]
    pub const fn count(&mut self, oddity: Oddity, offset: u64) {
        let (count, first) = &mut self.found[oddity as usize];
        if *count == 0 {
            *first = offset;
        }
        *count += 1;
    }

    pub fn list(&self) -> Vec<Defect> {
        let found = Oddity::ALL.into_iter().zip(self.found);
        found
            .filter(|(_, (count, _))| *count > 0)
            .map(|(oddity, (count, offset))| Defect { oddity, count, offset })
            .collect()
    }
}
