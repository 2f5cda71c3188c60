//! How many at one time, at most.

/// How many were in some state at one time, at most. Intervals may come in any order. Where there are very many, only
/// some instants are looked at, equally far apart: the peak is then a lower bound.
#[derive(Clone, Debug, Default)]
pub struct Peak {
    /// When the number rises or falls, and by how much: one step an instant, the earliest first.
    steps: Vec<(i64, i32)>,
    /// The instants looked at are multiples of two to the power of this, in Unix ns.
    coarseness: u32,
    /// How many steps there would be, had none been joined with another since room was last made.
    taken: u32,
}

impl Peak {
    const MOST_STEPS: usize = 1024;

    /// Adds an interval, in Unix ns; without an end it lasts for ever.
    pub fn add(&mut self, from_ns: i64, until_ns: Option<i64>) {
        self.step(from_ns, 1);
        if let Some(until) = until_ns {
            self.step(until, -1);
        }
    }

    fn step(&mut self, time_ns: i64, by: i32) {
        if self.taken as usize >= Self::MOST_STEPS {
            self.coarsen();
        }
        self.taken += 1;
        let instant = self.next_instant(time_ns);
        let after = self.after(instant);
        match after.checked_sub(1).and_then(|place| self.steps.get_mut(place)) {
            Some(same) if same.0 == instant => same.1 += by,
            _ => self.steps.insert(after, (instant, by)),
        }
    }

    /// How many steps there are until `instant`: nearly all, for connections come much in the order of their times.
    fn after(&self, instant: i64) -> usize {
        const NEAR: usize = 8;
        let (far, near) = self.steps.split_at(self.steps.len().saturating_sub(NEAR));
        let is_until = |step: &(i64, i32)| step.0 <= instant;
        match near.iter().rposition(is_until) {
            Some(place) => far.len() + place + 1,
            None => far.partition_point(is_until),
        }
    }

    /// Makes room: looks at as few instants as it takes.
    #[cold]
    fn coarsen(&mut self) {
        self.steps.retain(|(_, by)| *by != 0);
        while self.steps.len() > Self::MOST_STEPS / 2 {
            self.coarseness = self.least_coarseness().max(self.coarseness + 1);
            self.join();
        }
        self.taken = self.steps.len() as u32;
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
        let levels = self.steps.iter().scan(0, |level, (_, by)| {
            *level += by;
            Some(*level)
        });
        u64::try_from(levels.max().unwrap_or(0)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Peak;

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
    }

    #[test]
    fn the_order_of_intervals_is_nothing_to_the_peak() {
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
    fn of_very_many_intervals_some_instants_are_looked_at() {
        let mut peak = Peak::default();
        for n in 0..200_000 {
            peak.add(n * 10, Some(n * 10 + 35));
        }
        assert_eq!(peak.value(), 4);
        assert!(peak.steps.len() <= Peak::MOST_STEPS);
    }
}
