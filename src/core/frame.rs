//! A frame: the bytes of one captured packet, with what the capture says about them.

/// What the first header of a frame is: a number of the tcpdump registry of link types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LinkType(pub u16);

/// One captured packet, borrowed from its reader's buffer.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Position in the capture, counted from 1 as Wireshark does.
    pub number: u64,
    /// When it was captured: nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// How `data` begins.
    pub link: LinkType,
    /// Length of the frame check sequence at the end of the original frame, in bytes; mostly 0.
    pub fcs_len: u8,
    /// Length on the wire, in bytes; `data` may be shorter (snaplen).
    pub orig_len: u32,
    /// What was captured.
    pub data: &'a [u8],
}
