//! Examples: a few connections that stand for all of their kind.

/// Ids of a few connections of their kind: of the first that were counted.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    /// In place: nearly all kinds have at least one, and a vector would allocate for each.
    ids: [u64; Examples::MOST],
    count: u8,
}

impl Examples {
    const MOST: usize = 5;

    /// Adds one, if there is room. True where there was.
    pub fn offer(&mut self, id: u64) -> bool {
        let count = usize::from(self.count);
        // Nearly all are offered where there is no room.
        if count >= Self::MOST {
            return false;
        }
        if self.known().last() != Some(&id) {
            self.ids[count] = id;
            self.count += 1;
        }
        true
    }

    fn known(&self) -> &[u64] {
        &self.ids[..usize::from(self.count)]
    }

    /// The ids.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.known().iter().copied()
    }

    /// The ids, the lowest first.
    #[must_use]
    pub fn ids(&self) -> Vec<u64> {
        let mut ids = self.known().to_vec();
        ids.sort_unstable();
        ids
    }
}
