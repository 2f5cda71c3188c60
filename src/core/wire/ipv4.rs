//! IPv4 (RFC 791).

use super::fragments::{Fragment, Key};
use super::rest::{Rest, be16, octets};
use super::walk::{Outcome, Packet, Walk};
use super::{ipv6, protocol, reason};
use crate::address::{self, Scope};
use crate::checksum;
use crate::segment::Decoded::Other;
use crate::segment::Undecodable;

const LAYER: &str = "ipv4";

const DONT_FRAGMENT: u16 = 0x4000;
const MORE_FRAGMENTS: u16 = 0x2000;
const FRAGMENT_OFFSET: u16 = 0x1fff;

/// Decodes a packet. The payload is as long as the header says.
#[inline]
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, _) = rest.header::<20>(LAYER)?;
    if header[0] >> 4 == 6 {
        // The outer header names the wrong protocol; the version field is right.
        return ipv6::decode(walk, rest);
    }
    let body = body(header, rest)?;
    let packet = packet(header, walk.scope);
    if is_fragment(header) {
        return reassemble(walk, header, &packet, body);
    }
    protocol::decode(walk, header[9], &packet, body)
}

/// The header's description of the packet.
#[inline]
pub fn packet(header: &[u8; 20], scope: Scope) -> Packet {
    let id = be16(header, 4);
    Packet {
        source: address::ipv4(octets(header, 12)),
        destination: address::ipv4(octets(header, 16)),
        scope: scope.with_family(false),
        ttl: header[8],
        // An identification of zero with DF set identifies nothing (RFC 6864, 4.1): Linux sends it.
        ip_id: (id != 0 || be16(header, 6) & DONT_FRAGMENT == 0).then_some(id),
        labelled: false,
        // Options may be a source route, which changes the destination from one hop to the next.
        is_summable: header[0] & 0x0f == 5,
        is_damaged: is_damaged(header),
    }
}

/// Whether the header's checksum is wrong (RFC 791, 3.1). If the checksum or the length is zero, a network card has
/// yet to fill it in. Headers with options are not checked.
#[inline(always)]
fn is_damaged(header: &[u8; 20]) -> bool {
    let is_filled_in = (be16(header, 10) != 0) & (be16(header, 2) != 0);
    !checksum::is_right_header(header) & is_filled_in & (header[0] & 0x0f == 5)
}

/// Whether the packet is a fragment of a larger one.
#[inline]
pub fn is_fragment(header: &[u8; 20]) -> bool {
    be16(header, 6) & (MORE_FRAGMENTS | FRAGMENT_OFFSET) != 0
}

/// The payload of the header.
///
/// The header gives its length, even if the frame's length differs. Sequence numbers then stay right where a careless
/// tool rewrote or cut the frame. Segmentation offload leaves a total length of zero; then the frame's length counts.
#[inline]
pub fn body<'a>(header: &[u8; 20], rest: Rest<'a>) -> Result<Rest<'a>, Undecodable> {
    if header[0] >> 4 != 4 {
        return Err(rest.fault(LAYER, reason::WRONG_VERSION));
    }
    let header_length = u32::from(header[0] & 0x0f) * 4;
    if header_length < 20 {
        return Err(rest.fault(LAYER, reason::HEADER_TOO_SHORT));
    }
    let length = match be16(header, 2) {
        0 => rest.offloaded_length(),
        total => u32::from(total),
    };
    if length < header_length {
        return Err(rest.fault(LAYER, reason::HEADER_TOO_LONG));
    }
    Ok(rest.skip(header_length as usize, LAYER)?.with_length(length - header_length))
}

