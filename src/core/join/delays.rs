//! One-way delays, counted in bounded memory.

/// Counts of delays in logarithmic classes, sixteen to each power of two: quantiles are exact to about 3 %.
#[derive(Clone, Debug)]
pub struct Delays {
    classes: Vec<u64>,
    count: u64,
    least: i64,
    most: i64,
}

/// The base-two logarithm of the number of classes in each power of two.
const FINE: u32 = 4;
const CLASSES: usize = (64 - FINE as usize + 1) << FINE;

impl Default for Delays {
    fn default() -> Self {
        Self { classes: Vec::new(), count: 0, least: i64::MAX, most: i64::MIN }
    }
}

impl Delays {
    /// Counts one delay, in ns. It may be negative, because the offset between clocks is not known exactly.
    pub fn add(&mut self, delay_ns: i64) {
        if self.classes.is_empty() {
            self.classes = vec![0; CLASSES];
        }
        self.classes[class(delay_ns.max(0).unsigned_abs())] += 1;
        self.count += 1;
        self.least = self.least.min(delay_ns);
        self.most = self.most.max(delay_ns);
    }

    /// How many were counted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The shortest, in ns.
    #[must_use]
    pub fn least(&self) -> Option<i64> {
        (self.count > 0).then_some(self.least)
    }

    /// The longest, in ns.
    #[must_use]
    pub fn most(&self) -> Option<i64> {
        (self.count > 0).then_some(self.most)
    }

    /// The delay that `percent` of all do not exceed, in ns.
    #[must_use]
    pub fn quantile(&self, percent: u64) -> Option<i64> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut sum = 0;
        let class = self.classes.iter().position(|count| {
            sum += count;
            sum >= rank
        })?;
        let middle = i64::try_from(value(class)).unwrap_or(i64::MAX);
        Some(middle.clamp(self.least, self.most))
    }
}

const fn class(value: u64) -> usize {
    let bits = 64 - value.leading_zeros();
    if bits <= FINE {
        return value as usize;
    }
    let shift = bits - FINE - 1;
    ((shift + 1) << FINE) as usize + ((value >> shift) as usize & ((1 << FINE) - 1))
}

/// The middle of a class.
const fn value(class: usize) -> u64 {
    let group = class >> FINE;
    if group == 0 {
        return class as u64;
    }
    let shift = group as u32 - 1;
    let low = ((1 << FINE) + (class & ((1 << FINE) - 1))) as u64;
    (low << shift) + (1 << shift) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_in_order_and_close() {
        for value_ns in [0, 1, 15, 16, 17, 31, 32, 1000, 123_456_789, u64::MAX >> 2] {
            let middle = value(class(value_ns));
            assert!(middle.abs_diff(value_ns) <= value_ns / 16, "{value_ns} {middle}");
        }
        assert!(class(u64::MAX) < CLASSES);
    }

    #[test]
    fn quantiles_are_near() {
        let mut delays = Delays::default();
        (1..=1000).for_each(|ms| delays.add(ms * 1_000_000));
        let median = delays.quantile(50).unwrap();
        assert!((median - 500_000_000).abs() < 20_000_000, "{median}");
        assert_eq!((delays.least(), delays.most()), (Some(1_000_000), Some(1_000_000_000)));
        assert_eq!(Delays::default().quantile(50), None);
    }
}
