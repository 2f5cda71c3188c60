//! MikroTik's EoIP: Ethernet in what looks like GRE version 1.

use super::ethernet;
use super::rest::{Rest, be16};
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};

/// The protocol number by which GRE names it.
pub const NUMBER: u16 = 0x6400;

/// Decodes the Ethernet frame behind its length (big-endian) and the tunnel's number (little-endian).
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, frame) = rest.header::<4>("eoip")?;
    let tunnel = u16::from_le_bytes([header[2], header[3]]);
    let frame = frame.at_most(u32::from(be16(header, 0)));
    walk.enter(Kind::Eoip, u32::from(tunnel), frame)?;
    ethernet::decode(walk, frame)
}
