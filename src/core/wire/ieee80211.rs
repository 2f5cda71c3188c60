//! IEEE 802.11: data frames are decoded, all others only named.

use super::llc;
use super::rest::Rest;
use super::walk::{Outcome, Walk};
use crate::segment::Decoded::Other;

const LAYER: &str = "802.11";

// Frame control, first byte (IEEE 802.11, 9.2.4.1).
const TYPE: u8 = 0x0c;
const MANAGEMENT: u8 = 0x00;
const CONTROL: u8 = 0x04;
const DATA: u8 = 0x08;
const WITHOUT_DATA: u8 = 0x40;
const QUALITY_OF_SERVICE: u8 = 0x80;
// Second byte.
const BOTH_SYSTEMS: u8 = 0x03;
const PROTECTED: u8 = 0x40;
const HIGH_THROUGHPUT: u8 = 0x80;
// Quality of service, first byte.
const AGGREGATE: u8 = 0x80;

/// Whether the driver padded the header to whole words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// Not padded: the header is as it went over the air.
    None,
    /// Padded to a multiple of four bytes.
    Words,
}

/// Decodes a frame whose header is as it went over the air.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    decode_padded(walk, rest, Padding::None)
}

/// Decodes a frame whose first two bytes the equipment may have swapped. A data frame goes to a distribution system,
/// comes from one, or both, and has a bit set for each. In swapped bytes these two bits stand in place of the
/// version, which must be zero.
pub fn decode_maybe_swapped(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (&[first, second], _) = rest.header::<2>(LAYER)?;
    let swapped = first & BOTH_SYSTEMS != 0;
    let control = if swapped { [second, first] } else { [first, second] };
    decode_controlled(walk, rest, control, Padding::None)
}

/// Decodes a frame whose header may be padded.
pub fn decode_padded(walk: &mut Walk<'_>, rest: Rest<'_>, padding: Padding) -> Outcome {
    let (&control, _) = rest.header::<2>(LAYER)?;
    decode_controlled(walk, rest, control, padding)
}

fn decode_controlled(
    walk: &mut Walk<'_>,
    rest: Rest<'_>,
    [control, flags]: [u8; 2],
    padding: Padding,
) -> Outcome {
    match control & TYPE {
        MANAGEMENT => return Ok(Other("802.11 management")),
        CONTROL => return Ok(Other("802.11 control")),
        DATA => {}
        _ => return Ok(Other("802.11 extension")),
    }
    if control & WITHOUT_DATA != 0 {
        return Ok(Other("802.11 null"));
    }
    if flags & PROTECTED != 0 {
        return Ok(Other("802.11 encrypted"));
    }
    let (header, _) = rest.header::<24>(LAYER)?;
    // Later fragments hold no IP header. The first one is read like a frame cut short.
    if header[22] & 0x0f != 0 {
        return Ok(Other("802.11 fragment"));
    }
    let fourth_address = if flags & BOTH_SYSTEMS == BOTH_SYSTEMS { 6 } else { 0 };
    let mut length = 24 + fourth_address;
    let mut aggregate = false;
    if control & QUALITY_OF_SERVICE != 0 {
        let (service, _) = rest.skip(length, LAYER)?.header::<2>(LAYER)?;
        aggregate = service[0] & AGGREGATE != 0;
        length += if flags & HIGH_THROUGHPUT != 0 { 6 } else { 2 };
    }
    if padding == Padding::Words {
        length = length.next_multiple_of(4);
    }
    let body = rest.skip(length, LAYER)?;
    if aggregate { first_of_aggregate(walk, body) } else { llc::decode(walk, body) }
}

/// Decodes the first of several frames in one (A-MSDU). A captured frame yields one segment, so the others are left
/// out.
fn first_of_aggregate(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (&[.., high, low], frame) = rest.header::<14>(LAYER)?;
    llc::decode(walk, frame.at_most(u32::from(u16::from_be_bytes([high, low]))))
}

#[cfg(test)]
mod tests {
    use crate::wire::testing::{decode, hex, other};

    #[test]
    fn a_frame_without_data_is_counted_by_name() {
        let table = [
            ("8000 0000", "802.11 management"),
            ("d400 0000", "802.11 control"),
            ("4801 0000", "802.11 null"),
            ("c801 0000", "802.11 null"),
            ("0841 0000", "802.11 encrypted"),
            ("0801 0000 020000000001 020000000002 020000000003 0100 aaaa03", "802.11 fragment"),
        ];
        for (frame, name) in table {
            assert_eq!(other(decode(105, &hex(frame))), name, "{frame}");
        }
    }
}
