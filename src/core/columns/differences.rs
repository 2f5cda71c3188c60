//! Numbers as differences, which are small and deflate well: what a page carries instead of times and frames.

/// Differences of numbers to others, and how the numbers are made from them again.
#[derive(Debug, Eq, PartialEq)]
pub struct Differences {
    /// 64 bits each, the lowest byte first. Where there is a null, 0 stands for none and all others are one more.
    pub values: Vec<u8>,
    /// What all of them were divided by.
    pub scale: i64,
    /// Whether those below 0 became odd numbers, and those above 0 even ones.
    pub is_folded: bool,
}

/// Scales worth trying: few captures have nanoseconds.
const SCALES: [i64; 3] = [1_000_000_000, 1_000_000, 1_000];

/// The differences of each of some numbers to the one at its place among the others; of `null`, none.
///
/// All are slices of numbers of 64 bits in the order of bytes of the machine. Differences wrap around, as the numbers
/// made from them again do.
pub fn differences(numbers: &[u8], others: &[u8], null: Option<i64>) -> Differences {
    let mut apart: Vec<Option<i64>> = each(numbers)
        .zip(each(others))
        .map(|(number, other)| (null != Some(number)).then(|| number.wrapping_sub(other)))
        .collect();
    let scale = scale(&apart);
    for value in apart.iter_mut().flatten() {
        *value /= scale;
    }
    let is_folded = apart.iter().flatten().any(|value| *value < 0);
    let raised = u64::from(null.is_some());
    let values = apart.into_iter().flat_map(|value| {
        let value = value.map_or(0, |value| fold(value, is_folded).wrapping_add(raised));
        value.to_le_bytes()
    });
    Differences { values: values.collect(), scale, is_folded }
}

fn each(numbers: &[u8]) -> impl Iterator<Item = i64> {
    numbers.chunks_exact(8).map(|bytes| bytes.try_into().map_or(0, i64::from_ne_bytes))
}

fn scale(values: &[Option<i64>]) -> i64 {
    let fits = |scale: &i64| values.iter().flatten().all(|value| value % scale == 0);
    SCALES.into_iter().find(fits).unwrap_or(1)
}

const fn fold(value: i64, is_folded: bool) -> u64 {
    let value = if is_folded { value.wrapping_shl(1) ^ (value >> 63) } else { value };
    value.cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::{Differences, differences};

    fn bytes(numbers: &[i64]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
    }

    fn written(numbers: &[u64]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    #[test]
    fn what_is_common_is_divided_out() {
        let made = differences(&bytes(&[5_000, 9_000]), &bytes(&[1_000, 9_000]), None);
        assert_eq!(made, Differences { values: written(&[4, 0]), scale: 1_000, is_folded: false });
    }

    #[test]
    fn numbers_below_the_others_are_folded() {
        let made = differences(&bytes(&[5, 3]), &bytes(&[7, 1]), None);
        assert_eq!(made, Differences { values: written(&[3, 4]), scale: 1, is_folded: true });
    }

    #[test]
    fn none_is_zero_and_all_others_are_one_more() {
        let made = differences(&bytes(&[-1, 0, 7]), &bytes(&[0, 0, 0]), Some(-1));
        assert_eq!(made, Differences { values: written(&[0, 1, 8]), scale: 1, is_folded: false });
    }

    #[test]
    fn the_ends_of_the_range_wrap_around() {
        let made = differences(&bytes(&[i64::MIN]), &bytes(&[1]), None);
        assert_eq!(made.values, written(&[i64::MAX as u64]));
    }
}
