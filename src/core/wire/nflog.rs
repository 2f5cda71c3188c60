//! NFLOG: packets that Linux' netfilter logged. The packet is one of several attributes.

use super::raw;
use super::reason;
use super::rest::Rest;
use super::walk::{Outcome, Walk};
use crate::segment::Decoded::Other;

const LAYER: &str = "nflog";
const PAYLOAD: u16 = 9;
/// Bytes of an attribute's length and type.
const ATTRIBUTE: u16 = 4;

/// Finds the packet among the attributes. They follow family, version and group, and are padded to 32-bit words.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (_, mut rest) = rest.header::<4>(LAYER)?;
    while rest.length > 0 {
        let (attribute, value) = rest.header::<4>(LAYER)?;
        let (length, kind) = length_and_type(*attribute);
        let Some(value_length) = length.checked_sub(ATTRIBUTE) else {
            return Err(rest.fault(LAYER, reason::HEADER_TOO_SHORT));
        };
        if kind == PAYLOAD {
            return raw::decode(walk, value.at_most(u32::from(value_length)));
        }
        rest = rest.skip(usize::from(length).next_multiple_of(4), LAYER)?;
    }
    Ok(Other("nflog"))
}

/// The length and the type of an attribute, in the byte order of the capturing host. Types are below 256: the place
/// of their zero byte tells the order.
fn length_and_type(attribute: [u8; 4]) -> (u16, u16) {
    let [a, b, c, d] = attribute;
    if c == 0 && d != 0 {
        (u16::from_be_bytes([a, b]), u16::from(d))
    } else {
        (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]))
    }
}

#[cfg(test)]
mod tests {
    use crate::wire::reason;
    use crate::wire::testing::{decode, fault, hex, other};

    #[test]
    fn a_log_may_lack_the_packet() {
        assert_eq!(other(decode(239, &hex("02 00 0000 0500 0a00 00000000"))), "nflog");
    }

    #[test]
    fn an_attribute_shorter_than_its_header_is_a_fault() {
        assert_eq!(fault(decode(239, &hex("02 00 0000 0000 0a00"))).reason, reason::HEADER_TOO_SHORT);
    }
}
