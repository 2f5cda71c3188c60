//! Times to live, or hop limits, that packets of a kind have borne.

use serde::{Deserialize, Serialize};

/// The last four that differ; 0 is none.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ttls([u8; 4]);

impl Ttls {
    /// Keeps one, if it is not among them.
    pub fn keep(&mut self, ttl: u8) {
        if !self.has(ttl) {
            self.0.rotate_right(1);
            self.0[0] = ttl;
        }
    }

    /// Whether it is among them.
    pub fn has(self, ttl: u8) -> bool {
        self.0.contains(&ttl)
    }

    /// How many there are.
    pub fn count(self) -> u64 {
        self.0.iter().filter(|kept| **kept != 0).count() as u64
    }
}
