//! VXLAN (RFC 7348), and its generic protocol extension (draft-ietf-nvo3-vxlan-gpe).

use super::rest::{Rest, be24};
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};
use super::{ethernet, ipv4, ipv6, mpls, reason};

const LAYER: &str = "vxlan";
const HAS_NETWORK: u8 = 0x08;
const HAS_PROTOCOL: u8 = 0x04;

/// Whether the header may be VXLAN's: the flag for the network identifier is set, and the reserved byte behind the
/// identifier is zero.
pub fn looks_right(header: &[u8; 8], _length: u32) -> bool {
    header[0] & HAS_NETWORK != 0 && header[7] == 0
}

/// Decodes the Ethernet frame behind flags and network identifier.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<8>(LAYER)?;
    walk.enter(Kind::Vxlan, be24(header, 4), payload)?;
    ethernet::decode(walk, payload)
}

/// Decodes a frame of the generic protocol extension. A flag tells whether the header names the payload's protocol.
pub fn decode_generic(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<8>(LAYER)?;
    if header[0] & HAS_PROTOCOL == 0 {
        return decode(walk, rest);
    }
    walk.enter(Kind::Vxlan, be24(header, 4), payload)?;
    match header[3] {
        1 => ipv4::decode(walk, payload),
        2 => ipv6::decode(walk, payload),
        3 => ethernet::decode(walk, payload),
        5 => mpls::decode(walk, payload),
        _ => Err(payload.fault(LAYER, reason::UNKNOWN_PROTOCOL)),
    }
}
