//! IPNET: Solaris' captures between its zones.

use super::raw;
use super::rest::Rest;
use super::walk::{Outcome, Walk};

/// Version, family, type, length, interfaces and zones; the packet says its own family.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    raw::decode(walk, rest.skip(24, "ipnet")?)
}
