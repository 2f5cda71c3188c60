//! IP over InfiniBand (RFC 4391). libpcap puts a global routing header in front, whether the frame had one or not.

use super::ethertype;
use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};

/// Passes the routing header. An EtherType and two reserved bytes follow.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<44>("ipoib")?;
    ethertype::decode(walk, be16(header, 40), payload)
}
