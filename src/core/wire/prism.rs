//! The Prism II capture header of 802.11: always 144 bytes, in the byte order of the driver.

use super::rest::{Rest, be32};
use super::walk::{Outcome, Walk};
use super::{avs, ieee80211};

const LAYER: &str = "prism";

/// Passes the header unread. Some drivers write AVS headers under this link type.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, _) = rest.header::<4>(LAYER)?;
    if avs::is_one(be32(header, 0)) {
        return avs::decode(walk, rest);
    }
    ieee80211::decode(walk, rest.skip(144, LAYER)?)
}
