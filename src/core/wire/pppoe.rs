//! PPP over Ethernet (RFC 2516).
//!
//! A session is not part of a flow's scope: a capture of both sides of an access concentrator shows one flow.

use super::ppp;
use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};
use crate::segment::Decoded::Other;

/// Decodes a session's data. Every other code is discovery.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    const SESSION: u8 = 0;
    let (header, payload) = rest.header::<6>("pppoe")?;
    match header[1] {
        SESSION => ppp::decode(walk, payload.at_most(u32::from(be16(header, 4)))),
        _ => Ok(Other("pppoe discovery")),
    }
}
