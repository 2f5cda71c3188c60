//! Blocks of the ring buffer that Linux fills with captured packets (`AF_PACKET`, `TPACKET_V3`).
//!
//! A block is a header, then packets that each give the offset of the next one. The layout is the kernel's
//! (`linux/if_packet.h`), in the byte order of the machine. Offsets outside the block are rejected, even though the
//! kernel wrote them.

use crate::frame::LinkType;
use std::fmt;

/// One packet of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Its time of capture: nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// Length on the wire in bytes, without a removed VLAN tag.
    pub orig_len: u32,
    /// The link type of `data`.
    pub link: LinkType,
    /// The number of the interface it was captured on.
    pub interface: u32,
    /// The captured bytes.
    pub data: &'a [u8],
    /// The VLAN tag that the kernel removed from the frame: protocol and tag.
    pub tag: Option<(u16, u16)>,
    /// Whether this is the outgoing copy of a packet on a loopback interface, which the incoming one follows.
    pub echo: bool,
}

/// The problem with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// Its offset in the block, in bytes.
    pub at: usize,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a block of the capture ring makes no sense at byte {}", self.at)
    }
}

impl std::error::Error for Damaged {}

/// The packets of a block, one by one.
#[derive(Debug)]
pub struct Packets<'a> {
    block: &'a [u8],
    at: usize,
    left: u32,
}

/// Offsets in the block's header, after its version and the offset of its private part.
mod block {
    pub const PACKETS: usize = 12;
    pub const FIRST: usize = 16;
}

/// Offsets in a packet's header, and in the address after it.
mod header {
    pub const NEXT: usize = 0;
    pub const SECONDS: usize = 4;
    pub const NANOSECONDS: usize = 8;
    pub const CAPTURED: usize = 12;
    pub const LENGTH: usize = 16;
    pub const STATUS: usize = 20;
    pub const LINK_LAYER: usize = 24;
    pub const NETWORK_LAYER: usize = 26;
    pub const TAG: usize = 32;
    pub const TAG_PROTOCOL: usize = 36;
    const ADDRESS: usize = 48;
    pub const PROTOCOL: usize = ADDRESS + 2;
    pub const INTERFACE: usize = ADDRESS + 4;
    pub const HARDWARE: usize = ADDRESS + 8;
    pub const DIRECTION: usize = ADDRESS + 10;
}

const TAG_VALID: u32 = 1 << 4;
const TAG_PROTOCOL_VALID: u32 = 1 << 6;
const CUSTOMER_TAG: u16 = 0x8100;
const OUTGOING: u8 = 4;
/// Kinds of hardware (`linux/if_arp.h`).
mod hardware {
    pub const ETHERNET: u16 = 1;
    pub const LOOPBACK: u16 = 772;
    pub const IEEE80211: u16 = 801;
    pub const PRISM: u16 = 802;
    pub const RADIOTAP: u16 = 803;
}

/// Finds the packets of a block.
///
/// # Errors
///
/// If the block is shorter than its header.
pub fn packets(block: &[u8]) -> Result<Packets<'_>, Damaged> {
    let left = word(block, block::PACKETS)?;
    let at = word(block, block::FIRST)? as usize;
    Ok(Packets { block, at, left })
}

impl<'a> Packets<'a> {
    fn read(&mut self) -> Result<Packet<'a>, Damaged> {
        let at = self.at;
        let header = self.block.get(at..).ok_or(Damaged { at })?;
        let here = |_| Damaged { at };
        let field = |offset| word(header, offset).map_err(here);
        let half_field = |offset| half(header, offset).map_err(here);

        let status = field(header::STATUS)?;
        let hardware = half_field(header::HARDWARE)?;
        let direction = *header.get(header::DIRECTION).ok_or(Damaged { at })?;
        let begin = usize::from(half_field(header::LINK_LAYER)?);
        let captured = field(header::CAPTURED)? as usize;
        let data =
            begin.checked_add(captured).and_then(|end| header.get(begin..end)).ok_or(Damaged { at })?;
        let network = usize::from(half_field(header::NETWORK_LAYER)?).saturating_sub(begin);
        let protocol = u16::from_be(half_field(header::PROTOCOL)?);
        let length = field(header::LENGTH)?;

