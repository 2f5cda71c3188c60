//! IPv6 (RFC 8200), with its extension headers.

use super::extension::{self, FRAGMENT, HOP_BY_HOP};
use super::fragments::{Fragment, Key};
use super::rest::{Rest, be16, be32, octets};
use super::walk::{Outcome, Packet, Walk};
use super::{ipv4, protocol, reason};
use crate::segment::Decoded::Other;
use crate::segment::Undecodable;

const LAYER: &str = "ipv6";
/// The flow label, in the first four octets of the header.
const FLOW_LABEL: u32 = 0x000f_ffff;

/// Decodes a packet. The payload is as long as the header says.
#[inline]
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    match rest.nibble() {
        // The outer header names the wrong protocol; the version field is right.
        Some(4) => return ipv4::decode(walk, rest),
        Some(6) | None => {}
        Some(_) => return Err(rest.fault(LAYER, reason::WRONG_VERSION)),
    }
    let (header, after) = rest.header::<40>(LAYER)?;
    let packet = Packet {
        source: octets(header, 8),
        destination: octets(header, 24),
        scope: walk.scope.with_family(true),
        ttl: header[7],
        ip_id: None,
        labelled: be32(header, 0) & FLOW_LABEL != 0,
        is_summable: true,
        is_damaged: false, // the header has no checksum
    };
    chain(walk, header[6], packet, after.with_length(length(header, after)))
}

/// The length of the packet behind the fixed header. A field of zero is left by segmentation offload, or an option of
/// the first extension header holds the length (RFC 2675).
#[inline]
pub fn length(header: &[u8; 40], after: Rest<'_>) -> u32 {
    match be16(header, 4) {
        0 if header[6] == HOP_BY_HOP => jumbo_length(after.data).unwrap_or(after.offloaded_length()),
        0 => after.offloaded_length(),
        payload => u32::from(payload),
    }
}

/// The length in the jumbo payload option (type C2, length 4). Padding may stand in front of the option.
fn jumbo_length(hop_by_hop: &[u8]) -> Option<u32> {
    let (&[_, units], after) = hop_by_hop.split_first_chunk::<2>()?;
    let mut options = after.get(..usize::from(units) * 8 + 6)?;
    loop {
        options = match *options {
            [0, ref more @ ..] => more,
            [0xc2, 4, a, b, c, d, ..] => return Some(u32::from_be_bytes([a, b, c, d])),
            [_, length, ref more @ ..] => more.get(usize::from(length)..)?,
            _ => return None,
        };
    }
}

/// Passes the extension headers, and decodes what follows them.
#[inline]
fn chain(walk: &mut Walk<'_>, next: u8, packet: Packet, rest: Rest<'_>) -> Outcome {
    let (mut next, mut packet, mut rest) = (next, packet, rest);
    loop {
        (next, rest) = match next {
            FRAGMENT => match whole_in_one(rest)? {
                Some(unfragmented) => unfragmented,
                None => return reassemble(walk, packet, rest),
            },
            _ => match extension::pass(next, rest)? {
                Some(passed) => {
                    packet.is_summable &= !extension::may_change_addresses(next);
                    passed
                }
                None => return protocol::decode(walk, next, &packet, rest),
            },
        };
    }
}

/// Skips the fragment header of a packet that is not split: offset zero, and no more fragments (RFC 6946).
fn whole_in_one(rest: Rest<'_>) -> Result<Option<(u8, Rest<'_>)>, Undecodable> {
    let (header, body) = rest.header::<8>(LAYER)?;
    let in_one = be16(header, 2) & !0b110 == 0;
    Ok(in_one.then_some((header[0], body)))
}

#[cold]
fn reassemble(walk: &mut Walk<'_>, packet: Packet, rest: Rest<'_>) -> Outcome {
    let (header, body) = rest.header::<8>(LAYER)?;
    let word = be16(header, 2);
    let key = Key {
        source: packet.source,
        destination: packet.destination,
        scope: packet.scope,
        // The first fragment's next header counts, and others may differ (RFC 8200, 4.5).
        protocol: FRAGMENT,
        id: be32(header, 4),
    };
    let fragment =
        Fragment { protocol: header[0], start: u32::from(word & !0b111), last: word & 1 == 0, body };
    match walk.fragments.add(key, fragment, walk.frame.time_ns).map_err(|reason| rest.fault(LAYER, reason))? {
        Some(whole) => {
            walk.deeper(body, LAYER)?;
            let packet = Packet { is_summable: false, ..packet };
            let decoded = chain(walk, whole.protocol, packet, whole.rest(body.offset))?;
            Ok(whole.mark(decoded))
        }
        None => Ok(Other("fragment")),
    }
}

