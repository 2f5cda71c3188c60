//! ENC: OpenBSD's IPsec, seen from inside.

use super::null;
use super::rest::Rest;
use super::walk::{Outcome, Walk};

/// Address family, in the byte order of the host, security parameter index and flags.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (_, packet) = rest.header::<12>("enc")?;
    let (family, _) = rest.header::<4>("enc")?;
    null::decode_family(walk, null::either_order(*family), packet)
}
