//! The transitions in short: as much of each as counting needs.

use super::{Log, Packed};
use crate::tcp::connection::entry::Move;

impl Log {
    /// Appends the transitions in short, oldest first.
    #[inline]
    pub fn put_moves(&self, moves: &mut Vec<Move>) {
        let mut put = |packed: &Packed| {
            if !packed.is_sighting() {
                moves.push(packed.in_short());
            }
        };
        if self.is_squeezed() {
            self.loose().take(self.len()).for_each(|packed| put(&packed));
        } else {
            let (first, more) = (self.len().min(Self::FIRST), self.len().saturating_sub(Self::FIRST));
            self.first[..first].iter().chain(&self.more[..more]).for_each(put);
        }
    }

    /// The transitions in short, oldest first.
    pub fn moves(&self) -> impl Iterator<Item = Move> + '_ {
        let packed = self.packed().map(|(_, packed)| packed);
        packed.filter(|packed| !packed.is_sighting()).map(Packed::in_short)
    }
}
