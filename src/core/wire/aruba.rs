//! Aruba's GRE: frames of 802.11 between a wireless access point and its controller.

use super::ieee80211;
use super::rest::Rest;
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};

/// Whether a GRE protocol type is one of Aruba's: each kind of radio and traffic has its own.
pub const fn is_named_by(number: u16) -> bool {
    matches!(number, 0x8200..=0x8370 if number & 0x0f == 0) || number == 0x9000
}

/// Decodes the 802.11 frame, which follows the GRE header at once.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    walk.enter(Kind::Gre, 0, rest)?;
    ieee80211::decode(walk, rest)
}
