//! A dialogue for each connection of the flow table, by its id.

use super::dialogue::{Dialogue, Told};
use crate::segment::Segment;
use crate::tcp::reading::Reading;
use crate::tcp::side::Side;

/// Dialogues per block of memory. Without blocks, moving all dialogues whenever their number grows would take longer
/// than updating them.
const TOGETHER: usize = 1024;

/// The dialogues.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    blocks: Vec<Vec<Dialogue>>,
}

impl Notes {
    /// Takes in a segment of the connection with this id; ids start at 1.
    pub fn observe(&mut self, id: u64, from: Side, segment: &Segment, reading: Reading) {
        let Some(place) = usize::try_from(id).ok().and_then(|id| id.checked_sub(1)) else { return };
        let (block, place) = (place / TOGETHER, place % TOGETHER);
        while self.blocks.len() <= block {
            self.blocks.push(Vec::with_capacity(TOGETHER));
        }
        let dialogues = &mut self.blocks[block];
        if dialogues.len() <= place {
            dialogues.resize(place + 1, Dialogue::default());
        }
        dialogues[place].observe(from, segment, reading);
    }

    /// A connection as the log has it; `client` is the presumed opener.
    #[must_use]
    pub fn told(&self, id: u64, client: Side) -> Option<Told> {
        let place = usize::try_from(id).ok()?.checked_sub(1)?;
        self.blocks.get(place / TOGETHER)?.get(place % TOGETHER)?.told(client)
    }
}
