//! The results of decoding: a segment, or the reason why there is none.

use crate::address::{Ip, Scope};
use crate::seq::Seq;
use serde::{Deserialize, Serialize};

/// The control bits of a TCP header (RFC 9293, 3.1), with AE (RFC 9768) as bit 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags(pub u16);

impl Flags {
    /// No more data from the sender.
    pub const FIN: u16 = 0x01;
    /// Synchronise sequence numbers.
    pub const SYN: u16 = 0x02;
    /// Reset the connection.
    pub const RST: u16 = 0x04;
    /// Push.
    pub const PSH: u16 = 0x08;
    /// The acknowledgement number is valid.
    pub const ACK: u16 = 0x10;
    /// The urgent pointer is valid.
    pub const URG: u16 = 0x20;
    /// A mark of congestion is echoed (RFC 3168, 6.1.3); with accurate ECN, a bit of a counter (RFC 9768).
    pub const ECE: u16 = 0x40;
    /// A SYN asks for accurate ECN by this; then it is the counter's highest bit (RFC 9768, 3.1).
    pub const AE: u16 = 0x100;

    /// Whether the FIN bit is set.
    #[must_use]
    pub const fn fin(self) -> bool {
        self.0 & Self::FIN != 0
    }
    /// Whether the SYN bit is set.
    #[must_use]
    pub const fn syn(self) -> bool {
        self.0 & Self::SYN != 0
    }
    /// Whether the RST bit is set.
    #[must_use]
    pub const fn rst(self) -> bool {
        self.0 & Self::RST != 0
    }
    /// Whether the PSH bit is set.
    #[must_use]
    pub const fn psh(self) -> bool {
        self.0 & Self::PSH != 0
    }
    /// Whether the ACK bit is set.
    #[must_use]
    pub const fn ack(self) -> bool {
        self.0 & Self::ACK != 0
    }
    /// Whether the URG bit is set.
    #[must_use]
    pub const fn urg(self) -> bool {
        self.0 & Self::URG != 0
    }
}

/// Whether the checksum of a segment is right, as far as the capture can tell.
///
/// A receiver drops a segment with a wrong checksum. In a capture on the sending host a wrong checksum means nothing:
/// the network card fills it in later. So it counts only for an end that is known to send right ones, and never for a
/// segment longer than the MSS of its connection: hardware may have merged it from several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sum {
    /// The capture cut the segment, or it was reassembled from fragments, or has a source route; or it was not
    /// checked, because it is long and neither opens, closes nor resets.
    #[default]
    Unknown,
    /// It is right.
    Right,
    /// The field holds the sum of the pseudo-header alone: the capturing host sent the segment, and its network card
    /// completes the checksum; or the receiving stack or card merged several segments.
    Partial,
    /// It is wrong.
    Wrong,
}

/// The result of checking the checksum of a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Summed {
    /// Nothing is known.
    #[default]
    Unknown,
    /// It can be computed from the segment's fields: there is no payload, and the options have the usual layout.
    InFields,
    /// It is right.
    Right,
    /// It is wrong, perhaps because of offload.
    Wrong,
    /// The checksum of the IPv4 header around the segment is wrong: no host takes such a packet. The cause may also be
    /// offload, or a tool that changes addresses.
    OfDamaged,
    /// Unknown, as fragments of the segment overlap and differ: its receiver may have read another segment, or none
    /// (RFC 5722; RFC 1858).
    Disputed,
}

/// TCP Fast Open (RFC 7413) as a segment's option shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FastOpen {
    /// No such option.
    #[default]
    Absent,
    /// An empty option: a request for a cookie.
    Request,
    /// A cookie is presented or granted.
    Cookie,
}

/// The TCP options that matter to inference; absent ones are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Maximum segment size, in bytes.
    pub mss: Option<u16>,
    /// Window scale shift (RFC 7323), as sent: a receiver caps it at 14.
    pub window_scale: Option<u8>,
    /// SACK permitted (RFC 2018).
    pub sack_permitted: bool,
    /// TSval and TSecr (RFC 7323).
    pub timestamps: Option<(u32, u32)>,
    /// The first SACK block, left and right edge.
    pub sack: Option<(Seq, Seq)>,
    /// TCP Fast Open.
    pub fast_open: FastOpen,
    /// The segment asks for Multipath TCP: MP_CAPABLE or MP_JOIN (RFC 8684, 3.1 and 3.2).
    pub multipath: bool,
    /// The SYN asks to join a Multipath TCP connection as one more subflow: MP_JOIN (RFC 8684, 3.2).
    pub joins: bool,
    /// The segment is signed: TCP-MD5 (RFC 2385) or TCP-AO (RFC 5925).
    pub signed: bool,
    /// The segment ends a Multipath TCP connection at once, and asks for a reset in answer: MP_FASTCLOSE (RFC 8684,
    /// 3.5).
    pub fast_close: bool,
    /// The reason of a subflow's reset: MP_TCPRST (RFC 8684, 3.6).
    pub mp_reset: Option<u8>,
    /// The options run past the header or past what was captured, or one has an impossible length.
    pub malformed: bool,
}

