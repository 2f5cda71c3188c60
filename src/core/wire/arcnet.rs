//! ARCNET, with the encapsulation of RFC 1201 or RFC 1051.

use super::rest::Rest;
use super::walk::{Outcome, Walk};
use super::{ipv4, ipv6, reason};
use crate::segment::Decoded::Other;

const LAYER: &str = "arcnet";

// Protocol numbers of RFC 1051: the packet follows at once.
const OLD_IP: u8 = 240;
const OLD_ARP: u8 = 241;
// Protocol numbers of RFC 1201: a split flag and a sequence number stand in front of the packet.
const IP: u8 = 212;
const ARP: u8 = 213;
const REVERSE_ARP: u8 = 214;
const IPV6: u8 = 196;
const NOVELL_IPX: u8 = 250;

/// Decodes a frame as the BSDs capture it: two addresses of one byte each, then the protocol number.
pub fn decode_bsd(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (&[_, _, kind], after) = rest.header::<3>(LAYER)?;
    decode_kind(walk, kind, after)
}

/// Decodes a frame as Linux captures it: the hardware's offset stands between the addresses and the protocol number.
pub fn decode_linux(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (&[_, _, _, _, kind], after) = rest.header::<5>(LAYER)?;
    decode_kind(walk, kind, after)
}

fn decode_kind(walk: &mut Walk<'_>, kind: u8, rest: Rest<'_>) -> Outcome {
    match kind {
        OLD_IP => ipv4::decode(walk, rest),
        OLD_ARP | ARP => Ok(Other("arp")),
        REVERSE_ARP => Ok(Other("rarp")),
        NOVELL_IPX => Ok(Other("ipx")),
        IP | IPV6 => decode_split(walk, kind, rest),
        _ => Err(rest.fault(LAYER, reason::UNKNOWN_PROTOCOL)),
    }
}

/// Decodes a packet that may be split over several frames. The first frame is read like a frame cut short. The others
/// hold no IP header.
fn decode_split(walk: &mut Walk<'_>, kind: u8, rest: Rest<'_>) -> Outcome {
    const EXCEPTION: u8 = 0xff;
    const LATER: u8 = 0;
    let (&[mut split, ..], mut payload) = rest.header::<3>(LAYER)?;
    if split == EXCEPTION {
        // An exception frame: the hardware cannot send every length, so padding in the shape of a header comes first.
        // The real header follows.
        let (header, after) = payload.header::<4>(LAYER)?;
        (split, payload) = (header[1], after);
    }
    match (split & 1, kind) {
        (LATER, _) if split != 0 => Ok(Other("arcnet fragment")),
        (_, IPV6) => ipv6::decode(walk, payload),
        _ => ipv4::decode(walk, payload),
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::testing::{decode, hex, other};

    #[test]
    fn a_frame_without_a_packet_is_counted_by_name() {
        assert_eq!(other(decode(7, &hex("01 02 d5 00 0001"))), "arp");
        assert_eq!(other(decode(129, &hex("01 02 0000 d4 02 0001 4500"))), "arcnet fragment");
    }
}
