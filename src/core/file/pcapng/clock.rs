//! From an interface's ticks to nanoseconds since the epoch, exactly.

const NS_PER_SECOND: u64 = 1_000_000_000;

/// The clock of one interface.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    scale: Scale,
    offset_ns: i128,
}

/// Converts ticks to nanoseconds.
#[derive(Clone, Copy, Debug)]
enum Scale {
    Times(u64),
    DividedBy(u64),
    /// Ticks of 2^-n seconds.
    Binary(u8),
}

impl Default for Clock {
    /// Microseconds, the default.
    fn default() -> Self {
        Self { scale: Scale::Times(1000), offset_ns: 0 }
    }
}

impl Clock {
    /// Takes the value of `if_tsresol`: a power of ten, or of two where the high bit is set.
    pub const fn set_resolution(&mut self, value: u8) {
        self.scale = match value {
            0..=9 => Scale::Times(10_u64.pow(9 - value as u32)),
            10..=0x7f => match 10_u64.checked_pow(value as u32 - 9) {
                Some(divisor) => Scale::DividedBy(divisor),
                // Even 64 bits of such ticks are less than a nanosecond.
                None => Scale::Times(0),
            },
            _ => Scale::Binary(value & 0x7f),
        };
    }

    /// Takes the value of `if_tsoffset`: seconds to add.
    pub fn set_offset(&mut self, seconds: i64) {
        self.offset_ns = i128::from(seconds) * i128::from(NS_PER_SECOND);
    }

    /// The time of `ticks`, rounded down and clamped to `i64`.
    #[inline]
    pub fn nanoseconds(self, ticks: u64) -> i64 {
        let since = match self.scale {
            Scale::Times(factor) => u128::from(ticks) * u128::from(factor),
            Scale::DividedBy(divisor) => u128::from(ticks / divisor),
            Scale::Binary(power) => (u128::from(ticks) * u128::from(NS_PER_SECOND)) >> power,
        };
        // A number of 64 bits times one below 2^30 needs at most 94 of the 127 bits.
        let time = since as i128 + self.offset_ns;
        i64::try_from(time).unwrap_or(if time < 0 { i64::MIN } else { i64::MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::Clock;

    fn nanoseconds(resolution: u8, ticks: u64) -> i64 {
        let mut clock = Clock::default();
        clock.set_resolution(resolution);
        clock.nanoseconds(ticks)
    }

    #[test]
    fn powers_of_ten_are_exact() {
        assert_eq!(Clock::default().nanoseconds(1_700_000_000_123_456), 1_700_000_000_123_456_000);
        for (resolution, ticks, expected) in [
            (0, 1_700_000_000, 1_700_000_000_000_000_000),
            (3, 1_700_000_000_123, 1_700_000_000_123_000_000),
            (9, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
            (12, 1_999_999, 1_999),
            (19, u64::MAX, 1_844_674_407),
            (28, u64::MAX, 1),
            (29, u64::MAX, 0),
            (127, u64::MAX, 0),
        ] {
            assert_eq!(nanoseconds(resolution, ticks), expected, "10^-{resolution}");
        }
    }

    #[test]
    fn powers_of_two_are_exact() {
        for (power, ticks, expected) in [
            (0, 1_700_000_000, 1_700_000_000_000_000_000),
            (1, 3, 1_500_000_000),
            (10, 1023, 999_023_437),
            (32, 1_700_000_000 << 32, 1_700_000_000_000_000_000),
            (63, u64::MAX, 1_999_999_999),
            (127, u64::MAX, 0),
        ] {
            assert_eq!(nanoseconds(0x80 | power, ticks), expected, "2^-{power}");
        }
    }

    #[test]
    fn offsets_are_signed_and_times_saturate() {
        let mut clock = Clock::default();
        clock.set_offset(-1);
        assert_eq!(clock.nanoseconds(0), -1_000_000_000);
        clock.set_offset(i64::MIN);
        assert_eq!(clock.nanoseconds(u64::MAX), i64::MIN);
        clock.set_offset(i64::MAX);
        assert_eq!(clock.nanoseconds(0), i64::MAX);
        assert_eq!(nanoseconds(0, u64::MAX), i64::MAX);
    }
}
