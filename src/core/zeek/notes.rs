//! A dialogue for each connection of the flow table, by its id.

use super::dialogue::{Dialogue, Told};
use crate::segment::Segment;
use crate::tcp::reading::Reading;
use crate::tcp::side::Side;

/// The dialogues.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    dialogues: Vec<Dialogue>,
}

impl Notes {
    /// Takes in a segment of the connection with that id, which counts from 1.
    pub fn observe(&mut self, id: u64, from: Side, segment: &Segment, reading: Reading) {
        let Some(place) = usize::try_from(id).ok().and_then(|id| id.checked_sub(1)) else { return };
        if self.dialogues.len() <= place {
            self.dialogues.resize(place + 1, Dialogue::default());
        }
        self.dialogues[place].observe(from, segment, reading);
    }

    /// A connection as the log has it; `client` is who opened it, as far as anybody knows.
    #[must_use]
    pub fn told(&self, id: u64, client: Side) -> Option<Told> {
        let place = usize::try_from(id).ok()?.checked_sub(1)?;
        self.dialogues.get(place)?.told(client)
    }
}
