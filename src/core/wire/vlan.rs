//! VLAN tags (IEEE 802.1Q) and similar tags between Ethernet's addresses and its payload, in any number and order.
//!
//! Tags are not part of a flow's scope: a capture of both sides of a router shows one flow under
//! two of them.

use super::ethertype;
use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};

const LAYER: &str = "vlan";

/// The bytes of a tag between its own EtherType and the next one; `None` if `number` is not the EtherType of a tag.
pub const fn tag_length(number: u16) -> Option<usize> {
    match number {
        // Customer tags, service tags, and the numbers that equipment used before 802.1ad.
        0x8100 | 0x88a8 | 0x9100 | 0x9200 => Some(2),
        // VN-tag, of virtual interfaces.
        0x8926 => Some(4),
        // E-tag (IEEE 802.1BR), and Cisco's metadata.
        0x893f | 0x8909 => Some(6),
        _ => None,
    }
}

/// Reads every tag of the stack; `rest` begins behind the first tag's EtherType.
pub fn decode(walk: &mut Walk<'_>, number: u16, rest: Rest<'_>) -> Outcome {
    let (mut number, mut rest) = (number, rest);
    while let Some(length) = tag_length(number) {
        let (next, payload) = rest.skip(length, LAYER)?.header::<2>(LAYER)?;
        (number, rest) = (be16(next, 0), payload);
    }
    ethertype::decode(walk, number, rest)
}

#[cfg(test)]
mod tests {
    use crate::wire::reason;
    use crate::wire::testing::{ETHERNET, decode, decode_cut, ethernet, fault, hex, other};

    #[test]
    fn a_tag_may_stand_before_a_length() {
        assert_eq!(other(decode(ETHERNET, &ethernet(0x8100, &hex("0064 0003 424203")))), "stp");
    }

    #[test]
    fn a_tag_cut_off_is_a_fault() {
        let frame = ethernet(0x8100, &hex("0064 0800 45"));
        let fault = fault(decode_cut(ETHERNET, &frame, 15));
        assert_eq!((fault.layer, fault.reason, fault.offset), ("vlan", reason::CUT_SHORT, 14));
    }
}