/// One TCP segment after decoding.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Segment {
    /// When its frame was captured: nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// The number of its frame, or of the frame of its last fragment.
    pub frame: u64,
    /// Source address.
    pub source: Ip,
    /// Destination address.
    pub destination: Ip,
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Address family and tunnel.
    pub scope: Scope,
    /// Sequence number.
    pub seq: Seq,
    /// Acknowledgement number; valid only with the ACK bit.
    pub ack: Seq,
    /// Control bits.
    pub flags: Flags,
    /// Window field, unscaled.
    pub window: u16,
    /// Payload length in bytes, by the IP header (not by what was captured).
    pub payload: u32,
    /// Checksum field as captured (wrong with offload; 0 if the capture was cut before it): it distinguishes duplicates
    /// from retransmissions. `sum` judges it.
    pub checksum: u16,
    /// The result of checking that checksum: see [`Segment::sum`].
    pub summed: Summed,
    /// The length of the header, the reserved bits and the control bits, as sent.
    pub control: u16,
    /// Urgent pointer.
    pub urgent: u16,
    /// IPv4 identification; `None` for IPv6, and for IPv4 if it is zero with DF set (see [`Segment::has_blank_id`]).
    pub ip_id: Option<u16>,
    /// Whether the packet has an IPv6 flow label (RFC 6437). Linux labels all packets of a connection; BSD omits the
    /// label on packets that no socket sends: resets, keepalives, some acknowledgements.
    pub labelled: bool,
    /// IPv4 time to live or IPv6 hop limit.
    pub ttl: u8,
    /// The options that matter.
    pub options: Options,
}

impl Segment {
    /// Whether the packet is IPv4 with an identification of zero and DF set. Linux sends such packets where no socket
    /// counts them: SYN-ACKs, resets, answers in TIME_WAIT.
    #[must_use]
    pub const fn has_blank_id(&self) -> bool {
        self.ip_id.is_none() && !self.scope.is_ipv6()
    }

    /// Whether its checksum, or that of the IPv4 header, is already known to be wrong.
    #[must_use]
    #[inline]
    pub const fn is_marked_wrong(&self) -> bool {
        matches!(self.summed, Summed::Wrong | Summed::OfDamaged)
    }

    /// Whether the checksum of the IPv4 header around it is wrong.
    #[must_use]
    pub const fn is_of_damaged(&self) -> bool {
        matches!(self.summed, Summed::OfDamaged)
    }

    /// Whether its fragments overlap and differ.
    #[must_use]
    pub const fn is_disputed(&self) -> bool {
        matches!(self.summed, Summed::Disputed)
    }
}

/// A UDP datagram: counted, never judged.
#[derive(Clone, Copy, Debug)]
pub struct Datagram {
    /// When its frame was captured: nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// The number of its frame.
    pub frame: u64,
    /// Source address.
    pub source: Ip,
    /// Destination address.
    pub destination: Ip,
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// Address family and tunnel.
    pub scope: Scope,
    /// Payload length in bytes.
    pub payload: u32,
}

/// The meaning of an ICMP or ICMPv6 error for the segment that it quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IcmpKind {
    /// Network or host unreachable (ICMP 3/0, 3/1, ...; ICMPv6 1/0, 1/3).
    HostUnreachable,
    /// Protocol or port unreachable (ICMP 3/2, 3/3; ICMPv6 1/4).
    PortUnreachable,
    /// Administratively prohibited or rejected (ICMP 3/9, 3/10, 3/13; ICMPv6 1/1, 1/5, 1/6).
    Prohibited,
    /// Fragmentation needed, packet too big (ICMP 3/4; ICMPv6 2).
    TooBig,
    /// Time exceeded (ICMP 11; ICMPv6 3).
    TimeExceeded,
    /// Another router is nearer to the destination (ICMP 5): the segment was forwarded all the same.
    Redirect,
    /// Any other error that quotes a segment.
    Other,
}

/// An ICMP error that quotes a TCP segment.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct IcmpError {
    /// When its frame was captured: nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// The number of its frame.
    pub frame: u64,
    /// The sender of the error.
    pub reporter: Ip,
    /// Its meaning.
    pub kind: IcmpKind,
    /// Addresses and ports of the quoted segment: its source is the end that the error is for.
    pub source: Ip,
    /// Destination of the quoted segment.
    pub destination: Ip,
    /// Source port of the quoted segment.
    pub source_port: u16,
    /// Destination port of the quoted segment.
    pub destination_port: u16,
    /// Address family and tunnel.
    pub scope: Scope,
    /// Sequence number of the quoted segment.
    pub seq: Seq,
}

/// The reason why a frame, or the rest of one, could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// The layer whose header could not be read: "ethernet", "ipv4", "tcp", ...
    pub layer: &'static str,
    /// The problem in a few words, one of `wire::reason`: "cut short", "unknown link type".
    pub reason: &'static str,
    /// The offset of that header in the frame, in bytes.
    pub offset: u32,
    /// The number of bytes needed from `offset` on; 0 if the reason is not length.
    pub need: u32,
    /// The number of bytes present.
    pub have: u32,
}

/// The result of decoding one frame.
#[derive(Clone, Copy, Debug)]
pub enum Decoded {
    /// A TCP segment.
    Segment(Segment),
    /// A UDP datagram.
    Datagram(Datagram),
    /// An ICMP error about a TCP segment.
    IcmpError(IcmpError),
    /// The frame was decoded, and holds neither TCP nor UDP: "arp", "icmp", "sctp", "llc", ... A fragment kept for
    /// reassembly is "fragment".
    Other(&'static str),
    /// Not decoded.
    Undecodable(Undecodable),
}

#[cfg(test)]
mod tests {
    use super::Segment;
    use crate::testing;

    #[test]
    fn a_blank_identification_is_told_from_none() {
        let segment = testing::segment();
        assert!(segment.has_blank_id());
        assert!(!Segment { ip_id: Some(0), ..segment }.has_blank_id());
        assert!(!Segment { scope: segment.scope.with_family(true), ..segment }.has_blank_id());
    }
}
