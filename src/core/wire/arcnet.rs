//! ARCNET, with the encapsulation of RFC 1201 or RFC 1051.

use super::rest::Rest;
use super::walk::{Outcome, Walk};
use super::{ipv4, ipv6, reason};
use crate::segment::Decoded::Other;

const LAYER: &str = "arcnet";

// RFC 1051's numbers: no more header follows.
const OLD_IP: u8 = 240;
const OLD_ARP: u8 = 241;
// RFC 1201's: flags for fragments and a sequence number follow.
const IP: u8 = 212;
const ARP: u8 = 213;
const REVERSE_ARP: u8 = 214;
const IPV6: u8 = 196;
const NOVELL_IPX: u8 = 250;

/// Addresses and type, as the BSDs capture them.
pub fn decode_bsd(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (&[_, _, kind], after) = rest.header::<3>(LAYER)?;
    decode_kind(walk, kind, after)
}

/// The same with the hardware's offset between them, as Linux does.
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

/// A packet may be split over several frames. The first is read like a frame cut short; the others
/// hold no header of ours.
fn decode_split(walk: &mut Walk<'_>, kind: u8, rest: Rest<'_>) -> Outcome {
    const EXCEPTION: u8 = 0xff;
    const LATER: u8 = 0;
    let (&[mut split, ..], mut payload) = rest.header::<3>(LAYER)?;
    if split == EXCEPTION {
        // Padding in the shape of a header, where the length would be one that the hardware cannot send.
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
    fn a_frame_without_a_packet_has_a_name() {
        assert_eq!(other(decode(7, &hex("01 02 d5 00 0001"))), "arp");
        assert_eq!(other(decode(129, &hex("01 02 0000 d4 02 0001 4500"))), "arcnet fragment");
    }
}
