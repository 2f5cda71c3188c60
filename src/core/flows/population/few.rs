//! The few greatest of many.

/// The greatest, up to a bound.
#[derive(Clone, Debug)]
pub struct Few<T> {
    /// The least of those kept, in place: whoever is less is turned away without a look at the others, and very many
    /// have no others and would ask for memory.
    least: Option<T>,
    /// The others, the greatest first.
    others: Vec<T>,
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self { least: None, others: Vec::new() }
    }
}

impl<T: Copy + Ord> Few<T> {
    /// How many.
    pub const MOST: usize = 8;

    /// Adds one, if it is among the greatest.
    pub fn offer(&mut self, one: T) {
        let Some(least) = &mut self.least else {
            self.least = Some(one);
            return;
        };
        let is_full = self.others.len() == Self::MOST - 1;
        if one <= *least {
            if !is_full {
                self.others.push(std::mem::replace(least, one));
            }
            return;
        }
        let place = self.others.partition_point(|known| *known > one);
        self.others.insert(place, one);
        if let Some(next) = self.others.pop_if(|_| is_full) {
            *least = next;
        }
    }

    /// Them, the greatest first.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.others.iter().chain(&self.least).copied()
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
