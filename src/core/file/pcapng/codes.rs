//! The numbers of pcapng that are read and written: block types, option codes, and lengths.

pub(in super::super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
pub(in super::super) const INTERFACE_DESCRIPTION: u32 = 1;
pub(super) const OBSOLETE_PACKET: u32 = 2;
pub(super) const SIMPLE_PACKET: u32 = 3;
pub(in super::super) const INTERFACE_STATISTICS: u32 = 5;
pub(in super::super) const ENHANCED_PACKET: u32 = 6;

/// Bytes before the body: type and length.
pub(super) const HEADER: usize = 8;

/// A custom block that must not be copied into a changed file.
pub(super) const CUSTOM_NOT_TO_COPY: u32 = 0x4000_0bad;

/// The byte-order magic of a section header.
pub(in super::super) const BYTE_ORDER: u32 = 0x1a2b_3c4d;

/// Ends a list of options.
pub(super) const END: u16 = 0;
/// A comment, in any block.
pub(in super::super) const COMMENT: u16 = 1;

/// Options of a section header.
pub(in super::super) mod section {
    pub const APPLICATION: u16 = 4;
}

/// Options of an interface description.
pub(in super::super) mod interface {
    pub const NAME: u16 = 2;
    pub const DESCRIPTION: u16 = 3;
    pub const TIME_RESOLUTION: u16 = 9;
    pub const FCS_LENGTH: u16 = 13;
    pub const TIME_OFFSET: u16 = 14;
}

/// Options of a packet.
pub(super) mod packet {
    /// Direction, reception type, length of the frame check sequence, errors.
    pub const FLAGS: u16 = 2;
    /// Packets lost between this one and the one before.
    pub const DROP_COUNT: u16 = 4;
}

/// Options of interface statistics.
pub(in super::super) mod statistics {
    pub const RECEIVED: u16 = 4;
    pub const DROPPED: u16 = 5;
    pub const DROPPED_BY_SYSTEM: u16 = 7;
}

/// A text that fits an option's length field. A longer one is cut between two characters.
pub(in super::super) fn fitting(value: &[u8]) -> &[u8] {
    let mut length = value.len().min(usize::from(u16::MAX));
    while length < value.len() && value[length] & 0xc0 == 0x80 {
        length -= 1;
    }
    &value[..length]
}
