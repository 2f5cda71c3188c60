//! The name by which a segment's connection is found.

use super::places::Hash32;
use super::slab::{NOWHERE, Place};
use crate::tcp::side::Side;

/// The key of a segment's connection, and which of its ends sent the segment.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// The hash of its key.
    pub hash: Hash32,
    /// Where it most likely is.
    pub guess: Place,
    /// Who sent the segment.
    pub from: Side,
    /// Whether the segment opens, closes or resets.
    pub ends_or_opens: bool,
    /// Whether the segment only adds data. Any other may add to the log of its connection, or settle an entry there: it opens,
    /// closes or resets, or acknowledges one of those.
    pub adds_only_data: bool,
}

impl Name {
    /// That of what is no segment.
    pub const NONE: Self =
        Self { hash: 0, guess: NOWHERE, from: Side::Low, ends_or_opens: false, adds_only_data: true };
}
