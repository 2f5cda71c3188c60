//! ICMP (RFC 792) and ICMPv6 (RFC 4443): errors that quote a TCP segment.
//!
//! A quote need hold only the first eight bytes of the segment (RFC 792): ports and sequence number.

use super::rest::{Rest, be16, be32, octets};
use super::walk::{Outcome, Packet, Walk};
use super::{extension, ipv4};
use crate::address::{self, Ip};
use crate::segment::{Decoded, IcmpError, IcmpKind};
use crate::seq::Seq;

const TCP: u8 = 6;

/// An ICMP message.
pub fn decode(walk: &Walk<'_>, packet: &Packet, rest: Rest<'_>) -> Outcome {
    let (&[kind, code, ..], quote) = rest.header::<8>("icmp")?;
    let Some(kind) = meaning(kind, code) else { return Ok(Decoded::Other("icmp")) };
    Ok(error(walk, packet, kind, quoted_v4(quote)).unwrap_or(Decoded::Other("icmp")))
}

/// The meaning of an ICMP type and code for the quoted packet; `None` if it quotes none.
#[must_use]
pub const fn meaning(kind: u8, code: u8) -> Option<IcmpKind> {
    Some(match (kind, code) {
        (3, 0 | 1 | 6 | 7 | 8 | 11 | 12) => IcmpKind::HostUnreachable,
        (3, 2 | 3) => IcmpKind::PortUnreachable,
        (3, 4) => IcmpKind::TooBig,
        (3, 9 | 10 | 13) => IcmpKind::Prohibited,
        (5, _) => IcmpKind::Redirect,
        (11, _) => IcmpKind::TimeExceeded,
        (3 | 4 | 12, _) => IcmpKind::Other,
        _ => return None,
    })
}

/// An ICMPv6 message.
pub fn decode_v6(walk: &Walk<'_>, packet: &Packet, rest: Rest<'_>) -> Outcome {
    let (&[kind, code, ..], quote) = rest.header::<8>("icmpv6")?;
    let Some(kind) = meaning_v6(kind, code) else { return Ok(Decoded::Other("icmpv6")) };
    Ok(error(walk, packet, kind, quoted_v6(quote)).unwrap_or(Decoded::Other("icmpv6")))
}

/// The meaning of an ICMPv6 type and code for the quoted packet; `None` if it quotes none. Other codes of type 1,
/// future ones included, mean that the packet did not arrive.
#[must_use]
pub const fn meaning_v6(kind: u8, code: u8) -> Option<IcmpKind> {
    Some(match (kind, code) {
        (1, 4) => IcmpKind::PortUnreachable,
        (1, 1 | 5 | 6) => IcmpKind::Prohibited,
        (1, _) => IcmpKind::HostUnreachable,
        (2, _) => IcmpKind::TooBig,
        (3, _) => IcmpKind::TimeExceeded,
        (4, _) => IcmpKind::Other,
        _ => return None,
    })
}

/// The addresses of a quoted segment, and the quoted part of it.
struct Quote<'a> {
    source: Ip,
    destination: Ip,
    segment: Rest<'a>,
}

fn error(walk: &Walk<'_>, packet: &Packet, kind: IcmpKind, quote: Option<Quote<'_>>) -> Option<Decoded> {
    let quote = quote?;
    let (ports_and_seq, _) = quote.segment.header::<8>("tcp").ok()?;
    Some(Decoded::IcmpError(IcmpError {
        time_ns: walk.frame.time_ns,
        frame: walk.frame.number,
        reporter: packet.source,
        kind,
        source: quote.source,
        destination: quote.destination,
        source_port: be16(ports_and_seq, 0),
        destination_port: be16(ports_and_seq, 2),
        scope: packet.scope,
        seq: Seq(be32(ports_and_seq, 4)),
    }))
}

