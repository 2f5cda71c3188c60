//! How many at one time, at most.

/// How many were in some state at one time, at most. Intervals may come in any order. Where there are very many, only
/// some instants are looked at, equally far apart: the peak is then a lower bound.
#[derive(Clone, Debug, Default)]
pub struct Peak {
    /// When the number rises or falls, and by how much: in order, one step an instant, as many as there were when room
    /// was last made; the rest as they came.
    steps: Vec<(i64, i32)>,
    /// The instants looked at are multiples of two to the power of this, in Unix ns.
    coarseness: u32,
}

impl Peak {
    const MOST_STEPS: usize = 1024;

    /// Adds an interval, in Unix ns; without an end it lasts for ever.
    pub fn add(&mut self, from_ns: i64, until_ns: Option<i64>) {
        // Between two instants nobody looks.
        if until_ns.is_some_and(|until| self.next_instant(until) == self.next_instant(from_ns)) {
            return;
        }
        self.step(from_ns, 1);
        if let Some(until) = until_ns {
            self.step(until, -1);
        }
    }

    fn step(&mut self, time_ns: i64, by: i32) {
        if self.steps.len() >= Self::MOST_STEPS {
            self.coarsen();
        }
        self.steps.push((self.next_instant(time_ns), by));
    }

    /// Makes room: looks at as few instants as it takes.
    #[cold]
    fn coarsen(&mut self) {
        self.steps.sort_by_key(|(time_ns, _)| *time_ns);
        self.join();
        while self.steps.len() > Self::MOST_STEPS / 2 {
            self.coarseness = self.least_coarseness().max(self.coarseness + 1);
            self.join();
        }
    }

    /// Short of this, too few steps are seen at the same instant to make room, even if they all cancel each other out.
    fn least_coarseness(&self) -> u32 {
        let mut gaps = [0; 65];
        for pair in self.steps.windows(2) {
            let gap = pair[0].0.abs_diff(pair[1].0);
            gaps[(u64::BITS - gap.leading_zeros()) as usize] += 2;
        }
        let mut fewer = 0;
        let is_enough = |gaps| {
            fewer += gaps;
            self.steps.len() <= fewer + Self::MOST_STEPS / 2
        };
        gaps.into_iter().position(is_enough).unwrap_or_default() as u32
    }

    /// Makes one of all steps that are seen at the same instant.
    fn join(&mut self) {
        let mut joined = 0;
        for at in 0..self.steps.len() {
            let (time_ns, by) = self.steps[at];
            let instant = self.next_instant(time_ns);
            match self.steps[..joined].last_mut() {
                Some(last) if last.0 == instant => last.1 += by,
                // Nothing but what cancelled out stands there.
                Some(last) if last.1 == 0 => *last = (instant, by),
                _ => {
                    self.steps[joined] = (instant, by);
                    joined += 1;
                }
            }
        }
        self.steps.truncate(joined);
        self.steps.pop_if(|(_, by)| *by == 0);
    }

    const fn next_instant(&self, time_ns: i64) -> i64 {
        let below = (1 << self.coarseness) - 1;
        time_ns.saturating_add(below) & !below
    }

    /// The peak. An interval that ends when another begins does not overlap it.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.most().0
    }

    /// The peak, and the instant at which it was reached first, in Unix ns, where there was any.
    #[must_use]
    pub fn most(&self) -> (u64, Option<i64>) {
        let mut steps = self.steps.clone();
        steps.sort_unstable_by_key(|(time_ns, _)| *time_ns);
        let (mut level, mut most, mut at) = (0_i64, 0, None);
        // At one instant what falls does so before what rises, so that no level between is higher than that before or after.
        for steps in steps.chunk_by(|(one, _), (next, _)| one == next) {
            level += steps.iter().map(|(_, by)| i64::from(*by)).sum::<i64>();
            if level > most {
                (most, at) = (level, Some(steps[0].0));
            }
        }
        (most.unsigned_abs(), at)
    }
}

#[cfg(test)]
mod tests {
    use super::Peak;
    use crate::testing::Random;

    #[test]
    fn a_peak_counts_what_overlaps() {
        let mut peak = Peak::default();
        peak.add(10, Some(20));
        peak.add(20, Some(30));
        assert_eq!(peak.value(), 1);
        peak.add(15, None);
        assert_eq!(peak.value(), 2);
        peak.add(0, Some(100));
        assert_eq!(peak.value(), 3);
        assert_eq!(peak.most(), (3, Some(15)));
        assert_eq!(Peak::default().most(), (0, None));
    }

    #[test]
    fn the_order_of_intervals_does_not_change_the_peak() {
        let intervals = |n: i64| (n * 7 % 400, Some(n * 7 % 400 + n % 30));
        let most = |times: &[(i64, Option<i64>)]| {
            let at = |now| times.iter().filter(|(from, until)| *from <= now && Some(now) < *until).count();
            (0..500).map(at).max().unwrap_or(0) as u64
        };
        let (mut there, mut back) = (Peak::default(), Peak::default());
        let times: Vec<_> = (0..400).map(intervals).collect();
        times.iter().for_each(|(from, until)| there.add(*from, *until));
        times.iter().rev().for_each(|(from, until)| back.add(*from, *until));
        assert_eq!((there.value(), back.value()), (most(&times), most(&times)));
    }

    #[test]
    fn the_peak_of_few_intervals_is_exact() {
        for run in 1..50 {
            let mut random = Random::of_run(run);
            let (mut peak, mut times) = (Peak::default(), Vec::new());
            for _ in 0..Peak::MOST_STEPS / 2 {
                let from = random.below(600) as i64;
                let until = (!random.one_in(100)).then(|| from + random.below(1 + run as usize * 4) as i64);
                peak.add(from, until);
                times.push((from, until.unwrap_or(i64::MAX)));
            }
            let at = |now| times.iter().filter(|(from, until)| *from <= now && now < *until).count() as u64;
            assert_eq!(Some(peak.value()), (0..600).map(at).max());
        }
    }

    #[test]
    fn of_very_many_intervals_some_instants_are_looked_at() {
        let mut peak = Peak::default();
        for n in 0..200_000 {
            peak.add(n * 10, Some(n * 10 + 35));
        }
        assert_eq!(peak.value(), 4);
        assert!(peak.steps.len() <= Peak::MOST_STEPS);
    }
}
