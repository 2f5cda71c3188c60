//! L2TP version 2 (RFC 2661): PPP over UDP.

use super::ppp;
use super::rest::{Rest, be16};
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};
use crate::segment::Decoded::Other;

const LAYER: &str = "l2tp";

const CONTROL: u16 = 0x8000;
const LENGTH: u16 = 0x4000;
const SEQUENCE: u16 = 0x0800;
const OFFSET: u16 = 0x0200;
/// Reserved bits, and the version.
const FIXED: u16 = 0x34ff;

/// Whether the header may be L2TP's: version 2, and reserved bits of zero.
pub fn looks_right(header: &[u8; 8], _length: u32) -> bool {
    be16(header, 0) & FIXED == 2
}

/// Decodes PPP behind the fields that the flags announce.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, mut rest) = rest.header::<2>(LAYER)?;
    let flags = be16(header, 0);
    if flags & CONTROL != 0 {
        return Ok(Other("l2tp"));
    }
    if flags & LENGTH != 0 {
        let (length, after) = rest.header::<2>(LAYER)?;
        rest = after.at_most(u32::from(be16(length, 0)).saturating_sub(4));
    }
    // Tunnel and session identifiers; with the flag also the sequence numbers Ns and Nr.
    rest = rest.skip(if flags & SEQUENCE != 0 { 8 } else { 4 }, LAYER)?;
    if flags & OFFSET != 0 {
        let (padding, after) = rest.header::<2>(LAYER)?;
        rest = after.skip(usize::from(be16(padding, 0)), LAYER)?;
    }
    walk.enter(Kind::L2tp, 0, rest)?;
    ppp::decode(walk, rest)
}
