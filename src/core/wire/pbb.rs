//! Provider backbone bridges, MAC-in-MAC (IEEE 802.1ah).
//!
//! The header is not part of a flow's scope, like a VLAN tag: a capture of both sides of a bridge shows one flow
//! under two headers.

use super::ethernet;
use super::rest::Rest;
use super::walk::{Outcome, Walk};

const LAYER: &str = "pbb";

/// Passes priority and service identifier. The customer's addresses follow, as the beginning of an Ethernet frame.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let frame = rest.skip(4, LAYER)?;
    walk.deeper(frame, LAYER)?;
    ethernet::decode(walk, frame)
}
