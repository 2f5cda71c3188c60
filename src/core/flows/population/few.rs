//! The few greatest of many.

/// The greatest, up to a bound.
#[derive(Clone, Debug)]
pub struct Few<T>(Vec<T>);

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + Ord> Few<T> {
    /// How many.
    pub const MOST: usize = 8;

    /// Adds one, if it is among the greatest.
    pub fn offer(&mut self, one: T) {
        let place = self.0.partition_point(|known| *known > one);
        if place < Self::MOST {
            self.0.truncate(Self::MOST - 1);
            self.0.insert(place, one);
        }
    }

    /// Them, the greatest first.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.0.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    #[test]
    fn the_greatest_are_kept_in_whatever_order_they_come() {
        let mut few = Few::default();
        (0..100).for_each(|n| few.offer(n * 37 % 100));
        assert_eq!(few.iter().collect::<Vec<_>>(), [99, 98, 97, 96, 95, 94, 93, 92]);
    }
}
