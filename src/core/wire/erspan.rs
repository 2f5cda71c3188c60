//! ERSPAN: mirrored frames in GRE (draft-foschiano-erspan).

use super::rest::{Rest, be16};
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};
use super::{ethernet, raw};
use crate::segment::Decoded::Other;

const LAYER: &str = "erspan";

/// Decodes type I, which has no header of its own.
pub fn decode_i(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    walk.enter(Kind::Erspan, 0, rest)?;
    ethernet::decode(walk, rest)
}

/// Decodes type II, which has a header of eight bytes: version, VLAN, session, index.
pub fn decode_ii(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    decode_i(walk, rest.skip(8, LAYER)?)
}

/// Decodes type III, which adds a timestamp and the kind of the frame and, if the last bit is set, a header of the
/// platform.
pub fn decode_iii(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    const ETHERNET: u16 = 0;
    const IP: u16 = 2;
    let (header, after) = rest.header::<12>(LAYER)?;
    let properties = be16(header, 10);
    let frame = if properties & 1 == 0 { after } else { after.skip(8, LAYER)? };
    match properties >> 10 & 0x1f {
        ETHERNET => decode_i(walk, frame),
        IP => {
            walk.enter(Kind::Erspan, 0, frame)?;
            raw::decode(walk, frame)
        }
        _ => Ok(Other("erspan")),
    }
}
