//! BSD loopback: an address family in front of the packet.
//!
//! The number for IPv6 is each system's own: 10 on Linux, 23 on Windows, 24 on NetBSD and OpenBSD,
//! 28 on FreeBSD, 30 on Darwin.

use super::rest::Rest;
use super::walk::{Outcome, Walk};
use super::{ipv4, ipv6, reason};
use crate::segment::Decoded::Other;

const LAYER: &str = "null";

/// Decodes a packet behind its address family, which is in the byte order of the capturing host (NULL) or of the
/// network (LOOP).
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<4>(LAYER)?;
    decode_family(walk, either_order(*header), payload)
}

/// A small number whose byte order is unknown.
pub fn either_order(octets: [u8; 4]) -> u32 {
    u32::from_be_bytes(octets).min(u32::from_le_bytes(octets))
}

/// Decodes a packet of an address family, as the BSDs and other systems number them.
pub fn decode_family(walk: &mut Walk<'_>, family: u32, rest: Rest<'_>) -> Outcome {
    match family {
        2 => ipv4::decode(walk, rest),
        10 | 23 | 24 | 28 | 30 => ipv6::decode(walk, rest),
        6 => Ok(Other("ipx")),
        7 => Ok(Other("osi")),
        16 => Ok(Other("appletalk")),
        _ => Err(rest.fault(LAYER, reason::UNKNOWN_PROTOCOL)),
    }
}
