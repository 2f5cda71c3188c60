//! NFLOG: what Linux' netfilter logged, as attributes of which one is the packet.

use super::raw;
use super::reason;
use super::rest::Rest;
use super::walk::{Outcome, Walk};
use crate::segment::Decoded::Other;

const LAYER: &str = "nflog";
const PAYLOAD: u16 = 9;
/// Length and type.
const ATTRIBUTE: u16 = 4;

/// Family, version and group, then attributes, padded to whole words.
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

/// Both in the byte order of the host that captured: types are small, so it shows.
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
    fn an_attribute_has_a_length() {
        assert_eq!(fault(decode(239, &hex("02 00 0000 0000 0a00"))).reason, reason::HEADER_TOO_SHORT);
    }
}