        let (link, skipped) = link(hardware, protocol, network);
        let tagged = hardware == hardware::ETHERNET && status & TAG_VALID != 0;
        let tag = if tagged {
            let named = status & TAG_PROTOCOL_VALID != 0;
            let kind = if named { half_field(header::TAG_PROTOCOL)? } else { CUSTOMER_TAG };
            Some((kind, field(header::TAG)? as u16))
        } else {
            None
        };
        self.at = at.saturating_add(field(header::NEXT)? as usize);
        Ok(Packet {
            time_ns: i64::from(field(header::SECONDS)?) * 1_000_000_000
                + i64::from(field(header::NANOSECONDS)?),
            orig_len: length.saturating_sub(skipped as u32),
            link,
            interface: field(header::INTERFACE)?,
            data: data.get(skipped..).unwrap_or_default(),
            tag,
            echo: hardware == hardware::LOOPBACK && direction == OUTGOING,
        })
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        let packet = self.read();
        if packet.is_err() {
            self.left = 0;
        }
        Some(packet)
    }
}

/// The link type for packets of this hardware, and the number of bytes to skip before it.
///
/// Links other than Ethernet and 802.11 have headers of their own, which are skipped: the kernel gives the offset of
/// IP.
const fn link(hardware: u16, protocol: u16, network: usize) -> (LinkType, usize) {
    const IPV4: u16 = 0x0800;
    const IPV6: u16 = 0x86dd;
    match (hardware, protocol) {
        (hardware::ETHERNET | hardware::LOOPBACK, _) => (LinkType::ETHERNET, 0),
        (hardware::IEEE80211, _) => (LinkType(105), 0),
        (hardware::PRISM, _) => (LinkType(119), 0),
        (hardware::RADIOTAP, _) => (LinkType(127), 0),
        (_, IPV4) => (LinkType(228), network),
        (_, IPV6) => (LinkType(229), network),
        // Unknown hardware gets a user-defined link type, which has no decoder.
        _ => (LinkType(147), 0),
    }
}

fn word(bytes: &[u8], at: usize) -> Result<u32, Damaged> {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk());
    found.map(|octets| u32::from_ne_bytes(*octets)).ok_or(Damaged { at })
}

fn half(bytes: &[u8], at: usize) -> Result<u16, Damaged> {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk());
    found.map(|octets| u16::from_ne_bytes(*octets)).ok_or(Damaged { at })
}

