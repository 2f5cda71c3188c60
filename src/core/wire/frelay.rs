//! Frame relay, with the encapsulation of RFC 2427 or Cisco's.

use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};
use super::{ethertype, ipv4, ipv6, llc};
use crate::segment::Decoded::Other;

const LAYER: &str = "frelay";
const LAST_OF_ADDRESS: u8 = 0x01;
const UNNUMBERED_INFORMATION: u8 = 0x03;

/// Passes an address of two to four bytes (Q.922). A bit marks the last byte.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let mut rest = rest;
    for _ in 0..4 {
        let (&[address], after) = rest.header::<1>(LAYER)?;
        rest = after;
        if address & LAST_OF_ADDRESS != 0 {
            break;
        }
    }
    let (&[control], after) = rest.header::<1>(LAYER)?;
    if control == UNNUMBERED_INFORMATION {
        return decode_rfc2427(walk, after);
    }
    let (number, payload) = rest.header::<2>(LAYER)?;
    ethertype::decode(walk, be16(number, 0), payload)
}

/// Passes a byte for the direction in front of the frame.
pub fn decode_with_direction(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    decode(walk, rest.skip(1, LAYER)?)
}

/// Decodes a packet behind its network layer protocol identifier (RFC 2427, 3; ISO/IEC TR 9577). A byte of padding
/// may stand in front of the identifier.
fn decode_rfc2427(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    const PADDING: u8 = 0;
    let rest = if rest.data.first() == Some(&PADDING) { rest.skip(1, LAYER)? } else { rest };
    let (&[identifier], payload) = rest.header::<1>(LAYER)?;
    match identifier {
        0xcc => ipv4::decode(walk, payload),
        0x8e => ipv6::decode(walk, payload),
        0x80 => llc::snap(walk, payload),
        0x81..=0x83 => Ok(Other("osi")),
        _ => Ok(Other("frame relay")),
    }
}
