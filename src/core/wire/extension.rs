//! The extension headers of IPv6 (RFC 8200, 4), all but the fragment header, and of IPv4 the one
//! that it has, too.

use super::rest::Rest;
use crate::segment::Undecodable;

/// The header that may hold a jumbogram's length, and is the first where there is one.
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

/// Passes a header unread: the number of the next, and what that begins with. `None` where `number`
/// is no extension header.
#[inline]
pub fn pass(number: u8, rest: Rest<'_>) -> Result<Option<(u8, Rest<'_>)>, Undecodable> {
    match number {
        HOP_BY_HOP | ROUTING | DESTINATION | MOBILITY | HIP | SHIM6 => pass_units(rest, 8, 1).map(Some),
        AUTHENTICATION => authentication(rest).map(Some),
        _ => Ok(None),
    }
}

/// Whether a header may name other addresses than the IP header's, which then count for checksums: a route's last (RFC 8200,
/// 8.1), a mobile node's home (RFC 6275, 6.3 and 6.4).
pub const fn may_change_addresses(number: u8) -> bool {
    matches!(number, ROUTING | DESTINATION | HIP | SHIM6)
}

/// Passes an authentication header: the number of the next, and what that begins with.
pub fn authentication(rest: Rest<'_>) -> Result<(u8, Rest<'_>), Undecodable> {
    // Its length counts words, without the first two (RFC 4302, 2.2).
    pass_units(rest, 4, 2)
}

fn pass_units(rest: Rest<'_>, unit: usize, uncounted: usize) -> Result<(u8, Rest<'_>), Undecodable> {
    const LAYER: &str = "extension header";
    let (&[next, units], _) = rest.header::<2>(LAYER)?;
    Ok((next, rest.skip((usize::from(units) + uncounted) * unit, LAYER)?))
}
