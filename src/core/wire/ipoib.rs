//! IP over InfiniBand (RFC 4391): libpcap has a global routing header in front, real or not.

use super::ethertype;
use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};

/// The routing header, an EtherType and two reserved bytes.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<44>("ipoib")?;
    ethertype::decode(walk, be16(header, 40), payload)
}
