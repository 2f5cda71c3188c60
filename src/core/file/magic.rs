//! Recognises the format by the first bytes: file extensions are unreliable.

use super::bytes::Order;
use super::compression::Compression;
use super::pcap::Dialect;
use super::snoop;

/// The number of bytes that suffice to recognise any format.
pub(super) const ENOUGH: usize = 6;

/// The format of the first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Magic {
    Pcap(Dialect),
    /// An unsupported relative of pcap, by name.
    Refused(&'static str),
    Pcapng,
    Snoop,
    Compressed(Compression),
}

const NANOSECONDS_PER_MICROSECOND: u32 = 1000;

/// Recognises a format by its first bytes.
pub(super) fn recognise(head: &[u8]) -> Option<Magic> {
    if let Some(kind) = Compression::recognise(head) {
        return Some(Magic::Compressed(kind));
    }
    let magic = *head.first_chunk::<4>()?;
    if magic == [0x0a, 0x0d, 0x0d, 0x0a] {
        return Some(Magic::Pcapng);
    }
    if head.starts_with(snoop::MAGIC) {
        return Some(Magic::Snoop);
    }
    [Order::Little, Order::Big].into_iter().find_map(|order| pcap_magic(order, order.u32(magic)))
}

fn pcap_magic(order: Order, magic: u32) -> Option<Magic> {
    let plain = Dialect { order, tick_ns: NANOSECONDS_PER_MICROSECOND, extra_header: 0, modified: false };
    Some(match magic {
        0xa1b2_c3d4 => Magic::Pcap(plain),
        0xa1b2_3c4d => Magic::Pcap(Dialect { tick_ns: 1, ..plain }),
        0xa1b2_cd34 => Magic::Pcap(Dialect { modified: true, ..plain }),
        // Ixia's lcap: the header is followed by the length of all records.
        0x1c00_01ac => Magic::Pcap(Dialect { tick_ns: 1, extra_header: 4, ..plain }),
        0x1c00_01ab => Magic::Pcap(Dialect { extra_header: 4, ..plain }),
        0xa1b2_34cd => {
            Magic::Refused("a pcap file of the Mesquita variant (magic a1b234cd), which is not read")
        }
        0xa12b_3c4d => {
            Magic::Refused("a pcap file of the Navtel variant (magic a12b3c4d), which is not read")
        }
        0xa1b2_c3cb => Magic::Refused("a file of compiled filter programs (magic a1b2c3cb), not of packets"),
        _ => return None,
    })
}
