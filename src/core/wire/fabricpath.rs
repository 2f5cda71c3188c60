//! Cisco's FabricPath: Ethernet in Ethernet, between the switches of one fabric.
//!
//! Like a VLAN's tag it is no tunnel to wirestat: a capture of both sides of a switch shows one flow under two of them.

use super::ethernet;
use super::rest::Rest;
use super::walk::{Outcome, Walk};

const LAYER: &str = "fabricpath";

/// The tree and the time to live, and the frame.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let frame = rest.skip(2, LAYER)?;
    walk.deeper(frame, LAYER)?;
    ethernet::decode(walk, frame)
}
