//! The AVS capture header of 802.11 (version 1), forerunner of radiotap.

use super::ieee80211;
use super::rest::{Rest, be32};
use super::walk::{Outcome, Walk};

const LAYER: &str = "avs";

/// Whether a header begins with AVS' magic number.
pub const fn is_one(magic: u32) -> bool {
    magic & 0xffff_f000 == 0x8021_1000
}

/// Magic number, and the header's length.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, _) = rest.header::<8>(LAYER)?;
    ieee80211::decode(walk, rest.skip(be32(header, 4) as usize, LAYER)?)
}
