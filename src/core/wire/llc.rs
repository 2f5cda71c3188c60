//! Logical link control (IEEE 802.2) and SNAP (RFC 1042).

use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};
use super::{ethertype, ipv4};
use crate::segment::Decoded::Other;

const LAYER: &str = "llc";
const UNNUMBERED_INFORMATION: u8 = 0x03;

/// Decodes the payload behind service access points and control field.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<3>(LAYER)?;
    match *header {
        [0xaa, 0xaa, UNNUMBERED_INFORMATION] => snap(walk, payload),
        [0x06, 0x06, UNNUMBERED_INFORMATION] => ipv4::decode(walk, payload),
        [0x42, 0x42, _] => Ok(Other("stp")),
        [0xe0, 0xe0, _] => Ok(Other("ipx")),
        // Novell's raw 802.3: IPX follows the length at once. Its checksum is all ones.
        [0xff, 0xff, _] => Ok(Other("ipx")),
        [0xf0, 0xf0 | 0xf1, _] => Ok(Other("netbios")),
        [0xfe, 0xfe, _] => Ok(Other("osi")),
        _ => Ok(Other("llc")),
    }
}

/// Decodes the payload behind an organization's code and its protocol number.
pub fn snap(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<5>("snap")?;
    let number = be16(header, 3);
    match *header {
        // Zero stands for EtherTypes (RFC 1042), and so does 00-00-F8 (IEEE 802.1H).
        [0, 0, 0 | 0xf8, ..] => {
            walk.deeper(payload, "snap")?;
            ethertype::decode(walk, number, payload)
        }
        [0, 0, 0x0c, 0x01, 0x0b] => Ok(Other("pvst")),
        [0, 0, 0x0c, 0x20, _] => Ok(Other("cdp")),
        _ => Ok(Other("snap")),
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::testing::{ETHERNET, decode, ethernet, hex, other};

    #[test]
    fn a_protocol_other_than_ip_is_counted_by_name() {
        let table = [
            ("424203 0000", "stp"),
            ("aaaa03 00000c 2000", "cdp"),
            ("aaaa03 00000c 010b", "pvst"),
            ("aaaa03 080007 809b", "snap"),
            ("aaaa03 000000 0806", "arp"),
            ("fefe03 83", "osi"),
            ("ffff 0000", "ipx"),
            ("f0f003", "netbios"),
            ("0400af", "llc"),
        ];
        for (frame, name) in table {
            let frame = hex(frame);
            assert_eq!(other(decode(ETHERNET, &ethernet(frame.len() as u16, &frame))), name, "{name}");
        }
    }
}
