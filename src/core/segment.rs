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
    /// The acknowledgement number counts.
    pub const ACK: u16 = 0x10;
    /// The urgent pointer counts.
    pub const URG: u16 = 0x20;

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
    /// Whether the ACK bit is set.
    #[must_use]
    pub const fn ack(self) -> bool {
        self.0 & Self::ACK != 0
    }
}

/// Whether the checksum of a segment is right, as far as the capture can tell.
///
/// A wrong one on the wire means that the receiver drops the segment. Where the capture was taken on the sending host, it
/// means nothing: the network card puts the checksum in later. So it counts only of an end that is known to send right
/// ones, and never of a segment that is longer than its connection's MSS: hardware may have merged it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sum {
    /// It was not captured whole, was put together of fragments or bears a source route; or it is long and neither opens,
    /// closes nor resets, and was not looked at.
    #[default]
    Unknown,
    /// It is right.
    Right,
    /// It is the sum of the pseudo-header alone: it left the stack of the host where it was captured, for a network card
    /// to complete, or the stack or the card that received it merged it of several.
    Partial,
    /// It is wrong.
    Wrong,
}

/// The result of checking the checksum of a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Summed {
    /// Nothing.
    #[default]
    Unknown,
    /// All that it covers is in the segment's fields: it has no payload, and no options but those laid out as usual.
    InFields,
    /// It is right.
    Right,
    /// It is not, which may be the work of offload.
    Wrong,
    /// The checksum of the IPv4 header around the segment is wrong: no host has taken that, whatever it carries. This may be
    /// the work of offload as well, or of a tool that changes addresses.
    OfDamaged,
    /// Nothing, and worse: the segment came in fragments that overlap and say different things, so that its receiver
    /// may have read another one, or none (RFC 5722; RFC 1858).
    Disputed,
}

/// TCP Fast Open (RFC 7413) as a segment's option shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FastOpen {
    /// No such option.
    #[default]
    Absent,
    /// An empty option: a cookie is asked for.
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
    /// The second one.
    pub second_sack: Option<(Seq, Seq)>,
    /// TCP Fast Open.
    pub fast_open: FastOpen,
    /// It asks for Multipath TCP: MP_CAPABLE or MP_JOIN (RFC 8684, 3.1 and 3.2).
    pub multipath: bool,
    /// It bears a signature: TCP-MD5 (RFC 2385) or TCP-AO (RFC 5925).
    pub signed: bool,
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
    /// The number of the frame that carried it (of its last fragment, where it was fragmented).
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
    /// Acknowledgement number; counts only where the ACK bit is set.
    pub ack: Seq,
    /// Control bits.
    pub flags: Flags,
    /// Window field, unscaled.
    pub window: u16,
    /// Payload length in bytes, by the IP header (not by what was captured).
    pub payload: u32,
    /// Checksum field, as captured (offload leaves it wrong; 0 where the capture was cut in front of it): it tells duplicates from retransmissions. `sum` judges it.
    pub checksum: u16,
    /// The result of checking that checksum: see [`Segment::sum`].
    pub summed: Summed,
    /// The length of the header, the reserved bits and the control bits, as sent.
    pub control: u16,
    /// Urgent pointer.
    pub urgent: u16,
    /// IPv4 identification; `None` for IPv6, and for IPv4 where it is zero with DF set (it then identifies nothing; see
    /// [`Segment::has_blank_id`]).
    pub ip_id: Option<u16>,
    /// Whether it bears an IPv6 flow label (RFC 6437): Linux labels all packets of a
    /// connection; BSD leaves the label off what it sends beside the socket: resets, keepalives, some acknowledgements.
    pub labelled: bool,
    /// IPv4 time to live or IPv6 hop limit.
    pub ttl: u8,
    /// The options that matter.
    pub options: Options,
}

impl Segment {
    /// Whether it is IPv4 with an identification of zero, and DF set. Linux sends so what belongs to no counting socket: a
    /// SYN-ACK, a reset, what TIME_WAIT answers.
    #[must_use]
    pub const fn has_blank_id(&self) -> bool {
        self.ip_id.is_none() && !self.scope.is_ipv6()
    }

    /// Whether its checksum is known to be wrong before anything is summed, or that of the IPv4 header around it.
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

    /// Whether it came in fragments that overlap and say different things.
    #[must_use]
    pub const fn is_disputed(&self) -> bool {
        matches!(self.summed, Summed::Disputed)
    }

    /// Octets that its sender reports received twice: a first SACK block at or below the acknowledgement, or within the
    /// second block (RFC 2883, 4).
    #[must_use]
    pub fn duplicate_sack(&self) -> Option<(Seq, Seq)> {
        let (left, right) = self.options.sack?;
        let is_within = |(from, to): (Seq, Seq)| left.covers(from) && to.covers(right);
        let is_duplicate = left.before(self.ack) || self.options.second_sack.is_some_and(is_within);
        is_duplicate.then_some((left, right))
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
    /// Who sent the error.
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

/// Why a frame, or the rest of one, could not be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecodable {
    /// The layer whose header could not be read: "ethernet", "ipv4", "tcp", ...
    pub layer: &'static str,
    /// The problem in a few words, one of `wire::reason`: "cut short", "unknown link type".
    pub reason: &'static str,
    /// Where in the frame that header begins, in bytes.
    pub offset: u32,
    /// How many bytes were needed from `offset` on; 0 where the reason is not length.
    pub need: u32,
    /// How many were there.
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
    /// Understood, and none of our business: "arp", "icmp", "sctp", "llc", ... A fragment kept for
    /// reassembly is "fragment".
    Other(&'static str),
    /// Not understood.
    Undecodable(Undecodable),
}

#[cfg(test)]
mod tests {
    use super::{Options, Segment};
    use crate::seq::Seq;
    use crate::testing;

    #[test]
    fn octets_received_twice_are_told_from_those_ahead() {
        let said = |first: (u32, u32), second: Option<(u32, u32)>| {
            let block = |(left, right)| (Seq(left), Seq(right));
            let options =
                Options { sack: Some(block(first)), second_sack: second.map(block), ..Options::default() };
            Segment { ack: Seq(1000), options, ..testing::segment() }.duplicate_sack().is_some()
        };
        assert!(!said((1100, 1200), None));
        assert!(said((900, 1000), None));
        assert!(said((u32::MAX - 4, 5), None), "the circle has no beginning");
        assert!(said((1100, 1200), Some((1100, 1300))));
        assert!(!said((1100, 1200), Some((1300, 1400))));
    }

    #[test]
    fn a_blank_identification_is_told_from_none() {
        let segment = testing::segment();
        assert!(segment.has_blank_id());
        assert!(!Segment { ip_id: Some(0), ..segment }.has_blank_id());
        assert!(!Segment { scope: segment.scope.with_family(true), ..segment }.has_blank_id());
    }
}
