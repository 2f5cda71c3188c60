//! Sequence numbers: the only place with arithmetic modulo 2^32 (RFC 9293, 3.4).

use serde::{Deserialize, Serialize};
use std::fmt;

/// A TCP sequence or acknowledgement number.
///
/// Two numbers can be compared only if they lie within 2^31 of each other; hence there is no `Ord`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Seq(pub u32);

impl Seq {
    /// The number `octets` further on.
    #[must_use]
    pub const fn plus(self, octets: u32) -> Self {
        Self(self.0.wrapping_add(octets))
    }

    /// The number `octets` further back.
    #[must_use]
    pub const fn minus(self, octets: u32) -> Self {
        Self(self.0.wrapping_sub(octets))
    }

    /// The number of octets from `earlier` to this number; negative if `earlier` is in fact later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.wrapping_sub(earlier.0).cast_signed()
    }

    /// Strictly before `other` on the circle.
    #[must_use]
    pub const fn before(self, other: Self) -> bool {
        self.since(other) < 0
    }

    /// Strictly after `other` on the circle.
    #[must_use]
    pub const fn after(self, other: Self) -> bool {
        self.since(other) > 0
    }

    /// At or after `other`: an acknowledgement `covers` a segment whose next expected number is `other`.
    #[must_use]
    pub const fn covers(self, other: Self) -> bool {
        self.since(other) >= 0
    }

    /// The later of the two.
    #[must_use]
    pub const fn later(self, other: Self) -> Self {
        if other.after(self) { other } else { self }
    }

    /// Within `[start, start + length)`. The length may span the whole circle but not exceed it.
    #[must_use]
    pub const fn within(self, start: Self, length: u32) -> bool {
        self.0.wrapping_sub(start.0) < length
    }
}

impl fmt::Debug for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::Seq;

    const NEAR_THE_END: Seq = Seq(u32::MAX - 9);

    #[test]
    fn adding_wraps_around() {
        assert_eq!(NEAR_THE_END.plus(20), Seq(10));
        assert_eq!(Seq(10).minus(20), NEAR_THE_END);
        assert_eq!(Seq(10).since(NEAR_THE_END), 20);
        assert_eq!(NEAR_THE_END.since(Seq(10)), -20);
    }

    #[test]
    fn order_survives_the_wrap() {
        assert!(NEAR_THE_END.before(Seq(10)));
        assert!(Seq(10).after(NEAR_THE_END));
        assert!(Seq(10).covers(Seq(10)));
        assert_eq!(NEAR_THE_END.later(Seq(10)), Seq(10));
        assert_eq!(Seq(10).later(NEAR_THE_END), Seq(10));
    }

    #[test]
    fn windows_survive_the_wrap() {
        assert!(Seq(5).within(NEAR_THE_END, 16));
        assert!(!Seq(6).within(NEAR_THE_END, 16));
        assert!(!NEAR_THE_END.minus(1).within(NEAR_THE_END, 16));
        assert!(!Seq(5).within(Seq(5), 0));
    }
}
