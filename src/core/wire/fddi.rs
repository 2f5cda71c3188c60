//! FDDI (ANSI X3.139).

use super::llc;
use super::rest::Rest;
use super::walk::{Outcome, Walk};
use crate::segment::Decoded::Other;

/// Passes frame control and addresses. In data frames, LLC follows.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    const KIND: u8 = 0x70;
    const LLC: u8 = 0x50;
    let (header, payload) = rest.header::<13>("fddi")?;
    match header[0] & KIND {
        LLC => llc::decode(walk, payload),
        _ => Ok(Other("fddi")),
    }
}
