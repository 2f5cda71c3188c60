//! Turns: how long each end took before it spoke after the other. The wait for an end is its own time and that of the way to it
//! and back, as the tap sees it.

use super::Connection;
use crate::tcp::machine::side::Side;
use serde::{Deserialize, Serialize};

/// How long both ends took to speak.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Turns {
    /// How long the other end had been silent each time when it began to send data, in seconds: the sum.
    waited_s: [f32; 2],
    /// The same of the server's first data, in seconds.
    first_s: f32,
    /// How often each began.
    count: [u16; 2],
}

impl Turns {
    const NS: f32 = 1e9;

    /// Adds the beginning of a turn of `side`, `waited_ns` after the last segment of the other end.
    fn begin(&mut self, side: Side, is_server: bool, waited_ns: i64) {
        let waited_s = waited_ns as f32 / Self::NS;
        if is_server && self.count[side] == 0 {
            self.first_s = waited_s;
        }
        self.waited_s[side] += waited_s;
        self.count[side] = self.count[side].saturating_add(1);
    }

    /// How often `side` began to send data: at first, or after data of the other end.
    #[must_use]
    pub const fn count(&self, side: Side) -> u16 {
        self.count[side as usize]
    }

    /// How long others waited for `side` in all, in ns, to seven digits.
    #[must_use]
    pub fn waited_ns(&self, side: Side) -> i64 {
        (f64::from(self.waited_s[side]) * 1e9) as i64
    }

    /// How long the client waited for the server's first data, in ns, to seven digits.
    #[must_use]
    pub fn first_ns(&self) -> i64 {
        (f64::from(self.first_s) * 1e9) as i64
    }
}

/// The longest time that each end took to speak, in seconds. It stands apart from the others: a segment in order between two
/// turns looks at none of them, but they share a cache line with fields that it does look at.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct LongestTurns([f32; 2]);

impl LongestTurns {
    /// Adds the beginning of a turn of `side`, `waited_ns` after the last segment of the other end.
    fn begin(&mut self, side: Side, waited_ns: i64) {
        self.0[side] = self.0[side].max(waited_ns as f32 / Turns::NS);
    }

    /// The longest single wait for `side`, in ns, to seven digits.
    #[must_use]
    pub fn ns(&self, side: Side) -> i64 {
        (f64::from(self.0[side]) * 1e9) as i64
    }
}

impl Connection {
    /// How long both ends took to speak.
    #[must_use]
    pub const fn turns(&self) -> &Turns {
        &self.turns
    }

    /// The longest that each end took to speak.
    #[must_use]
    pub const fn longest_turns(&self) -> &LongestTurns {
        &self.longest_turns
    }

    /// Begins a turn of `side`, `waited_ns` after the last segment of the other end.
    pub(in crate::tcp) fn begin_turn(&mut self, side: Side, waited_ns: i64) {
        let is_server = side != self.client();
        self.turns.begin(side, is_server, waited_ns);
        self.longest_turns.begin(side, waited_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::{LongestTurns, Turns};
    use crate::tcp::machine::side::Side;

    #[test]
    fn turns_add_up_and_the_first_of_the_server_is_kept() {
        let mut turns = Turns::default();
        turns.begin(Side::Low, false, 5_000_000);
        turns.begin(Side::High, true, 20_000_000);
        turns.begin(Side::High, true, 3_600_000_000_000);
        assert_eq!((turns.count(Side::Low), turns.count(Side::High)), (1, 2));
        let is_about = |ns: i64, expected: i64| (ns - expected).abs() <= expected / 1_000_000;
        assert!(is_about(turns.waited_ns(Side::High), 3_600_020_000_000));
        assert!(is_about(turns.first_ns(), 20_000_000) && is_about(turns.waited_ns(Side::Low), 5_000_000));
    }
    #[test]
    fn the_longest_turn_of_each_end_is_kept() {
        let mut longest = LongestTurns::default();
        for waited_ns in [20_000_000, 3_000_000_000, 5_000_000] {
            longest.begin(Side::High, waited_ns);
        }
        assert_eq!((longest.ns(Side::Low), longest.ns(Side::High)), (0, 3_000_000_000));
    }
}
