//! Cisco's FabricPath: Ethernet in Ethernet, between the switches of one fabric.
//!
//! The header is not part of a flow's scope, like a VLAN tag: a capture of both sides of a switch shows one flow
//! under two headers.

use super::ethernet;
use super::rest::Rest;
use super::walk::{Outcome, Walk};

const LAYER: &str = "fabricpath";

/// Passes the tree and the time to live. An Ethernet frame follows.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let frame = rest.skip(2, LAYER)?;
    walk.deeper(frame, LAYER)?;
    ethernet::decode(walk, frame)
}
