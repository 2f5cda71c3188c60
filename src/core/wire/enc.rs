//! ENC: packets on OpenBSD's `enc` interface, which shows IPsec traffic in the clear.

use super::null;
use super::rest::Rest;
use super::walk::{Outcome, Walk};

/// Passes the header: address family (in the byte order of the host), security parameter index and flags.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (_, packet) = rest.header::<12>("enc")?;
    let (family, _) = rest.header::<4>("enc")?;
    null::decode_family(walk, null::either_order(*family), packet)
}
