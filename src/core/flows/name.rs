//! The name by which a segment's connection is found.

use super::places::Hash32;
use super::slab::{NOWHERE, Place};
use crate::tcp::side::Side;

/// The key of a segment's connection, and which of its ends sent the segment.
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
