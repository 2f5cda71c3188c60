//! Generic routing encapsulation: version 0 (RFC 2784, with RFC 1701's routing and RFC 2890's key
//! and sequence number) and version 1, PPTP's (RFC 2637).

use super::rest::{Rest, be16, be32};
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};
use super::{aruba, eoip, erspan, ethernet, ethertype, ppp, raw, reason};
use crate::segment::Decoded::Other;
use crate::segment::Undecodable;

const LAYER: &str = "gre";

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
const ACKNOWLEDGEMENT: u16 = 0x0080;
const VERSION: u16 = 0x0007;

/// Whether the header may be that of GRE in UDP (RFC 8086, 3): version 0, no routing, reserved bits of zero, and an
/// EtherType.
pub fn looks_right(header: &[u8; 8], _length: u32) -> bool {
    be16(header, 0) & !(CHECKSUM | KEY | SEQUENCE) == 0 && be16(header, 2) > 1500
}

/// Decodes the payload behind the fields that the flags announce.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, after) = rest.header::<4>(LAYER)?;
    let (flags, number) = (be16(header, 0), be16(header, 2));
    match flags & VERSION {
        0 => decode_v0(walk, flags, number, after),
        1 if number == eoip::NUMBER => eoip::decode(walk, after),
        1 => decode_v1(walk, flags, after),
        _ => Err(rest.fault(LAYER, reason::WRONG_VERSION)),
    }
}

fn decode_v0(walk: &mut Walk<'_>, flags: u16, number: u16, rest: Rest<'_>) -> Outcome {
    const KEEPALIVE: u16 = 0;
    const OSI: u16 = 0x00fe;
    const ERSPAN: u16 = 0x88be;
    const ERSPAN_III: u16 = 0x22eb;
    const BRIDGED: u16 = 0x6558;
    const WCCP: u16 = 0x883e;

    let mut rest = rest;
    let mut key = None;
    if flags & (CHECKSUM | ROUTING) != 0 {
        rest = rest.skip(4, LAYER)?;
    }
    if flags & KEY != 0 {
        let (field, after) = rest.header::<4>(LAYER)?;
        (key, rest) = (Some(be32(field, 0)), after);
    }
    if flags & SEQUENCE != 0 {
        rest = rest.skip(4, LAYER)?;
    }
    if flags & ROUTING != 0 {
        rest = pass_routes(rest)?;
    }
    match (number, key) {
        (KEEPALIVE, _) => Ok(Other("gre")),
        (ERSPAN, _) if flags & SEQUENCE == 0 => erspan::decode_i(walk, rest),
        (ERSPAN, _) => erspan::decode_ii(walk, rest),
        (ERSPAN_III, _) => erspan::decode_iii(walk, rest),
        (BRIDGED, Some(key)) => {
            // The upper 24 bits are the virtual subnet, the lower 8 tell flows apart (RFC 7637, 3.2).
            walk.enter(Kind::Nvgre, key >> 8, rest)?;
            ethernet::decode(walk, rest)
        }
        (WCCP, _) => {
            walk.enter(Kind::Gre, 0, rest)?;
            // WCCP version 2 puts four bytes in front of the packet.
            let redirect = if raw::is_plausible(rest) { 0 } else { 4 };
            raw::decode(walk, rest.skip(redirect, LAYER)?)
        }
        _ if aruba::is_named_by(number) => aruba::decode(walk, rest),
        (OSI, _) => Ok(Other("osi")),
        // In other headers such a number is the length of an 802.3 frame. GRE has no such length.
        (..=1500, _) => Err(rest.fault(LAYER, reason::UNKNOWN_PROTOCOL)),
        _ => {
            walk.enter(Kind::Gre, 0, rest)?;
            ethertype::decode(walk, number, rest)
        }
    }
}

/// Passes the source routes. An empty one ends them (RFC 1701).
fn pass_routes(rest: Rest<'_>) -> Result<Rest<'_>, Undecodable> {
    let mut rest = rest;
    loop {
        let (route, after) = rest.header::<4>(LAYER)?;
        if *route == [0; 4] {
            return Ok(after);
        }
        rest = after.skip(usize::from(route[3]), LAYER)?;
    }
}

fn decode_v1(walk: &mut Walk<'_>, flags: u16, rest: Rest<'_>) -> Outcome {
    let (lengths, mut rest) = rest.header::<4>(LAYER)?;
    if flags & SEQUENCE == 0 {
        return Ok(Other("gre"));
    }
    rest = rest.skip(4, LAYER)?;
    if flags & ACKNOWLEDGEMENT != 0 {
        rest = rest.skip(4, LAYER)?;
    }
    walk.enter(Kind::Pptp, 0, rest)?;
    ppp::decode(walk, rest.at_most(u32::from(be16(lengths, 0))))
}

#[cfg(test)]
mod tests {
    use crate::wire::reason;
    use crate::wire::testing::{
        RAW, assert_is_tcp, behind, decode, decoder, ethernet, fault, frame, hex, ipv4, other, tcp_ipv4,
    };

    #[test]
    fn every_field_is_passed() {
        let headers = [
            "0000 0800",
            "8000 0800 abcd0000",
            "2000 0800 00000001",
            "1000 0800 00000001",
            "b000 0800 abcd0000 00000001 00000001",
            "4000 0800 00000000 0800 00 04 0a000003 00000000",
        ];
        for header in headers {
            println!("{header}");
            assert_is_tcp(decode(RAW, &ipv4(47, &behind(header, &tcp_ipv4()))));
        }
    }

    #[test]
    fn directions_with_different_keys_are_one_flow() {
        let scope = |header| assert_is_tcp(decode(RAW, &ipv4(47, &behind(header, &tcp_ipv4())))).scope;
        assert_eq!(scope("2000 0800 00000001"), scope("2000 0800 00000002"));
        assert_eq!(
            scope("3081 880b 0030 0001 00000001 00000001 21"),
            scope("3001 880b 0030 0002 00000001 21")
        );
    }

    #[test]
    fn virtual_subnets_are_named() {
        let inner = ethernet(0x0800, &tcp_ipv4());
        let scope = |header| {
            let packet = ipv4(47, &behind(header, &inner));
            let mut decoder = decoder();
            let scope = assert_is_tcp(decoder.decode(&frame(RAW, &packet))).scope;
            decoder.tunnel(scope)
        };
        assert_eq!(scope("2000 6558 00002a01").as_deref(), Some("nvgre 42"));
        assert_eq!(scope("2000 6558 00002a02").as_deref(), Some("nvgre 42"));
        assert_eq!(scope("0000 6558").as_deref(), Some("gre"));
    }

    #[test]
    fn an_empty_packet_is_counted_by_name() {
        assert_eq!(other(decode(RAW, &ipv4(47, &hex("0000 0000")))), "gre");
        assert_eq!(other(decode(RAW, &ipv4(47, &hex("2081 880b 0000 0001 00000001")))), "gre");
        assert_eq!(fault(decode(RAW, &ipv4(47, &hex("0002 0800 0000")))).reason, reason::WRONG_VERSION);
    }
}
