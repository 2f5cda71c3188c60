//! Connections that were let go, until a caller that keeps a history has taken over what is known of them.

use super::slab::Slot;

/// Those that wait.
#[derive(Default)]
pub struct Leaving {
    waiting: Vec<Slot>,
    /// How many were let go while there was no room for them.
    pub beyond: u64,
}

impl Leaving {
    /// So many may wait: some 60 MB.
    const MOST: usize = 100_000;

    /// How many wait.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nobody waits.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Lets a connection wait, if there is room.
    pub(super) fn add(&mut self, slot: Slot) {
        if self.len() < Self::MOST {
            self.waiting.push(slot);
        } else {
            self.beyond += 1;
        }
    }

    /// Takes out all that wait, in the order of ids.
    pub fn take(&mut self) -> Vec<Slot> {
        let mut taken = std::mem::take(&mut self.waiting);
        taken.sort_unstable_by_key(|slot| slot.id);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_wait_in_the_order_of_ids_and_are_counted_where_there_is_no_room() {
        let mut leaving = Leaving::default();
        for id in (1..=Leaving::MOST as u64 + 2).rev() {
            leaving.add(Slot { id, ..Slot::default() });
        }
        assert_eq!((leaving.len(), leaving.beyond), (Leaving::MOST, 2));
        let taken = leaving.take();
        assert!(leaving.is_empty() && taken.is_sorted_by_key(|slot| slot.id));
        assert_eq!(taken.first().map(|slot| slot.id), Some(3));
    }
}
