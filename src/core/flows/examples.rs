//! Examples: a few connections that stand for all of their kind.

/// Ids of a few connections of their kind: of the first that were counted.
#[derive(Clone, Debug, Default)]
pub struct Examples(Vec<u64>);

impl Examples {
    const MOST: usize = 5;

    /// Adds one, if there is room. True where there was.
    pub fn offer(&mut self, id: u64) -> bool {
        let room = self.0.len() < Self::MOST;
        if room && self.0.last() != Some(&id) {
            self.0.push(id);
        }
        room
    }

    /// The ids.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.iter().copied()
    }

    /// The ids, the lowest first.
    #[must_use]
    pub fn ids(&self) -> Vec<u64> {
        let mut ids = self.0.clone();
        ids.sort_unstable();
        ids
    }
}
