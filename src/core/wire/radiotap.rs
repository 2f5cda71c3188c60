//! Radiotap (radiotap.org): the receiver's notes on an 802.11 frame.

use super::ieee80211::{self, Padding};
use super::rest::Rest;
use super::walk::{Outcome, Walk};

const LAYER: &str = "radiotap";

const TIMESTAMP: u32 = 1;
const FLAGS: u32 = 1 << 1;
const MORE_WORDS: u32 = 1 << 31;
/// The 802.11 header is padded to whole words.
const DATA_PAD: u8 = 0x20;

/// Decodes the frame behind the header. Of the header's fields only the flags matter: they tell whether the 802.11
/// header is padded.
pub fn decode(walk: &mut Walk<'_>, rest: Rest<'_>) -> Outcome {
    let (&[_, _, low, high], _) = rest.header::<4>(LAYER)?;
    let length = usize::from(u16::from_le_bytes([low, high]));
    let frame = rest.skip(length.max(8), LAYER)?;
    let padding = match flags(&rest.data[..length.max(8)]) {
        Some(flags) if flags & DATA_PAD != 0 => Padding::Words,
        _ => Padding::None,
    };
    ieee80211::decode_padded(walk, frame, padding)
}

/// The flags field. It follows the words that tell which fields are present, and the timestamp, which is aligned to 8
/// bytes.
fn flags(header: &[u8]) -> Option<u8> {
    let mut words =
        header.get(4..)?.chunks_exact(4).map(|word| word.try_into().map_or(0, u32::from_le_bytes));
    let present = words.next()?;
    let mut at = 8_usize;
    let mut word = present;
    while word & MORE_WORDS != 0 {
        word = words.next()?;
        at += 4;
    }
    if present & TIMESTAMP != 0 {
        at = at.next_multiple_of(8) + 8;
    }
    if present & FLAGS == 0 { None } else { header.get(at).copied() }
}

#[cfg(test)]
mod tests {
    use super::flags;
    use crate::wire::testing::hex;

    #[test]
    fn flags_follow_the_words_and_the_timestamp() {
        let table = [
            ("0000 0900 02000000 20", Some(0x20)),
            ("0000 0d00 02000080 00000000 21", Some(0x21)),
            ("0000 1100 03000000 0000000000000000 22", Some(0x22)),
            ("0000 1900 03000080 00000000 00000000 0000000000000000 23", Some(0x23)),
            ("0000 0800 00000000", None),
            ("0000 0800 02000000", None),
            ("0000 0800 02000080", None),
        ];
        for (header, expected) in table {
            assert_eq!(flags(&hex(header)), expected, "{header}");
        }
    }
}
