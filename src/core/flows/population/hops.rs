//! Which TTLs, or hop limits, packets came with: how far away their senders are, and how many there are.

/// A set of TTLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hops([u64; 4]);

impl Hops {
    /// Adds one; 0 is none.
    pub fn add(&mut self, ttl: u8) {
        if ttl != 0 {
            self.0[usize::from(ttl >> 6)] |= 1 << (ttl & 63);
        }
    }

    /// They, the least first.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(move |ttl| self.0[usize::from(ttl >> 6)] >> (ttl & 63) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Hops;

    #[test]
    fn each_ttl_is_told_once() {
        let mut hops = Hops::default();
        [64, 255, 1, 63, 0, 64, 128].into_iter().for_each(|ttl| hops.add(ttl));
        assert_eq!(hops.iter().collect::<Vec<_>>(), [1, 63, 64, 128, 255]);
    }
}