#[cfg(test)]
mod tests {
    use crate::segment::Decoded;
    use crate::wire::reason;
    use crate::wire::testing::{
        RAW, assert_is_tcp, behind, decode, decoder, fault, frame, hex, ipv6, join, other, tcp, tcp_ipv6,
    };

    #[test]
    fn addresses_and_hop_limit_are_read() {
        let segment = assert_is_tcp(decode(RAW, &tcp_ipv6()));
        assert_eq!(segment.source.to_vec(), hex("20010db8 00000000 00000000 00000001"));
        assert_eq!(segment.destination.to_vec(), hex("20010db8 00000000 00000000 00000002"));
        assert!(segment.scope.is_ipv6());
        assert_eq!((segment.ttl, segment.ip_id), (64, None));
    }

    #[test]
    fn a_flow_label_is_told_from_none() {
        let mut packet = tcp_ipv6();
        for (octets, labelled) in
            [([0x60, 0, 0, 0], false), ([0x6f, 0xf0, 0, 0], false), ([0x60, 0, 0, 1], true)]
        {
            packet[..4].copy_from_slice(&octets);
            assert_eq!(assert_is_tcp(decode(RAW, &packet)).labelled, labelled, "{octets:x?}");
        }
    }

    #[test]
    fn extension_headers_are_passed() {
        let table = [
            (0, "06 00 010400000000"),
            (43, "06 02 0401 00000000 20010db8000000000000000000000003"),
            (60, "06 01 010c 000000000000000000000000"),
            (51, "06 04 0000 00000001 00000001 000000000000000000000000"),
            (135, "06 00 010400000000"),
            (0, "3c 00 010400000000 2b 00 010400000000 06 00 0000 00000000"),
            (44, "06 00 0000 00000001"),
        ];
        for (next, headers) in table {
            println!("{next}: {headers}");
            assert_is_tcp(decode(RAW, &ipv6(next, &behind(headers, &tcp()))));
        }
    }

    #[test]
    fn a_chain_that_runs_out_is_a_fault() {
        let packet = ipv6(0, &hex("06 02 010400000000"));
        assert_eq!(fault(decode(RAW, &packet)).reason, reason::PACKET_TOO_SHORT);
    }

    #[test]
    fn encrypted_and_absent_payloads_are_counted_by_name() {
        assert_eq!(other(decode(RAW, &ipv6(50, &[0; 16]))), "esp");
        assert_eq!(other(decode(RAW, &ipv6(59, &[]))), "no next header");
    }

    #[test]
    fn segmentation_offload_leaves_the_length_to_the_frame() {
        let mut packet = tcp_ipv6();
        packet[4..6].fill(0);
        assert_is_tcp(decode(RAW, &packet));
    }

    #[test]
    fn a_jumbogram_has_its_length_in_an_option() {
        let options = hex("06 00 c204 00011194");
        let mut packet = ipv6(0, &join(&[&options, &tcp(), &vec![0; 69_999 - 25]]));
        packet[4..6].fill(0);
        packet.truncate(200);
        let Decoded::Segment(segment) = decode(RAW, &packet) else { panic!("not a segment") };
        assert_eq!(segment.payload, 0x11194 - 8 - 20);
    }

    #[test]
    fn fragments_are_put_together() {
        let segment = tcp();
        let fragment = |start: usize, end: usize, more: u8| {
            let header = [6, 0, 0, start as u8 | more, 0, 0, 0, 9];
            ipv6(44, &join(&[&header, &segment[start..end]]))
        };
        let mut decoder = decoder();
        assert_eq!(other(decoder.decode(&frame(RAW, &fragment(8, segment.len(), 0)))), "fragment");
        assert_is_tcp(decoder.decode(&frame(RAW, &fragment(0, 8, 1))));
    }
}
