//! A frame: the bytes of one captured packet, with what the capture says about them.

use serde::{Deserialize, Serialize};

/// The kind of a frame's first header: a number of the tcpdump registry of link types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LinkType(pub u16);

impl LinkType {
    /// Ethernet, or what looks like it.
    pub const ETHERNET: Self = Self(1);
}

/// One captured packet, borrowed from its reader's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Position in the capture, counted from 1 as Wireshark does.
    pub number: u64,
    /// When it was captured: nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// The header that `data` begins with.
    pub link: LinkType,
    /// Length of the frame check sequence at the end of the original frame, in bytes; mostly 0.
    pub fcs_len: u8,
    /// Length on the wire, in bytes; `data` may be shorter (snaplen).
    pub orig_len: u32,
    /// The captured bytes.
    pub data: &'a [u8],
}

/// The earliest plausible time, in Unix ns: 1896. Like [`LATEST_NS`] it leaves room to add any timer to a time and to
/// subtract any two times; a capture with other times is damaged.
pub const EARLIEST_NS: i64 = i64::MIN / 4;
/// The latest plausible time, in Unix ns: 2116, ten years after the last second of pcap.
pub const LATEST_NS: i64 = i64::MAX / 2;

impl Frame<'_> {
    /// The frame, with its time clamped to the plausible range.
    #[must_use]
    #[inline(always)]
    pub fn in_sane_time(self) -> Self {
        Self { time_ns: self.time_ns.clamp(EARLIEST_NS, LATEST_NS), ..self }
    }
}
