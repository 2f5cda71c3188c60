//! SLIP (RFC 1055), as BSD captures it: without its framing, and with headers that are no longer
//! compressed.

use super::raw;
use super::rest::Rest;
use super::walk::{Outcome, Walk};

/// Passes a byte for the direction, and the room for a compressed header.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    raw::decode(walk, rest.skip(16, "slip")?)
}
