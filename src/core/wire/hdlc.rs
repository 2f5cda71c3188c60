//! Cisco's HDLC framing, and how it is told from PPP.

use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};
use super::{ethertype, ppp};
use crate::segment::Decoded::Other;

const LAYER: &str = "hdlc";
const UNICAST: u8 = 0x0f;
const MULTICAST: u8 = 0x8f;

/// Decodes PPP, unless the address field is one of Cisco's.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    match *rest.data {
        [UNICAST | MULTICAST, 0, ..] => cisco(walk, rest),
        [UNICAST | MULTICAST] => Err(rest.short(LAYER, 2)),
        _ => ppp::decode(walk, rest),
    }
}

/// Decodes Cisco's framing, unless address and control fields are those of PPP.
pub fn decode_cisco(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    match *rest.data {
        [0xff, 0x03, ..] => ppp::decode(walk, rest),
        _ => cisco(walk, rest),
    }
}

/// Passes a byte for the direction in front of Cisco's framing.
pub fn decode_with_direction(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    decode_cisco(walk, rest.skip(1, LAYER)?)
}

/// Decodes the payload behind address, control and EtherType. Keepalives have an EtherType of their own.
fn cisco(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    const KEEPALIVE: u16 = 0x8035;
    let (header, payload) = rest.header::<4>(LAYER)?;
    match be16(header, 2) {
        KEEPALIVE => Ok(Other("slarp")),
        0xfefe => Ok(Other("osi")),
        number => ethertype::decode(walk, number, payload),
    }
}
