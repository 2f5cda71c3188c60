//! PPP (RFC 1661), with address and control fields (RFC 1662) or without.

use super::rest::Rest;
use super::walk::{Outcome, Walk};
use super::{ipv4, ipv6, mpls, reason};
use crate::segment::Decoded::Other;

const LAYER: &str = "ppp";
const ALL_STATIONS: u8 = 0xff;
const UNNUMBERED_INFORMATION: u8 = 0x03;

/// Decodes a packet behind its protocol number. The ends may agree to compress an odd number into one byte (RFC 1661,
/// 6.5), and to leave out address and control fields (6.6).
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let rest = match *rest.data {
        [ALL_STATIONS, UNNUMBERED_INFORMATION, ..] => rest.skip(2, LAYER)?,
        // A lone byte 0xff is a cut address field: no protocol has this number.
        [ALL_STATIONS] => return Err(rest.short(LAYER, 2)),
        _ => rest,
    };
    let (&[first], after_one) = rest.header::<1>(LAYER)?;
    if first & 1 == 1 {
        return protocol(walk, u16::from(first), after_one);
    }
    let (&number, after_two) = rest.header::<2>(LAYER)?;
    protocol(walk, u16::from_be_bytes(number), after_two)
}

/// Passes a byte for the direction in front of PPP.
pub fn decode_with_direction(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    decode(walk, rest.skip(1, LAYER)?)
}

/// Decodes a frame of Linux' pppd, which writes the direction in place of the address field.
pub fn decode_pppd(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    match *rest.data {
        [0 | 1, UNNUMBERED_INFORMATION, ..] => decode(walk, rest.skip(2, LAYER)?),
        [0 | 1] => Err(rest.short(LAYER, 2)),
        _ => decode(walk, rest),
    }
}

/// Decodes a packet by its number in the PPP registry (IANA "PPP DLL Protocol Numbers").
fn protocol(walk: &mut Walk<'_>, number: u16, rest: Rest<'_>) -> Outcome {
    match number {
        0x0021 => ipv4::decode(walk, rest),
        0x0057 => ipv6::decode(walk, rest),
        0x0281 | 0x0283 => mpls::decode(walk, rest),
        // Van Jacobson's header compression (RFC 1144), and compression of whole packets (RFC 1962).
        0x002d | 0x002f | 0x00fb | 0x00fd => Err(rest.fault(LAYER, reason::COMPRESSED)),
        0x0023 => Ok(Other("osi")),
        0x0029 => Ok(Other("appletalk")),
        0x002b => Ok(Other("ipx")),
        0x0031 => Ok(Other("ppp bridging")),
        0x003d => Ok(Other("ppp multilink")),
        0x0053 | 0x0055 => Ok(Other("ppp encrypted")),
        0x0207 => Ok(Other("cdp")),
        0x8000.. => Ok(Other("ppp control")),
        _ => Err(rest.fault(LAYER, reason::UNKNOWN_PROTOCOL)),
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::reason;
    use crate::wire::testing::{decode, fault, hex, other};

    #[test]
    fn a_protocol_other_than_ip_is_counted_by_name() {
        assert_eq!(other(decode(9, &hex("ff03 c021 0101 0004"))), "ppp control");
        assert_eq!(other(decode(9, &hex("8021 0101 0004"))), "ppp control");
        assert_eq!(other(decode(9, &hex("3d c0 000001 0021"))), "ppp multilink");
        assert_eq!(fault(decode(9, &hex("002d 45 00"))).reason, reason::COMPRESSED);
        assert_eq!(fault(decode(9, &hex("0200 45 00"))).reason, reason::UNKNOWN_PROTOCOL);
    }
}
