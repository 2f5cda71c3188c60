//! Helpers for the tests of several rooms.

use crate::address::{Scope, ipv4};
use crate::segment::{Flags, Options, Segment, Summed};
use crate::seq::Seq;

/// Numbers that look random and are the same in every run (Marsaglia's xorshift). The seed must not be zero.
pub struct Random(pub u64);

impl Random {
    /// The numbers of one of many runs; each run has others.
    pub const fn of_run(run: u64) -> Self {
        Self(run.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }

    /// True one time in `times`.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// A bare acknowledgement of 10.0.0.1:1000 to 10.0.0.2:80.
pub fn segment() -> Segment {
    Segment {
        time_ns: 0,
        frame: 1,
        source: ipv4([10, 0, 0, 1]),
        destination: ipv4([10, 0, 0, 2]),
        source_port: 1000,
        destination_port: 80,
        scope: Scope::default(),
        seq: Seq(0),
        ack: Seq(0),
        flags: Flags(Flags::ACK),
        window: 1000,
        payload: 0,
        checksum: 0,
        summed: Summed::Unknown,
        control: 0x5010,
        urgent: 0,
        ip_id: None,
        labelled: false,
        ttl: 64,
        options: Options::default(),
    }
}