fn quoted_v4(quote: Rest<'_>) -> Option<Quote<'_>> {
    let (header, _) = quote.header::<20>("ipv4").ok()?;
    // A fragment other than the first holds no TCP header.
    if header[9] != TCP || be16(header, 6) & 0x1fff != 0 {
        return None;
    }
    Some(Quote {
        source: address::ipv4(octets(header, 12)),
        destination: address::ipv4(octets(header, 16)),
        segment: ipv4::body(header, quote).ok()?,
    })
}

fn quoted_v6(quote: Rest<'_>) -> Option<Quote<'_>> {
    let (header, after) = quote.header::<40>("ipv6").ok()?;
    let (mut next, mut segment) = (header[6], after);
    while let Some(passed) = extension::pass(next, segment).ok()? {
        (next, segment) = passed;
    }
    (header[0] >> 4 == 6 && next == TCP).then_some(Quote {
        source: octets(header, 8),
        destination: octets(header, 24),
        segment,
    })
}

#[cfg(test)]
mod tests {
    use crate::address;
    use crate::segment::{Decoded, IcmpError, IcmpKind};
    use crate::seq::Seq;
    use crate::wire::testing::{RAW, behind, decode, hex, ipv4, ipv6, other, tcp_ipv4, tcp_ipv6, udp};

    fn error(packet: &[u8]) -> IcmpError {
        let Decoded::IcmpError(error) = decode(RAW, packet) else { panic!("not an error") };
        error
    }

    fn header(kind: u8, code: u8) -> Vec<u8> {
        vec![kind, code, 0, 0, 0, 0, 0, 0]
    }

    #[test]
    fn eight_bytes_of_the_segment_are_enough() {
        let mut quote = header(3, 1);
        quote.extend(&tcp_ipv4()[..28]);
        let error = error(&ipv4(1, &quote));
        assert_eq!(error.reporter, address::ipv4([10, 0, 0, 1]));
        assert_eq!(
            (error.source, error.destination),
            (address::ipv4([10, 0, 0, 1]), address::ipv4([10, 0, 0, 2]))
        );
        assert_eq!((error.source_port, error.destination_port, error.seq), (40000, 80, Seq(1000)));
    }

    #[test]
    fn every_kind_of_error_is_recognized() {
        use IcmpKind::{HostUnreachable, Other, PortUnreachable, Prohibited, Redirect, TimeExceeded, TooBig};
        let table = [
            (3, 0, HostUnreachable),
            (3, 1, HostUnreachable),
            (3, 2, PortUnreachable),
            (3, 3, PortUnreachable),
            (3, 4, TooBig),
            (3, 10, Prohibited),
            (3, 13, Prohibited),
            (5, 1, Redirect),
            (11, 0, TimeExceeded),
            (12, 0, Other),
        ];
        for (kind, code, expected) in table {
            let message = [header(kind, code), tcp_ipv4()].concat();
            assert_eq!(error(&ipv4(1, &message)).kind, expected, "{kind}/{code}");
        }
        let table = [
            (1, 0, HostUnreachable),
            (1, 1, Prohibited),
            (1, 3, HostUnreachable),
            (1, 4, PortUnreachable),
            (1, 5, Prohibited),
            (1, 6, Prohibited),
            (1, 8, HostUnreachable),
            (2, 0, TooBig),
            (3, 0, TimeExceeded),
            (4, 1, Other),
        ];
        for (kind, code, expected) in table {
            let message = [header(kind, code), tcp_ipv6()].concat();
            assert_eq!(error(&ipv6(58, &message)).kind, expected, "v6 {kind}/{code}");
        }
    }

    #[test]
    fn extension_headers_of_the_quote_are_passed() {
        let quoted = ipv6(60, &behind("06 00 010400000000", &tcp_ipv6()[40..]));
        assert_eq!(error(&ipv6(58, &[header(1, 0), quoted].concat())).seq, Seq(1000));
    }

    #[test]
    fn an_error_that_quotes_no_segment_is_left_out() {
        let quote_of = |packet: &[u8]| ipv4(1, &[header(3, 1), packet.to_vec()].concat());
        assert_eq!(other(decode(RAW, &ipv4(1, &hex("0800 0000 0001 0001 61626364")))), "icmp");
        assert_eq!(other(decode(RAW, &ipv6(58, &hex("8700 0000 0000 0000")))), "icmpv6");
        assert_eq!(other(decode(RAW, &quote_of(&ipv4(17, &udp(53, &[]))))), "icmp");
        assert_eq!(other(decode(RAW, &quote_of(&tcp_ipv4()[..27]))), "icmp");
        let mut second_fragment = tcp_ipv4();
        second_fragment[7] = 1;
        assert_eq!(other(decode(RAW, &quote_of(&second_fragment))), "icmp");
    }
}
