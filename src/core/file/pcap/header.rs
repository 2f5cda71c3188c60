//! The header of a pcap file.

use crate::frame::LinkType;

use super::super::bytes::Fields;
use super::super::defects::{Defects, Oddity};
use super::super::error::Reason;
use super::{Dialect, Lengths, NS_PER_SECOND, Pcap, RECORD_HEADER};

/// Bytes of a file header that every variant has.
const FILE_HEADER: usize = 24;

const RESERVED_LINK_BITS: u32 = 0x0bff_0000;
const FCS_LENGTH_PRESENT: u32 = 1 << 26;

impl Dialect {
    /// Bytes of the file header.
    pub const fn header_length(self) -> usize {
        FILE_HEADER + self.extra_header
    }
}

impl Pcap {
    /// Reads a file header of `Dialect::header_length` bytes.
    pub fn new(dialect: Dialect, header: &[u8], defects: &mut Defects) -> Result<Self, Reason> {
        let Dialect { order, mut tick_ns, modified, .. } = dialect;
        let mut fields = Fields::new(header, order);
        let Some((version, snaplen, network)) = read(&mut fields) else {
            let (need, have) = (dialect.header_length() as u64, header.len() as u64);
            return Err(Reason::CutShort { inside: "the file header", need, have });
        };
        let lengths = match version {
            (2, 0..=2) | (543, 0) => Lengths::OriginalFirst,
            (2, 3) => Lengths::SmallerIsCaptured,
            (2, _) => Lengths::CapturedFirst,
            (major, minor) => {
                return Err(Reason::Unsupported(format!("pcap version {major}.{minor} is not read")));
            }
        };
        if network & RESERVED_LINK_BITS != 0 {
            defects.count(Oddity::ReservedLinkBits, 20);
        }
        let [b0, b1, ..] = network.to_le_bytes();
        let mut link = LinkType(u16::from_le_bytes([b0, b1]));
        if version == (2, 2)
            && !modified
            && let Some(aix) = aix_link_type(network)
        {
            (link, tick_ns) = (aix, 1);
        }
        // The length is in units of two bytes.
        let fcs_len = if network & FCS_LENGTH_PRESENT == 0 { 0 } else { (network >> 28) as u8 * 2 };
        let captured_limit = longest_frame(link);
        let unlimited = snaplen == 0 || i32::try_from(snaplen).is_err();
        Ok(Self {
            order,
            tick_ns,
            ticks_per_second: NS_PER_SECOND as u32 / tick_ns,
            lengths,
            record_header: (!modified).then_some(RECORD_HEADER),
            link,
            fcs_len,
            snaplen: (!unlimited).then_some(snaplen),
            captured_limit,
        })
    }
}

/// Version, snaplen and the word with the link type.
fn read(fields: &mut Fields<'_>) -> Option<((u16, u16), u32, u32)> {
    let _magic = fields.u32()?;
    let version = (fields.u16()?, fields.u16()?);
    let (_zone, _accuracy) = (fields.u32()?, fields.u32()?);
    Some((version, fields.u32()?, fields.u32()?))
}

/// AIX writes version 2.2, gives link types as SNMP's interface types, and counts nanoseconds.
const fn aix_link_type(network: u32) -> Option<LinkType> {
    match network {
        6 => Some(LinkType::ETHERNET),
        9 => Some(LinkType(6)),
        15 => Some(LinkType(10)),
        24 => Some(LinkType(0)),
        _ => None,
    }
}

/// The largest snaplen; a record that claims more is damaged.
const fn longest_frame(link: LinkType) -> u32 {
    match link.0 {
        // D-Bus messages.
        231 => 128 << 20,
        // USB transfers captured on Windows.
        249 => 1 << 20,
        // Elektrobit high-speed capture and replay.
        279 => 8 << 20,
        _ => 256 << 10,
    }
}
