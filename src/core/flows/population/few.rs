//! The few greatest of many.

/// The greatest, up to a bound.
#[derive(Clone, Debug)]
pub struct Few<T> {
    /// The greatest of all, in place: very many have no other, and would ask for memory for it.
    first: Option<T>,
    others: Vec<T>,
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self { first: None, others: Vec::new() }
    }
}

impl<T: Copy + Ord> Few<T> {
    /// How many.
    pub const MOST: usize = 8;

    /// Adds one, if it is among the greatest.
    pub fn offer(&mut self, one: T) {
        let Some(first) = &mut self.first else {
            self.first = Some(one);
            return;
        };
        let next = if one > *first { std::mem::replace(first, one) } else { one };
        let place = self.others.partition_point(|known| *known > next);
        if place < Self::MOST - 1 {
            self.others.truncate(Self::MOST - 2);
            self.others.insert(place, next);
        }
    }

    /// Them, the greatest first.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.first.iter().chain(&self.others).copied()
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
