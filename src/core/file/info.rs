//! Facts about a capture apart from its frames.

use crate::frame::LinkType;

use super::comments::Comment;
use super::compression::Compression;
use super::defects::Defect;
use super::error::Failure;

/// The format of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// pcap, in any of its variants.
    Pcap,
    /// pcapng.
    Pcapng,
    /// snoop, of Solaris.
    Snoop,
}

impl Format {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcap => "pcap",
            Self::Pcapng => "pcapng",
            Self::Snoop => "snoop",
        }
    }
}

/// One interface of a capture. Sections that repeat an interface share one record of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceInfo {
    /// Its name, else its description.
    pub name: Option<String>,
    /// Its link type.
    pub link: LinkType,
    /// Its snaplen, in bytes; `None` if unlimited.
    pub snaplen: Option<u32>,
    /// How many frames it has.
    pub frames: u64,
    /// Packets that it received, by its own statistics.
    pub received: Option<u64>,
    /// Packets that were dropped, by its own statistics or those of its packets.
    pub dropped: Option<u64>,
}

/// One capture as far as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaptureInfo {
    /// The path as given; `-` for standard input.
    pub name: String,
    /// `None` while it is unknown.
    pub format: Option<Format>,
    /// How it is compressed.
    pub compression: Option<Compression>,
    /// Bytes on disk; `None` for a stream.
    pub size: Option<u64>,
    /// The interfaces, in the order in which they were described.
    pub interfaces: Vec<InterfaceInfo>,
    /// Frames read so far.
    pub frames: u64,
    /// The earliest time of a frame.
    pub first_time_ns: Option<i64>,
    /// The latest time of a frame.
    pub last_time_ns: Option<i64>,
    /// Frames that the snaplen truncated.
    pub snapped_frames: u64,
    /// How often time ran backward from one frame to the next.
    pub backward_steps: u64,
    /// The longest time from one frame to the next, in ns.
    pub longest_gap_ns: i64,
    /// When the longest gap began.
    pub longest_gap_from_ns: Option<i64>,
    /// Comments, up to the limit.
    pub comments: Vec<Comment>,
    /// The number of comments beyond the limit.
    pub comments_left_out: u64,
    /// Oddities that did not stop the reading.
    pub defects: Vec<Defect>,
    /// The error that stopped the reading before the end.
    pub error: Option<Failure>,
}
