//! Linux "cooked" captures, versions 1 and 2: what the `any` device gives in place of a link header.

use super::rest::{Rest, be16};
use super::walk::{Outcome, Walk};
use super::{ethertype, llc};
use crate::segment::Decoded::Other;

/// Decodes version 1: packet type, device type, address, protocol.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<16>("sll")?;
    protocol(walk, be16(header, 2), be16(header, 14), payload)
}

/// Decodes version 2: protocol, interface, device type, packet type, address.
pub fn decode_v2(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (header, payload) = rest.header::<20>("sll2")?;
    protocol(walk, be16(header, 8), be16(header, 0), payload)
}

/// An EtherType, or one of Linux' own numbers below them (`linux/if_ether.h`); what the number
/// means can depend on the device (`linux/if_arp.h`).
fn protocol(walk: &mut Walk<'_>, device: u16, protocol: u16, rest: Rest<'_>) -> Outcome {
    const NETLINK: u16 = 824;
    match (device, protocol) {
        (NETLINK, _) => Ok(Other("netlink")),
        (_, 0x0001) => Ok(Other("ipx")),
        (_, 0x0004) => llc::decode(walk, rest),
        (_, 0x000c..=0x000e) => Ok(Other("can")),
        (_, 0..=0x05ff) => Ok(Other("linux cooked")),
        _ => ethertype::decode(walk, protocol, rest),
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::testing::{decode, hex, other};

    #[test]
    fn a_protocol_other_than_ip_is_counted_by_name() {
        let name = |device, protocol| {
            other(decode(113, &hex(&format!("0000 {device} 0006 020000000001 0000 {protocol} 00000000"))))
        };
        assert_eq!(name("0338", "0800"), "netlink");
        assert_eq!(name("0118", "000c"), "can");
        assert_eq!(name("0001", "0001"), "ipx");
        assert_eq!(name("0001", "0806"), "arp");
        assert_eq!(name("0001", "00f6"), "linux cooked");
    }
}
