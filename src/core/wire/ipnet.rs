//! IPNET: Solaris' captures between its zones.

use super::raw;
use super::rest::Rest;
use super::walk::{Outcome, Walk};

/// Passes the header: version, family, type, length, interfaces and zones. The packet's own version gives its family.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    raw::decode(walk, rest.skip(24, "ipnet")?)
}
