//! Per-packet information: fields, and a frame of any link type behind them.

use super::link;
use super::reason;
use super::rest::Rest;
use super::walk::{Outcome, Walk};
use crate::frame::LinkType;

const LAYER: &str = "ppi";

/// Decodes the frame behind version, flags, length, link type and fields.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (&[_, _, low, high, link @ ..], _) = rest.header::<8>(LAYER)?;
    let frame = rest.skip(usize::from(u16::from_le_bytes([low, high])).max(8), LAYER)?;
    let Ok(link) = u16::try_from(u32::from_le_bytes(link)) else {
        return Err(rest.fault(LAYER, reason::UNKNOWN_LINK));
    };
    walk.deeper(frame, LAYER)?;
    link::decode(walk, LinkType(link), frame)
}
