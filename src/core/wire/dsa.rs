//! Tags of switch chips (Linux' "distributed switch architecture").

use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};
use super::{ethernet, ethertype};

const LAYER: &str = "dsa";
const ADDRESSES: usize = 12;

/// Passes a tag of four bytes between the addresses and the EtherType.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    decode_behind(walk, rest.skip(ADDRESSES + 4, LAYER)?)
}

/// Passes a tag of eight bytes, which begins with an EtherType of its own.
pub fn decode_long(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    decode_behind(walk, rest.skip(ADDRESSES + 8, LAYER)?)
}

/// Passes a tag of four bytes in front of the Ethernet header.
pub fn decode_prepended(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    ethernet::decode(walk, rest.skip(4, LAYER)?)
}

fn decode_behind(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (number, payload) = rest.header::<2>(LAYER)?;
    ethertype::decode(walk, be16(number, 0), payload)
}
