//! Converts columns to Arrow's layout: validity bitmaps, texts, sets as lists.

/// The validity bitmap: a bit per value, the first in the lowest bit of the first byte; `None` if no value is null.
#[must_use]
pub fn validity(values: &[u8], null: &[u8]) -> Option<Vec<u8>> {
    if null.is_empty() {
        return None;
    }
    let values = values.chunks_exact(null.len());
    let mut bits = vec![0; values.len().div_ceil(8)];
    let mut all = true;
    for (index, value) in values.enumerate() {
        let is_there = value != null;
        all &= is_there;
        bits[index / 8] |= u8::from(is_there) << (index % 8);
    }
    (!all).then_some(bits)
}

/// Texts in Arrow's layout: the offsets, and the bytes of all texts, one behind the other.
pub type Texts = (Vec<u8>, Vec<u8>);

/// Turns dictionary indexes into texts; an unknown index gives an empty text. `None` if the texts exceed Arrow's
/// 32-bit offsets.
#[must_use]
pub fn spell(codes: impl Iterator<Item = usize>, names: &[&[u8]]) -> Option<Texts> {
    let (mut offsets, mut text) = (0_i32.to_ne_bytes().to_vec(), Vec::new());
    for code in codes {
        text.extend_from_slice(names.get(code).copied().unwrap_or_default());
        offsets.extend_from_slice(&i32::try_from(text.len()).ok()?.to_ne_bytes());
    }
    Some((offsets, text))
}

/// The members of sets of `width` bytes each, one after the other, and their offsets.
#[must_use]
pub fn members(sets: &[u8], width: usize) -> Option<(Vec<u8>, Vec<usize>)> {
    let (mut offsets, mut all) = (0_i32.to_ne_bytes().to_vec(), Vec::new());
    for set in sets.chunks_exact(width.max(1)) {
        for (byte, bits) in set.iter().enumerate().filter(|(_, bits)| **bits != 0) {
            all.extend((0..8).filter(|bit| bits >> bit & 1 == 1).map(|bit| byte * 8 + bit));
        }
        offsets.extend_from_slice(&i32::try_from(all.len()).ok()?.to_ne_bytes());
    }
    Some((offsets, all))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(bytes: &[u8]) -> Vec<i32> {
        bytes.as_chunks().0.iter().map(|bytes| i32::from_ne_bytes(*bytes)).collect()
    }

    #[test]
    fn values_that_are_not_null_have_a_bit() {
        assert_eq!(validity(&[1, 2, 255, 3, 0, 0, 0, 0, 255, 1], &[255]), Some(vec![0b1111_1011, 0b10]));
        assert_eq!(validity(&[1, 2], &[255]), None);
        assert_eq!(validity(&[0, 1, 1, 0, 0, 0], &[0, 0]), Some(vec![0b011]));
    }

    #[test]
    fn texts_are_written_out() {
        let Some((offsets, text)) = spell([1, 0, 9, 1].into_iter(), &[b"a".as_slice(), b"bc"]) else {
            panic!()
        };
        assert_eq!((numbers(&offsets), text.as_slice()), (vec![0, 2, 3, 3, 5], b"bcabc".as_slice()));
    }

    #[test]
    fn sets_become_lists() {
        let Some((offsets, all)) = members(&[0b101, 0b10, 0, 0, 0, 0x80], 2) else { panic!() };
        assert_eq!((numbers(&offsets), all), (vec![0, 3, 3, 4], vec![0, 2, 9, 15]));
    }
}
