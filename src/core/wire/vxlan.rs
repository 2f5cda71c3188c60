//! VXLAN (RFC 7348).

use super::ethernet;
use super::rest::{Rest, be24};
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};

const HAS_NETWORK: u8 = 0x08;

/// The flag that must be set, and the reserved byte behind the network identifier.
pub fn looks_right(header: &[u8; 8], _length: u32) -> bool {
    header[0] & HAS_NETWORK != 0 && header[7] == 0
}

/// Flags, the network's identifier, and an Ethernet frame.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<8>("vxlan")?;
    walk.enter(Kind::Vxlan, be24(header, 4), payload)?;
    ethernet::decode(walk, payload)
}
