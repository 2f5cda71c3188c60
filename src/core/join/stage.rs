//! The stages of a path: stretches between two points.

/// A stretch between two points, in the direction of travel, and its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stage {
    /// The point before it.
    pub before: u8,
    /// The point behind it.
    pub behind: u8,
}

impl Stage {
    /// The stage between two consecutive points.
    pub(super) fn of(points: &[usize]) -> Self {
        Self { before: points[0] as u8, behind: points[1] as u8 }
    }
}