#[cold]
fn reassemble(walk: &mut Walk<'_>, header: &[u8; 20], packet: &Packet, body: Rest<'_>) -> Outcome {
    let word = be16(header, 6);
    let key = Key {
        source: packet.source,
        destination: packet.destination,
        scope: packet.scope,
        protocol: header[9],
        id: u32::from(be16(header, 4)),
    };
    let fragment = Fragment {
        protocol: header[9],
        start: u32::from(word & FRAGMENT_OFFSET) * 8,
        last: word & MORE_FRAGMENTS == 0,
        body,
    };
    match walk.fragments.add(key, fragment, walk.frame.time_ns).map_err(|reason| body.fault(LAYER, reason))? {
        Some(whole) => {
            let packet = Packet { is_summable: false, ..*packet };
            let decoded = protocol::decode(walk, whole.protocol, &packet, whole.rest(body.offset))?;
            Ok(whole.mark(decoded))
        }
        None => Ok(Other("fragment")),
    }
}

#[cfg(test)]
mod tests {
    use crate::frame::Frame;
    use crate::wire::reason;
    use crate::wire::testing::{
        ETHERNET, RAW, assert_is_tcp, decode, decoder, ethernet, fault, frame, hex, ipv4, other, tcp_ipv4,
        tcp_ipv6,
    };

    #[test]
    fn options_are_passed() {
        let mut packet = tcp_ipv4();
        packet[0] = 0x46;
        packet[3] += 4;
        packet.splice(20..20, hex("94040000"));
        assert_is_tcp(decode(RAW, &packet));
    }

    #[test]
    fn padding_and_check_sequences_are_not_payload() {
        let mut frame = ethernet(0x0800, &tcp_ipv4());
        frame.extend(hex("0000 0000 0000 deadbeef"));
        assert_is_tcp(decode(ETHERNET, &frame));
    }

    #[test]
    fn segmentation_offload_leaves_the_length_to_the_frame() {
        let mut packet = tcp_ipv4();
        packet[2..4].fill(0);
        assert_is_tcp(decode(RAW, &packet));
        let cut = Frame { data: &packet[..40], ..frame(RAW, &packet) };
        assert_is_tcp(decoder().decode(&cut));
        packet.extend(hex("deadbeef"));
        assert_is_tcp(decoder().decode(&Frame { fcs_len: 4, ..frame(RAW, &packet) }));
    }

    #[test]
    fn offload_builds_no_packets_beyond_its_limit() {
        let mut packet = tcp_ipv4();
        packet[2..4].fill(0);
        assert_is_tcp(decoder().decode(&Frame { orig_len: 3_000_000_000, ..frame(RAW, &packet) }));
    }

    #[test]
    fn the_version_counts_and_not_the_ethertype() {
        assert_is_tcp(decode(ETHERNET, &ethernet(0x0800, &tcp_ipv6())));
        assert_is_tcp(decode(ETHERNET, &ethernet(0x86dd, &tcp_ipv4())));
    }

    #[test]
    fn the_length_in_the_header_counts_and_not_the_frame() {
        let packet = tcp_ipv4();
        assert_is_tcp(decode(RAW, &packet[..42]));
    }

    #[test]
    fn an_identification_of_zero_identifies_nothing() {
        let id = |id: [u8; 2], flags: u8| {
            let mut packet = tcp_ipv4();
            packet[4..6].copy_from_slice(&id);
            packet[6] = flags;
            assert_is_tcp(decode(RAW, &packet)).ip_id
        };
        assert_eq!(id([0, 0], 0x40), None);
        assert_eq!(id([0, 0], 0), Some(0));
        assert_eq!(id([1, 2], 0x40), Some(0x102));
    }

    #[test]
    fn impossible_headers_are_faults() {
        let with = |at: usize, value: u8| {
            let mut packet = tcp_ipv4();
            packet[at] = value;
            fault(decode(228, &packet)).reason
        };
        assert_eq!(with(0, 0x55), reason::WRONG_VERSION);
        assert_eq!(with(0, 0x44), reason::HEADER_TOO_SHORT);
        assert_eq!(with(3, 19), reason::HEADER_TOO_LONG);
        assert_eq!(with(9, 200), reason::UNKNOWN_PROTOCOL);
    }

    #[test]
    fn other_protocols_are_counted_by_name() {
        for (number, name) in [(2, "igmp"), (50, "esp"), (89, "ospf"), (132, "sctp")] {
            assert_eq!(other(decode(RAW, &ipv4(number, &[0; 8]))), name);
        }
    }
}
