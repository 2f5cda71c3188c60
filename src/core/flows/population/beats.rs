//! How regularly something comes: the period of health checks.

use std::collections::BTreeMap;

/// When connections came and to which socket, the first of them.
#[derive(Clone, Debug, Default)]
pub struct Beats(Vec<(u64, i64)>);

/// A period, and how many gaps it is drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The middle one of the gaps between one and the next, in ns.
    pub ns: i64,
    /// Gaps that differ from it by a tenth at most.
    pub alike: u64,
    /// Gaps in all.
    pub gaps: u64,
}

impl Beats {
    /// Times that are kept.
    const MOST: usize = 32;
    /// Fewer times leave less than two gaps to compare.
    const FEWEST: usize = 3;
    /// Gaps are alike that differ by one part in so many: a timer is exact, and the way to here varies.
    const PART: i64 = 10;

    /// Adds one, to a socket in short, in Unix ns.
    pub fn add(&mut self, socket: u64, time_ns: i64) {
        if self.0.len() < Self::MOST {
            self.0.push((socket, time_ns));
        }
    }

    /// The period of those to the socket that was asked for most often, where there are enough.
    #[must_use]
    pub fn period(&self) -> Option<Period> {
        let mut by_socket = BTreeMap::<u64, Vec<i64>>::new();
        for (socket, time_ns) in &self.0 {
            by_socket.entry(*socket).or_default().push(*time_ns);
        }
        let mut times =
            by_socket.into_values().max_by_key(Vec::len).filter(|times| times.len() >= Self::FEWEST)?;
        times.sort_unstable();
        let mut gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        gaps.sort_unstable();
        let ns = gaps[gaps.len() / 2];
        let alike = gaps.iter().filter(|gap| (**gap - ns).abs() <= ns / Self::PART).count() as u64;
        Some(Period { ns, alike, gaps: gaps.len() as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::{Beats, Period};

    #[test]
    fn the_period_is_that_of_the_socket_asked_for_most_often() {
        let mut beats = Beats::default();
        for n in 0..8 {
            beats.add(1, n * 1000 + n % 2 * 50);
        }
        [7, 9000].into_iter().for_each(|time| beats.add(2, time));
        assert_eq!(beats.period(), Some(Period { ns: 1050, alike: 7, gaps: 7 }));
    }

    #[test]
    fn two_tell_no_period() {
        let mut beats = Beats::default();
        [7, 9].into_iter().for_each(|time| beats.add(2, time));
        assert_eq!(beats.period(), None);
    }
}
