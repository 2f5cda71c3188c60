//! Ethernet (IEEE 802.3).

use super::ethertype;
use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};

/// Destination, source, and what follows: an EtherType or a length.
#[inline]
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<14>("ethernet")?;
    ethertype::decode(walk, be16(header, 12), payload)
}
