//! Transitions of one end that are believed and not proven, so that a later segment may decide: their causes and their number.
//! Nearly every segment would prove the opening once more; a look at this shows that nothing is left to prove.

use crate::tcp::machine::cue::Cue;
use crate::tcp::machine::table::{Step, TABLE};
use serde::{Deserialize, Serialize};

/// The number of transitions in doubt, in the upper four bits, and a bit for each cause that some cue confirms or undoes. A
/// cause that is no longer in doubt keeps its bit as long as any other is. There may be any number of causes: from the twelfth
/// on they share the last bit, so that one of them in doubt costs the others a look into the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Doubts(u16);

const ONE: u16 = 1 << 12;
/// From this number on they are not counted any more, and the doubt stays for good.
const MANY: u16 = u16::MAX - (ONE - 1);

/// The bit that causes share which come too late in the table to have their own.
const SHARED: u16 = ONE >> 1;

/// The bit of each cause, by the number of the cue. Causes that nothing confirms or undoes have none.
const BITS: [u16; Cue::ALL.len()] = {
    let mut bits = [0; Cue::ALL.len()];
    let mut next = 1;
    let mut row = 0;
    while row < TABLE.len() {
        if let Step::Confirm(cause) | Step::Undo(cause) = TABLE[row].step
            && bits[cause as usize] == 0
        {
            bits[cause as usize] = next;
            next = if next < SHARED { next << 1 } else { SHARED };
        }
        row += 1;
    }
    bits
};

/// Causes of the opening that an end's own words prove.
const OPENING: u16 = BITS[Cue::SentSynAck as usize]
    | BITS[Cue::ReceivedSyn as usize]
    | BITS[Cue::ReceivedSynAck as usize]
    | BITS[Cue::ReceivedAckOfSyn as usize];

// Nearly every segment is asked about these.
const _: () = assert!(
    OPENING & SHARED == 0,
    "a cause of the opening shares its bit: move its row up in `TABLE` (tcp/machine/table.rs), or widen `Doubts`"
);

impl Doubts {
    /// Adds a transition by `cause`.
    pub const fn add(&mut self, cause: Cue) {
        self.0 |= BITS[cause as usize];
        if self.0 < MANY {
            self.0 += ONE;
        }
    }

    /// Takes one away.
    pub const fn settle(&mut self) {
        if self.0 < MANY {
            self.0 = self.0.saturating_sub(ONE);
        }
        if self.0 < ONE {
            self.0 = 0;
        }
    }

    /// Whether there may be any.
    pub const fn any(self) -> bool {
        self.0 != 0
    }

    /// Whether there may be one by `cause`. A transition from a doubtful state is doubtful too, whatever caused it: so any of
    /// them may have a cause without a bit.
    pub const fn may_be_by(self, cause: Cue) -> bool {
        let bit = BITS[cause as usize];
        if bit == 0 { self.any() } else { self.0 & bit != 0 }
    }

    /// Whether there may be one that belongs to the opening, and that the end's own words prove.
    pub const fn may_be_of_opening(self) -> bool {
        self.0 & OPENING != 0
    }
}

#[cfg(test)]
mod tests {
    use super::{BITS, Doubts, MANY, ONE};
    use crate::tcp::machine::cue::Cue;

    #[test]
    fn a_settled_transition_leaves_no_doubt() {
        let mut doubts = Doubts::default();
        doubts.add(Cue::ReceivedSynAck);
        assert!(
            doubts.may_be_of_opening()
                && doubts.may_be_by(Cue::ReceivedSynAck)
                && !doubts.may_be_by(Cue::ReceivedFin)
        );
        doubts.add(Cue::ReceivedFin);
        doubts.settle();
        assert!(doubts.any());
        doubts.settle();
        assert_eq!(doubts, Doubts::default());
        doubts.settle();
        assert_eq!(doubts, Doubts::default());
    }

    #[test]
    fn causes_without_a_bit_are_counted() {
        assert_eq!(BITS[Cue::SynGivenUp as usize], 0);
        let mut doubts = Doubts::default();
        doubts.add(Cue::SynGivenUp);
        assert!(doubts.any() && doubts.may_be_by(Cue::SynGivenUp) && !doubts.may_be_of_opening());
    }

    #[test]
    fn of_very_many_some_doubt_is_left_for_good() {
        let mut doubts = Doubts::default();
        for _ in 0..40 {
            doubts.add(Cue::ReceivedFin);
        }
        for _ in 0..40 {
            doubts.settle();
        }
        assert!(doubts.may_be_by(Cue::ReceivedFin) && doubts.0 >= MANY && MANY / ONE == 15);
    }
}
