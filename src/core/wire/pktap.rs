//! PKTAP: Darwin's header for captures on all interfaces.

use super::link;
use super::reason;
use super::rest::{Rest, octets};
use super::walk::{Outcome, Walk};
use crate::frame::LinkType;
use crate::segment::Decoded::Other;

const LAYER: &str = "pktap";

/// Decodes the frame behind the header, which begins with its length, record type and link type, in little-endian order.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    const PACKET: u32 = 1;
    let (header, _) = rest.header::<12>(LAYER)?;
    let [length, record, link] = [0, 4, 8].map(|at| u32::from_le_bytes(octets(header, at)));
    if record != PACKET {
        return Ok(Other("pktap"));
    }
    let frame = rest.skip((length as usize).max(12), LAYER)?;
    let Ok(link) = u16::try_from(link) else {
        return Err(rest.fault(LAYER, reason::UNKNOWN_LINK));
    };
    walk.deeper(frame, LAYER)?;
    link::decode(walk, LinkType(link), frame)
}
