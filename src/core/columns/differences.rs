//! Numbers as differences, which are small and compress well: pages store times and frames this way.

/// The numbers from which differences are taken.
#[derive(Clone, Copy, Debug)]
pub enum Near<'a> {
    /// For each number, the number at the same index in another list. All have 64 bits.
    Others(&'a [u8]),
    /// For each number, the one before it; for the first of a run, the start of the run. The lists are the bounds of
    /// the runs (where each begins, and where the last one ends) and their starts, all of 64 bits.
    Runs(&'a [u8], &'a [u8]),
}

/// Differences of numbers, with the parameters to decode them.
#[derive(Debug, Eq, PartialEq)]
pub struct Differences {
    /// 64 bits each, the lowest byte first. If there are nulls, 0 stands for null, and every other value is one more
    /// than the difference.
    pub values: Vec<u8>,
    /// The common divisor.
    pub scale: i64,
    /// Whether the sign is folded in: negative differences are odd numbers, others even ones.
    pub is_folded: bool,
}

/// Divisors worth trying: few captures have nanosecond resolution.
const SCALES: [i64; 3] = [1_000_000_000, 1_000_000, 1_000];

/// Takes the differences of some numbers. A number that equals `null` has none.
///
/// Numbers have 64 bits in the byte order of the machine. Differences wrap around, and so does the sum that restores
/// the numbers.
pub fn differences(numbers: &[u8], near: Near<'_>, null: Option<i64>) -> Differences {
    let near = match near {
        Near::Others(others) => each(others).collect(),
        Near::Runs(bounds, starts) => before(numbers, bounds, starts),
    };
    let mut apart: Vec<i64> =
        each(numbers).zip(near).map(|(number, near)| number.wrapping_sub(near)).collect();
    let is_none: Vec<bool> =
        null.map_or_else(Vec::new, |null| each(numbers).map(|one| one == null).collect());
    for (value, _) in apart.iter_mut().zip(&is_none).filter(|(_, is_none)| **is_none) {
        *value = 0;
    }
    let scale = scale(&apart);
    if scale != 1 {
        for value in &mut apart {
            *value /= scale;
        }
    }
    let is_folded = apart.iter().any(|value| *value < 0);
    let mut values = Vec::with_capacity(apart.len() * 8);
    for (place, value) in apart.into_iter().enumerate() {
        let raised = match is_none.get(place) {
            None => fold(value, is_folded),
            Some(true) => 0,
            Some(false) => fold(value, is_folded).wrapping_add(1),
        };
        values.extend_from_slice(&raised.to_le_bytes());
    }
    Differences { values, scale, is_folded }
}

/// For each number the one before it; for the first of a run, the start of the run.
fn before(numbers: &[u8], bounds: &[u8], starts: &[u8]) -> Vec<i64> {
    let mut near: Vec<i64> = std::iter::once(0).chain(each(numbers)).take(numbers.len() / 8).collect();
    for ((begin, end), start) in each(bounds).zip(each(bounds).skip(1)).zip(each(starts)) {
        let first = usize::try_from(begin).ok().and_then(|begin| near.get_mut(begin));
        if let Some(first) = first.filter(|_| begin != end) {
            *first = start;
        }
    }
    near
}

fn each(numbers: &[u8]) -> impl Iterator<Item = i64> {
    numbers.chunks_exact(8).map(|bytes| bytes.try_into().map_or(0, i64::from_ne_bytes))
}

/// The largest of the divisors without a remainder in any value.
fn scale(values: &[i64]) -> i64 {
    let fits = |scale: &i64| values.iter().all(|value| value % scale == 0);
    SCALES.into_iter().find(fits).unwrap_or(1)
}

const fn fold(value: i64, is_folded: bool) -> u64 {
    let value = if is_folded { value.wrapping_shl(1) ^ (value >> 63) } else { value };
    value.cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::{Differences, Near, differences};

    fn bytes(numbers: &[i64]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_ne_bytes()).collect()
    }

    fn written(numbers: &[u64]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    #[test]
    fn a_common_factor_is_divided_out() {
        let made = differences(&bytes(&[5_000, 9_000]), Near::Others(&bytes(&[1_000, 9_000])), None);
        assert_eq!(made, Differences { values: written(&[4, 0]), scale: 1_000, is_folded: false });
    }

    #[test]
    fn numbers_below_the_others_are_folded() {
        let made = differences(&bytes(&[5, 3]), Near::Others(&bytes(&[7, 1])), None);
        assert_eq!(made, Differences { values: written(&[3, 4]), scale: 1, is_folded: true });
    }

    #[test]
    fn null_is_zero_and_other_values_are_one_more() {
        let made = differences(&bytes(&[-1, 0, 7]), Near::Others(&bytes(&[0, 0, 0])), Some(-1));
        assert_eq!(made, Differences { values: written(&[0, 1, 8]), scale: 1, is_folded: false });
    }

    #[test]
    fn the_ends_of_the_range_wrap_around() {
        let made = differences(&bytes(&[i64::MIN]), Near::Others(&bytes(&[1])), None);
        assert_eq!(made.values, written(&[i64::MAX as u64]));
    }

    #[test]
    fn runs_begin_with_their_start() {
        let near = Near::Runs(&bytes(&[0, 2, 2, 3]), &bytes(&[10, 99, 20]));
        let made = differences(&bytes(&[11, 13, 25]), near, None);
        assert_eq!(made.values, written(&[1, 2, 5]));
    }

    #[test]
    fn runs_beyond_the_numbers_change_nothing() {
        let near = Near::Runs(&bytes(&[0, 1, 9]), &bytes(&[1, 2]));
        assert_eq!(differences(&bytes(&[4]), near, None).values, written(&[3]));
    }
}
