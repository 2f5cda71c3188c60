//! The door of a full roster: who comes once and never again is not let in.

/// Remembers in short who was turned away lately.
#[derive(Clone, Debug, Default)]
pub struct Door(Vec<u32>);

impl Door {
    const SEATS: usize = 8192;

    /// Lets in one with such a hash if it has been here before, lately; returns whether it has.
    pub fn admit(&mut self, hash: u64) -> bool {
        if self.0.is_empty() {
            self.0 = vec![0; Self::SEATS];
        }
        let seat = &mut self.0[hash as usize % Self::SEATS];
        let face = (hash >> 32) as u32 | 1;
        std::mem::replace(seat, face) == face
    }
}
