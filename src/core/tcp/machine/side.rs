//! The two ends of a connection, by name.

use serde::{Deserialize, Serialize};
use std::ops::{Index, IndexMut};

/// One of the two ends. Which is which is the flow key's affair: the lower of two sockets is `Low`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Side {
    /// The end whose socket comes first in the key.
    #[default]
    Low,
    /// The end whose socket comes second.
    High,
}

impl Side {
    /// Both, in the order of the key.
    pub const BOTH: [Self; 2] = [Self::Low, Self::High];

    /// The other end.
    #[must_use]
    #[inline]
    pub const fn other(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }

    /// `High` if the condition holds.
    #[must_use]
    #[inline]
    pub const fn high_if(holds: bool) -> Self {
        if holds { Self::High } else { Self::Low }
    }
}

impl<T> Index<Side> for [T; 2] {
    type Output = T;

    #[inline]
    fn index(&self, side: Side) -> &T {
        &self[side as usize]
    }
}

impl<T> IndexMut<Side> for [T; 2] {
    #[inline]
    fn index_mut(&mut self, side: Side) -> &mut T {
        &mut self[side as usize]
    }
}
