//! What a segment's connection is found by.

use super::places::Hash32;
use super::slab::{NOWHERE, Place};
use crate::tcp::side::Side;

/// What the connection of a segment is found by, and which of its ends sent it.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// The hash of its key.
    pub hash: Hash32,
    /// Who sent the segment.
    pub from: Side,
    /// Where it most likely is.
    pub guess: Place,
}

impl Name {
    /// That of what is no segment.
    pub const NONE: Self = Self { hash: 0, from: Side::Low, guess: NOWHERE };
}
