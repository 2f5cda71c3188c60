//! The payload of an IP header, by protocol number (IANA "Assigned Internet Protocol Numbers").

use super::extension::AUTHENTICATION;
use super::rest::Rest;
use super::tunnel::Kind;
use super::walk::{Outcome, Packet, Walk};
use super::{extension, gre, icmp, ipcomp, ipv4, ipv6, mpls, reason, tcp, udp};
use crate::segment::Decoded::Other;

pub const TCP: u8 = 6;
const UDP: u8 = 17;

/// Decodes what follows, by its number.
#[inline]
pub fn decode(walk: &mut Walk<'_>, number: u8, packet: &Packet, rest: Rest<'_>) -> Outcome {
    match number {
        TCP => tcp::decode(walk, packet, rest),
        UDP => udp::decode(walk, packet, rest),
        _ => decode_others(walk, number, packet, rest),
    }
}

fn decode_others(walk: &mut Walk<'_>, number: u8, packet: &Packet, rest: Rest<'_>) -> Outcome {
    match number {
        1 => icmp::decode(walk, packet, rest),
        58 => icmp::decode_v6(walk, packet, rest),
        4 => {
            walk.enter(Kind::IpInIp, 0, rest)?;
            ipv4::decode(walk, rest)
        }
        41 => {
            let kind = if packet.scope.is_ipv6() { Kind::IpInIp } else { Kind::SixInFour };
            walk.enter(kind, 0, rest)?;
            ipv6::decode(walk, rest)
        }
        47 => gre::decode(walk, rest),
        AUTHENTICATION => {
            let (next, payload) = extension::authentication(rest)?;
            walk.deeper(payload, "ah")?;
            decode(walk, next, packet, payload)
        }
        108 => ipcomp::decode(walk, packet, rest),
        137 => {
            walk.enter(Kind::MplsInIp, 0, rest)?;
            mpls::decode(walk, rest)
        }
        _ => match name(number) {
            Some(name) => Ok(Other(name)),
            None => Err(rest.fault("ip", reason::UNKNOWN_PROTOCOL)),
        },
    }
}

/// Protocols that carry no TCP, or none that can be read.
const fn name(number: u8) -> Option<&'static str> {
    Some(match number {
        2 => "igmp",
        8 => "egp",
        9 => "igp",
        33 => "dccp",
        46 => "rsvp",
        50 => "esp",
        54 => "nhrp",
        59 => "no next header",
        88 => "eigrp",
        89 => "ospf",
        94 => "ipip",
        103 => "pim",
        112 => "vrrp",
        113 => "pgm",
        115 => "l2tp",
        124 => "isis",
        132 => "sctp",
        133 => "fibre channel",
        135 => "mobility",
        136 => "udplite",
        139 => "hip",
        140 => "shim6",
        253 | 254 => "experimental",
        _ => return None,
    })
}