/// Puts a VLAN tag back after the two addresses of the Ethernet header.
pub fn put_tag_back(into: &mut Vec<u8>, data: &[u8], (kind, tag): (u16, u16)) {
    const ADDRESSES: usize = 12;
    let (addresses, rest) = data.split_at(data.len().min(ADDRESSES));
    into.clear();
    into.extend_from_slice(addresses);
    if addresses.len() == ADDRESSES {
        into.extend_from_slice(&kind.to_be_bytes());
        into.extend_from_slice(&tag.to_be_bytes());
        into.extend_from_slice(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Given {
        hardware: u16,
        protocol: u16,
        direction: u8,
        status: u32,
        data: Vec<u8>,
        network: u16,
    }

    impl Default for Given {
        fn default() -> Self {
            let data = (0..20).collect();
            Self { hardware: 1, protocol: 0x0800, direction: 0, status: 0, data, network: 14 }
        }
    }

    fn block(packets: &[Given]) -> Vec<u8> {
        let mut block = vec![0; 48];
        block[12..16].copy_from_slice(&(packets.len() as u32).to_ne_bytes());
        block[16..20].copy_from_slice(&48_u32.to_ne_bytes());
        for given in packets {
            let mut packet = vec![0; 48 + 20 + 14];
            let length = given.data.len() as u32;
            let next = (packet.len() + given.data.len()) as u32;
            for (at, value) in
                [(0, next), (4, 7), (8, 9), (12, length), (16, length + 100), (20, given.status), (32, 42)]
            {
                packet[at..at + 4].copy_from_slice(&value.to_ne_bytes());
            }
            let begin = packet.len() as u16;
            for (at, value) in [
                (24, begin),
                (26, begin + given.network),
                (36, 0x88a8),
                (50, given.protocol.to_be()),
                (56, given.hardware),
            ] {
                packet[at..at + 2].copy_from_slice(&value.to_ne_bytes());
            }
            packet[52..56].copy_from_slice(&3_u32.to_ne_bytes());
            packet[58] = given.direction;
            block.extend_from_slice(&packet);
            block.extend_from_slice(&given.data);
        }
        block
    }

    fn read(block: &[u8]) -> Vec<Packet<'_>> {
        packets(block).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn every_packet_of_a_block_is_found() {
        let block = block(&[Given::default(), Given { data: vec![9; 60], ..Given::default() }]);
        let found = read(&block);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].time_ns, 7_000_000_009);
        assert_eq!((found[0].orig_len, found[0].interface), (120, 3));
        assert_eq!((found[0].link, found[0].tag, found[0].echo), (LinkType(1), None, false));
        assert_eq!(found[0].data, (0..20).collect::<Vec<_>>());
        assert_eq!(found[1].data, [9; 60]);
    }

    #[test]
    fn a_removed_vlan_tag_is_reported_and_put_back() {
        let tagged =
            |status| block(&[Given { status, data: (0..14).collect(), network: 14, ..Given::default() }]);
        let (customer, service) = (tagged(TAG_VALID), tagged(TAG_VALID | TAG_PROTOCOL_VALID));
        let [customer, service] = [&customer, &service].map(|block| read(block)[0]);
        assert_eq!(customer.tag, Some((0x8100, 42)));
        assert_eq!(service.tag, Some((0x88a8, 42)));
        let mut whole = Vec::new();
        put_tag_back(&mut whole, customer.data, (0x8100, 42));
        assert_eq!(whole, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x81, 0, 0, 42, 12, 13]);
        put_tag_back(&mut whole, &[1, 2], (0x8100, 42));
        assert_eq!(whole, [1, 2]);
    }

    #[test]
    fn loopback_shows_each_packet_twice() {
        let out = Given { hardware: 772, direction: OUTGOING, ..Given::default() };
        let back = Given { hardware: 772, ..Given::default() };
        let block = block(&[out, back]);
        assert_eq!(read(&block).iter().map(|packet| packet.echo).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn other_hardware_begins_with_ip() {
        let ppp = |protocol| block(&[Given { hardware: 512, protocol, network: 4, ..Given::default() }]);
        let blocks = [ppp(0x0800), ppp(0x86dd), ppp(0xc021)];
        let [v4, v6, other] = [0, 1, 2].map(|i: usize| read(&blocks[i])[0]);
        assert_eq!((v4.link, v4.data.len(), v4.orig_len), (LinkType(228), 16, 116));
        assert_eq!(v6.link, LinkType(229));
        assert_eq!((other.link, other.data.len()), (LinkType(147), 20));
    }

    #[test]
    fn offsets_outside_the_block_are_rejected() {
        let whole = block(&[Given::default(), Given::default()]);
        for length in 0..whole.len() {
            if let Ok(packets) = packets(&whole[..length]) {
                assert!(packets.last().is_none_or(|last| last.is_err()), "cut to {length}");
            }
        }
        let mut wild = whole.clone();
        wild[48..52].copy_from_slice(&u32::MAX.to_ne_bytes());
        assert_eq!(packets(&wild).unwrap().filter(Result::is_err).count(), 1);
        let mut endless = whole;
        endless[12..16].copy_from_slice(&u32::MAX.to_ne_bytes());
        endless[48..52].copy_from_slice(&0_u32.to_ne_bytes());
        assert_eq!(packets(&endless).unwrap().take(10).count(), 10);
    }
}
