//! VLAN tags (IEEE 802.1Q), any number of them: 802.1ad service tags and their forerunners have the same layout.
//!
//! The tag is not part of a flow's scope: a capture of both sides of a router shows one flow under two tags.

use super::ethertype;
use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};

/// Reads every tag of the stack; `rest` begins behind the first tag's EtherType.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let mut rest = rest;
    loop {
        let (tag, payload) = rest.header::<4>("vlan")?;
        let number = be16(tag, 2);
        if !is_tag(number) {
            return ethertype::decode(walk, number, payload);
        }
        rest = payload;
    }
}

/// Customer tags, service tags, and the numbers that equipment used before 802.1ad.
pub const fn is_tag(number: u16) -> bool {
    matches!(number, 0x8100 | 0x88a8 | 0x9100 | 0x9200)
}
