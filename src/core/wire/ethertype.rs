//! The payload of a header that names it by EtherType (IEEE 802 numbers), or by a length in
//! its place.

use super::rest::Rest;
use super::walk::{Outcome, Walk};
use super::{ethernet, fabricpath, ipv4, ipv6, llc, mpls, pbb, ppp, pppoe, reason, vlan};
use crate::segment::Decoded::Other;

pub const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;

/// Decodes what follows, by its number.
#[inline]
pub fn decode(walk: &mut Walk<'_>, number: u16, rest: Rest<'_>) -> Outcome {
    match number {
        IPV4 => ipv4::decode(walk, rest),
        IPV6 => ipv6::decode(walk, rest),
        _ => decode_others(walk, number, rest),
    }
}

fn decode_others(walk: &mut Walk<'_>, number: u16, rest: Rest<'_>) -> Outcome {
    match number {
        // A length (IEEE 802.3, 3.2.6).
        0..=1500 => llc::decode(walk, rest.at_most(u32::from(number))),
        tag if vlan::tag_length(tag).is_some() => vlan::decode(walk, tag, rest),
        0x8847 | 0x8848 => mpls::decode(walk, rest),
        0x8864 => pppoe::decode(walk, rest),
        0x88e7 => pbb::decode(walk, rest),
        0x8903 => fabricpath::decode(walk, rest),
        0x880b => ppp::decode(walk, rest),
        // Transparent Ethernet bridging: tunnels, and Linux' devices for them, name an inner Ethernet frame by this
        // number.
        0x6558 => {
            walk.deeper(rest, "ethernet")?;
            ethernet::decode(walk, rest)
        }
        _ => match name(number) {
            Some(name) => Ok(Other(name)),
            None => Err(rest.fault("ethertype", reason::UNKNOWN_PROTOCOL)),
        },
    }
}

/// Protocols that carry no TCP, or none that can be read.
const fn name(number: u16) -> Option<&'static str> {
    Some(match number {
        0x0806 => "arp",
        0x0842 => "wake-on-lan",
        0x2000 => "cdp",
        0x2001 => "nhrp",
        0x22f0 => "avtp",
        0x22f3 => "trill",
        0x6001..=0x6007 => "decnet",
        0x8035 => "rarp",
        0x809b | 0x80f3 => "appletalk",
        0x8137 | 0x8138 => "ipx",
        0x8808 => "pause",
        0x8809 => "slow protocols",
        0x8863 => "pppoe discovery",
        0x886d => "intel ans",
        0x886f => "msnlb",
        0x887b => "homeplug",
        0x888e => "eapol",
        0x8892 => "profinet",
        0x8899 => "realtek",
        0x889a => "hyperscsi",
        0x88a2 => "ata over ethernet",
        0x88a4 => "ethercat",
        0x88ab => "powerlink",
        0x88b5..=0x88b7 => "experimental",
        0x88b8 => "goose",
        0x88ba => "sampled values",
        0x88c7 => "802.11 preauthentication",
        0x88ca => "tipc",
        0x88cc => "lldp",
        0x88cd => "sercos",
        0x88e1 => "homeplug av",
        0x88e3 => "mrp",
        0x88e5 => "macsec",
        0x88f5 => "mvrp",
        0x88f6 => "mmrp",
        0x88f7 => "ptp",
        0x88fb => "prp",
        0x8902 => "cfm",
        0x8906 => "fcoe",
        0x8914 => "fip",
        0x8915 => "roce",
        0x891d => "tte",
        0x892f => "hsr",
        0x893a => "ieee 1905",
        0x8947 => "geonetworking",
        0x9000 => "loopback",
        _ => return None,
    })
}

/// Whether `decode` knows a number: a hint for bytes that may be an EtherType or something else.
pub const fn is_known(number: u16) -> bool {
    matches!(number, IPV4 | IPV6 | 0x8847 | 0x8848 | 0x8864 | 0x88e7 | 0x8903)
        || vlan::tag_length(number).is_some()
        || name(number).is_some()
}
