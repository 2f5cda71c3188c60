//! Byte planes: bytes of equal significance side by side, which compress well. Pages store columns this way.

/// The bytes of one significance of all values.
#[derive(Debug, Eq, PartialEq)]
pub enum Plane {
    /// All bytes have this value.
    Alike(u8),
    /// One byte of each value.
    Bytes(Vec<u8>),
}

/// The planes of values of `width` bytes, beginning with the plane of their first bytes. Planes at the end that hold
/// only zeros are left out.
pub fn planes(values: &[u8], width: usize) -> Vec<Plane> {
    let mut made: Vec<Plane> = (0..width).map(|weight| plane(values, width, weight)).collect();
    while made.last() == Some(&Plane::Alike(0)) {
        made.pop();
    }
    made
}

fn plane(values: &[u8], width: usize, weight: usize) -> Plane {
    let mut bytes = values.iter().skip(weight).step_by(width);
    let first = bytes.next().copied().unwrap_or(0);
    if bytes.all(|byte| *byte == first) {
        return Plane::Alike(first);
    }
    Plane::Bytes(values.chunks_exact(width).filter_map(|value| value.get(weight).copied()).collect())
}

#[cfg(test)]
mod tests {
    use super::{Plane, planes};

    #[test]
    fn bytes_of_equal_significance_stand_side_by_side() {
        let made = planes(&[1, 7, 0, 2, 7, 0, 3, 7, 0], 3);
        assert_eq!(made, [Plane::Bytes(vec![1, 2, 3]), Plane::Alike(7)]);
    }

    #[test]
    fn values_of_zero_have_no_planes() {
        assert_eq!(planes(&[], 8), []);
        assert_eq!(planes(&[0; 16], 8), []);
    }

    #[test]
    fn planes_of_zeros_before_other_planes_are_kept() {
        assert_eq!(planes(&[0, 1, 0, 2], 2), [Plane::Alike(0), Plane::Bytes(vec![1, 2])]);
    }
}
