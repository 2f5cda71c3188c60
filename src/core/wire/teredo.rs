//! Teredo (RFC 4380): IPv6 over UDP, for hosts behind address translation.

use super::ipv6;
use super::rest::{Rest, be16};
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};
use crate::segment::Decoded::Other;
use crate::segment::Undecodable;

const LAYER: &str = "teredo";

const ORIGIN: [u8; 2] = [0, 0];
const AUTHENTICATION: [u8; 2] = [0, 1];

/// Whether the payload may be Teredo's: an IPv6 packet that fills the datagram, or one of the two headers that may
/// stand in front of it.
pub fn looks_right(header: &[u8; 8], length: u32) -> bool {
    match [header[0], header[1]] {
        ORIGIN | AUTHENTICATION => length >= 48,
        _ => header[0] >> 4 == 6 && u32::from(be16(header, 4)) + 40 == length,
    }
}

/// Decodes the packet behind the authentication header and the origin header. Either may be missing.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let mut rest = rest;
    if begins(rest)? == AUTHENTICATION {
        let (header, _) = rest.header::<4>(LAYER)?;
        // Behind the four fixed bytes: client identifier and authentication value, then a nonce and a confirmation.
        rest = rest.skip(4 + usize::from(header[2]) + usize::from(header[3]) + 9, LAYER)?;
    }
    if begins(rest)? == ORIGIN {
        rest = rest.skip(8, LAYER)?;
    }
    match rest.nibble() {
        Some(6) | None => {
            walk.enter(Kind::Teredo, 0, rest)?;
            ipv6::decode(walk, rest)
        }
        Some(_) => Ok(Other("teredo")),
    }
}

fn begins(rest: Rest<'_>) -> Result<[u8; 2], Undecodable> {
    Ok(*rest.header(LAYER)?.0)
}
