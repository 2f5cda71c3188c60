//! Ticks: time in four bytes, for short durations that need not be exact.

use serde::{Deserialize, Serialize};

/// An instant, to 1024 ns, from which durations of up to half an hour can be measured. Zero is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tick(u32);

impl Tick {
    const BITS: u32 = 10;

    /// The tick of a time in Unix ns.
    #[must_use]
    pub const fn of(time_ns: i64) -> Self {
        let tick = (time_ns >> Self::BITS) as u32;
        Self(if tick == 0 { 1 } else { tick })
    }

    /// Whether it is an instant.
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.0 != 0
    }

    /// How long before `time_ns` it was, in ns; negative where it was after.
    #[must_use]
    pub const fn until(self, time_ns: i64) -> i64 {
        (Self::of(time_ns).0.wrapping_sub(self.0).cast_signed() as i64) << Self::BITS
    }
}
