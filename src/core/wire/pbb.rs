//! Provider backbone bridges, MAC-in-MAC (IEEE 802.1ah).
//!
//! Like a VLAN's tag it is no tunnel to wirestat: a capture of both sides of a bridge shows one flow under two of them.

use super::ethernet;
use super::rest::Rest;
use super::walk::{Outcome, Walk};

const LAYER: &str = "pbb";

/// Priority and service identifier; the customer's addresses are the beginning of a frame.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let frame = rest.skip(4, LAYER)?;
    walk.deeper(frame, LAYER)?;
    ethernet::decode(walk, frame)
}
