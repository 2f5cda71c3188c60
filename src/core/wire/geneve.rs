//! GENEVE (RFC 8926).

use super::ethertype;
use super::rest::{Rest, be16, be24};
use super::tunnel::Kind;
use super::walk::{Outcome, Walk};

const LAYER: &str = "geneve";
const OPTIONS_LENGTH: u8 = 0x3f;

/// Whether the header may be GENEVE's: version 0, and reserved bits of zero.
pub fn looks_right(header: &[u8; 8], _length: u32) -> bool {
    header[0] >> 6 == 0 && header[1] & 0x3f == 0 && header[7] == 0
}

/// Decodes the payload behind the options. The header gives the options' length, the payload's EtherType and the
/// network's identifier.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, options) = rest.header::<8>(LAYER)?;
    let payload = options.skip(usize::from(header[0] & OPTIONS_LENGTH) * 4, LAYER)?;
    walk.enter(Kind::Geneve, be24(header, 4), payload)?;
    ethertype::decode(walk, be16(header, 2), payload)
}
