//! No link header at all: the packet begins with IP, and its first four bits say which.

use super::rest::Rest;
use super::walk::{Outcome, Walk};
use super::{ipv4, ipv6, null, reason};

/// Decodes IPv4 or IPv6, whichever the version field gives.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    match rest.nibble() {
        Some(4) => ipv4::decode(walk, rest),
        Some(6) => ipv6::decode(walk, rest),
        Some(_) => Err(rest.fault("ip", reason::WRONG_VERSION)),
        None => Err(rest.short("ip", 1)),
    }
}

/// Link type 12 is raw IP to most systems and loopback to OpenBSD, where an address family comes first.
pub fn decode_12(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    match rest.nibble() {
        Some(0) => null::decode(walk, rest),
        _ => decode(walk, rest),
    }
}

/// Whether bytes that no header announced look like IP: version, header length and length are consistent.
pub fn is_plausible(rest: Rest<'_>) -> bool {
    match *rest.data {
        [first @ 0x45..=0x4f, _, high, low, ..] => {
            let length = u32::from(u16::from_be_bytes([high, low]));
            (u32::from(first & 0x0f) * 4..=rest.length).contains(&length)
        }
        [0x60..=0x6f, _, _, _, high, low, ..] => {
            u32::from(u16::from_be_bytes([high, low])) + 40 <= rest.length
        }
        // Too little was captured to doubt the version.
        [0x45..=0x4f | 0x60..=0x6f, ..] => rest.data.len() < 6,
        _ => false,
    }
}
