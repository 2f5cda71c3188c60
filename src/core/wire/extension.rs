//! The extension headers of IPv6 (RFC 8200, 4) except the fragment header. IPv4 has one of them, too: authentication.

use super::rest::Rest;
use crate::segment::Undecodable;

/// Hop-by-hop options: always the first extension header. They may hold a jumbogram's length.
pub const HOP_BY_HOP: u8 = 0;
/// The header in front of a fragment.
pub const FRAGMENT: u8 = 44;
/// Authentication: it leaves what follows readable (RFC 4302).
pub const AUTHENTICATION: u8 = 51;

const ROUTING: u8 = 43;
const DESTINATION: u8 = 60;
const MOBILITY: u8 = 135;
const HIP: u8 = 139;
const SHIM6: u8 = 140;

/// Skips an extension header. Returns the number of the next header, and the bytes from there on; `None` if `number`
/// is not that of an extension header.
#[inline]
pub fn pass(number: u8, rest: Rest<'_>) -> Result<Option<(u8, Rest<'_>)>, Undecodable> {
    match number {
        HOP_BY_HOP | ROUTING | DESTINATION | MOBILITY | HIP | SHIM6 => pass_units(rest, 8, 1).map(Some),
        AUTHENTICATION => authentication(rest).map(Some),
        _ => Ok(None),
    }
}

/// Whether an extension header may name an address that replaces one of the IP header's in checksums: the last one of
/// a route (RFC 8200, 8.1), or a mobile node's home (RFC 6275, 6.3 and 6.4).
pub const fn may_change_addresses(number: u8) -> bool {
    matches!(number, ROUTING | DESTINATION | HIP | SHIM6)
}

/// Skips an authentication header. Returns the number of the next header, and the bytes from there on.
pub fn authentication(rest: Rest<'_>) -> Result<(u8, Rest<'_>), Undecodable> {
    // The length field counts 32-bit words, less two (RFC 4302, 2.2).
    pass_units(rest, 4, 2)
}

fn pass_units(rest: Rest<'_>, unit: usize, uncounted: usize) -> Result<(u8, Rest<'_>), Undecodable> {
    const LAYER: &str = "extension header";
    let (&[next, units], _) = rest.header::<2>(LAYER)?;
    Ok((next, rest.skip((usize::from(units) + uncounted) * unit, LAYER)?))
}
