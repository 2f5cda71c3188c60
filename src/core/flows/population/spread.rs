//! How long something took, over many times: the least, the most, the usual, and how many in each power of two.

/// Durations, counted by power of two.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    least_ns: Option<i64>,
    most_ns: i64,
    /// How many took less than 2^10 ns, 2^11 ns, ...; the last has all that took longer. Of one alone nobody has to
    /// keep a count, and very many are alone.
    counts: Option<Box<Counts>>,
}

type Counts = [u32; Spread::STEPS];

/// The counts where there was one alone.
fn alone(took_ns: i64) -> Counts {
    let mut counts = [0; Spread::STEPS];
    counts[Spread::step(took_ns)] = 1;
    counts
}

impl Spread {
    /// From 1.024 us to 17 s.
    const STEPS: usize = 26;
    const FINEST: u32 = 10;

    /// Adds one, in ns.
    pub fn add(&mut self, took_ns: i64) {
        let took_ns = took_ns.max(0);
        if let Some(least_ns) = self.least_ns {
            let counts = self.counts.get_or_insert_with(|| Box::new(alone(least_ns)));
            let step = &mut counts[Self::step(took_ns)];
            *step = step.saturating_add(1);
            self.least_ns = Some(least_ns.min(took_ns));
        } else {
            self.least_ns = Some(took_ns);
        }
        self.most_ns = self.most_ns.max(took_ns);
    }

    fn counts(&self) -> Counts {
        match (&self.counts, self.least_ns) {
            (Some(counts), _) => **counts,
            (None, Some(took_ns)) => alone(took_ns),
            (None, None) => [0; Self::STEPS],
        }
    }

    fn step(took_ns: i64) -> usize {
        let bits = u64::BITS - (took_ns.unsigned_abs() >> Self::FINEST).leading_zeros();
        (bits as usize).min(Self::STEPS - 1)
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts().into_iter().map(u64::from).sum()
    }

    /// The least, in ns; 0 where there was none.
    #[must_use]
    pub fn least_ns(&self) -> i64 {
        self.least_ns.unwrap_or_default()
    }

    /// The most, in ns.
    #[must_use]
    pub const fn most_ns(&self) -> i64 {
        self.most_ns
    }

    /// About how long half of them took at most, in ns: within a factor of the square root of two.
    #[must_use]
    pub fn usual_ns(&self) -> i64 {
        let half = self.count().div_ceil(2);
        let mut so_far = 0;
        let reaches = |count: &u32| {
            so_far += u64::from(*count);
            so_far >= half
        };
        let step = self.counts().iter().position(reaches).unwrap_or_default() as u32;
        // The geometric middle of the step.
        let middle = (1_i64 << (step + Self::FINEST)) * 707 / 1000;
        middle.clamp(self.least_ns(), self.most_ns)
    }

    /// Steps in which there are any: less than how many ns, and how many. The last is for all that took longer, too.
    pub fn steps(&self) -> impl Iterator<Item = (u64, u32)> {
        let steps = self.counts().into_iter().enumerate().filter(|(_, count)| *count > 0);
        steps.map(|(step, count)| (1 << (step as u32 + Self::FINEST), count))
    }
}

#[cfg(test)]
mod tests {
    use super::Spread;

    #[test]
    fn durations_are_counted_by_powers_of_two() {
        let mut spread = Spread::default();
        for took in [900, 1_000_000, 1_100_000, 1_040_000, 3_000_000_000, i64::MAX, -5] {
            spread.add(took);
        }
        assert_eq!((spread.least_ns(), spread.most_ns(), spread.count()), (0, i64::MAX, 7));
        let steps: Vec<_> = spread.steps().collect();
        assert_eq!(steps, [(1 << 10, 2), (1 << 20, 2), (1 << 21, 1), (1 << 32, 1), (1 << 35, 1)]);
        assert!((700_000..1_050_000).contains(&spread.usual_ns()));
    }

    #[test]
    fn the_usual_lies_between_the_least_and_the_most() {
        let mut spread = Spread::default();
        assert_eq!(spread.usual_ns(), 0);
        (0..9).for_each(|_| spread.add(40_000_000));
        assert_eq!(spread.usual_ns(), 40_000_000);
    }
}
