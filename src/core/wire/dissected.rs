//! Packets dissected by scapy or tshark, with layers that have no decoder here.

use super::{icmp, options};
use crate::address::{self, Ip, Scope};
use crate::checksum;
use crate::segment::{Datagram, Decoded, Flags, IcmpError, Segment, Summed};
use crate::seq::Seq;
use std::net::IpAddr;

/// The time, frame and addresses that every packet has.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    /// When it was captured: nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// The number of its frame.
    pub frame: u64,
    /// Address family and tunnel.
    pub scope: Scope,
    /// Source address.
    pub source: IpAddr,
    /// Destination address.
    pub destination: IpAddr,
}

/// A TCP header from a dissector.
#[derive(Clone, Copy, Debug)]
pub struct Tcp<'a> {
    /// IPv4 time to live or IPv6 hop limit.
    pub ttl: u8,
    /// The IPv4 identification, where it identifies.
    pub ip_id: Option<u16>,
    /// Whether it has an IPv6 flow label.
    pub labelled: bool,
    /// Source and destination port.
    pub ports: (u16, u16),
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number.
    pub ack: u32,
    /// Control bits.
    pub flags: u16,
    /// Window field, unscaled.
    pub window: u16,
    /// Payload length in bytes.
    pub payload: u32,
    /// Checksum field.
    pub checksum: u16,
    /// The result of judging the checksum.
    pub summed: Summed,
    /// Urgent pointer.
    pub urgent: u16,
    /// The options that were captured.
    pub options: &'a [u8],
    /// Length of all options in bytes.
    pub options_length: usize,
}

impl Packet {
    /// A segment.
    #[must_use]
    pub fn segment(&self, tcp: &Tcp<'_>) -> Decoded {
        let control = ((5 + tcp.options_length.min(40) / 4) << 12) as u16 | tcp.flags & 0x0fff;
        Decoded::Segment(Segment {
            time_ns: self.time_ns,
            frame: self.frame,
            source: ip(self.source),
            destination: ip(self.destination),
            source_port: tcp.ports.0,
            destination_port: tcp.ports.1,
            scope: self.scope,
            seq: Seq(tcp.seq),
            ack: Seq(tcp.ack),
            flags: Flags(tcp.flags & 0x1ff),
            window: tcp.window,
            payload: tcp.payload,
            checksum: tcp.checksum,
            summed: if checksum::is_worth_it(control, tcp.payload, self.frame) {
                tcp.summed
            } else {
                Summed::Unknown
            },
            control,
            urgent: tcp.urgent,
            ip_id: tcp.ip_id,
            labelled: tcp.labelled,
            ttl: tcp.ttl,
            options: options::read(tcp.options, tcp.options_length),
        })
    }

    /// A UDP datagram with `payload` bytes.
    #[must_use]
    pub const fn datagram(&self, (source_port, destination_port): (u16, u16), payload: u32) -> Decoded {
        Decoded::Datagram(Datagram {
            time_ns: self.time_ns,
            frame: self.frame,
            source: ip(self.source),
            destination: ip(self.destination),
            source_port,
            destination_port,
            scope: self.scope,
            payload,
        })
    }

    /// An ICMP message from `reporter` that quotes a segment. `self` is the quoted packet.
    #[must_use]
    pub fn icmp_error(
        &self,
        reporter: IpAddr,
        (kind, code): (u8, u8),
        ports: (u16, u16),
        seq: u32,
    ) -> Decoded {
        let (meaning, other) = match self.scope.is_ipv6() {
            false => (icmp::meaning(kind, code), "icmp"),
            true => (icmp::meaning_v6(kind, code), "icmpv6"),
        };
        let Some(kind) = meaning else { return Decoded::Other(other) };
        Decoded::IcmpError(IcmpError {
            time_ns: self.time_ns,
            frame: self.frame,
            reporter: ip(reporter),
            kind,
            source: ip(self.source),
            destination: ip(self.destination),
            source_port: ports.0,
            destination_port: ports.1,
            scope: self.scope,
            seq: Seq(seq),
        })
    }
}

/// The name that frames of a protocol are counted under; those without a name of their own are counted together.
#[must_use]
pub fn other(protocol: &str) -> Decoded {
    const NAMES: [&str; 24] = [
        "arp", "cdp", "dhcp", "eapol", "eigrp", "esp", "fragment", "icmp", "icmpv6", "igmp", "isis", "ipx",
        "lacp", "lldp", "llc", "loop", "ospf", "pim", "rarp", "sctp", "stp", "vrrp", "wlan", "wol",
    ];
    Decoded::Other(NAMES.into_iter().find(|name| *name == protocol).unwrap_or("not dissected further"))
}

const fn ip(address: IpAddr) -> Ip {
    match address {
        IpAddr::V4(v4) => address::ipv4(v4.octets()),
        IpAddr::V6(v6) => v6.octets(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Packet, Tcp, other};
    use crate::frame::{Frame, LinkType};
    use crate::segment::{Decoded, Summed};
    use crate::wire::testing::hex;
    use crate::wire::{Decoder, DecoderLimits};

    /// One segment, as bytes and from a dissector.
    #[test]
    fn a_dissected_packet_gives_the_same_segment_as_its_bytes() {
        let bytes = hex("4500 0034 0007 0000 4006 0000 0a000001 0a000002 \
             0fa0 0050 00000001 00000002 8010 0100 abcd 0000 0101080a 00000003 00000004");
        let frame = Frame {
            number: 3,
            time_ns: 5,
            link: LinkType(101),
            fcs_len: 0,
            orig_len: bytes.len() as u32,
            data: &bytes,
        };
        let mut decoder = Decoder::new(DecoderLimits::default());
        let decoded = decoder.decode(&frame);
        let packet = Packet {
            time_ns: 5,
            frame: 3,
            scope: decoder.scope_of(&[], false),
            source: "10.0.0.1".parse().unwrap(),
            destination: "10.0.0.2".parse().unwrap(),
        };
        let told = packet.segment(&Tcp {
            ttl: 64,
            ip_id: Some(7),
            labelled: false,
            ports: (4000, 80),
            seq: 1,
            ack: 2,
            flags: 0x10,
            window: 256,
            payload: 0,
            checksum: 0xabcd,
            summed: Summed::InFields,
            urgent: 0,
            options: &bytes[40..],
            options_length: 12,
        });
        assert_eq!(format!("{decoded:?}"), format!("{told:?}"));
    }

    #[test]
    fn a_tunnel_named_by_a_dissector_is_the_decoded_one() {
        let mut decoder = Decoder::new(DecoderLimits::default());
        let inside = decoder.scope_of(&[("vxlan".to_owned(), 42)], true);
        assert_eq!(decoder.tunnel(inside).as_deref(), Some("vxlan 42"));
        let strange = decoder.scope_of(&[("wireguard".to_owned(), 0)], true);
        assert_ne!(strange, decoder.scope_of(&[], true));
        assert_eq!(decoder.tunnel(strange), None);
    }

    #[test]
    fn other_protocols_are_counted_by_name() {
        assert!(matches!(other("arp"), Decoded::Other("arp")));
        assert!(matches!(other("spdy"), Decoded::Other("not dissected further")));
    }
}
