//! Shares: which of several tables that track one capture together tracks which connections.

use super::places::Hash32;

/// One of several shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    number: u32,
    of: u32,
    is_of_a_piece: bool,
}

impl Share {
    /// All connections.
    pub const WHOLE: Self = Self { number: 0, of: 1, is_of_a_piece: false };

    /// All connections that a piece of the capture is given to track; others are tracked elsewhere.
    pub const OF_A_PIECE: Self = Self { is_of_a_piece: true, ..Self::WHOLE };

    /// One share, counted from 0, of so many.
    #[must_use]
    pub const fn new(number: u32, of: u32) -> Self {
        Self { number, of, is_of_a_piece: false }
    }

    /// How many tables share the connections.
    #[must_use]
    pub const fn tables(self) -> usize {
        self.of as usize
    }

    /// Whether it is all there is.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.of == 1 && !self.is_of_a_piece
    }

    /// Whether it is the first share, which also has everything that belongs to no connection.
    #[must_use]
    pub const fn is_first(self) -> bool {
        self.number == 0
    }

    /// Whether a connection whose key has this hash belongs to the share.
    #[must_use]
    #[inline]
    pub const fn has(self, hash: Hash32) -> bool {
        (hash as u64 * self.of as u64) >> 32 == self.number as u64
    }
}

#[cfg(test)]
mod tests {
    use super::Share;
    use crate::address::ipv4;
    use crate::flows::index::Index;
    use crate::testing::{Random, segment};

    #[test]
    fn every_connection_is_in_one_share() {
        let mut random = Random::of_run(1);
        for of in [1, 2, 3, 8, 64] {
            let mut held = vec![0; of as usize];
            for _ in 0..20_000 {
                let hash = random.below(1 << 32) as u32;
                let owners: Vec<_> = (0..of).filter(|number| Share::new(*number, of).has(hash)).collect();
                assert_eq!(owners.len(), 1, "{hash} of {of}");
                held[owners[0] as usize] += 1;
            }
            assert!(held.iter().all(|held| held * of > 15_000), "{held:?}");
        }
    }

    #[test]
    fn the_hash_of_two_ends_is_that_of_a_segment_between_them() {
        let index = Index::default();
        let mut random = Random::of_run(2);
        for _ in 0..1000 {
            let mut end = || ([10, 0, random.below(3) as u8, random.below(3) as u8], random.below(3) as u16);
            let (source, destination) = (end(), end());
            let segment = crate::segment::Segment {
                source: ipv4(source.0),
                source_port: source.1,
                destination: ipv4(destination.0),
                destination_port: destination.1,
                ..segment()
            };
            assert_eq!(index.hash_of_ends(source, destination), index.hash_of(&segment).0);
        }
    }
}
