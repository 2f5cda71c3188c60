//! PFLOG: packets that the BSDs' packet filter logged.

use super::null;
use super::rest::Rest;
use super::walk::{Outcome, Walk};

const LAYER: &str = "pflog";

/// Passes the header, which gives the address family. Its length field does not count the padding to 32-bit words.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (&[length, family], _) = rest.header::<2>(LAYER)?;
    let packet = rest.skip(usize::from(length).next_multiple_of(4), LAYER)?;
    null::decode_family(walk, u32::from(family), packet)
}
