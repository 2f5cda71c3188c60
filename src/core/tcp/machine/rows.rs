//! Sets of rows of the second table, and those that may hold of an end.

use crate::tcp::machine::alternatives::{ALTERNATIVES, Alternative};
use crate::tcp::machine::number::{place, take_first};
use crate::tcp::machine::state::State;

/// A set of rows of [`ALTERNATIVES`]. As an iterator, it takes them out in their order.
#[derive(Clone, Copy)]
pub struct Rows([u64; Rows::WORDS]);

const _: () = assert!(
    ALTERNATIVES.len() <= Rows::WORDS * u64::BITS as usize,
    "there are more alternatives than bits: raise `Rows::WORDS` (tcp/machine/rows.rs)"
);

impl Rows {
    const WORDS: usize = 2;
    const NONE: Self = Self([0; Self::WORDS]);

    /// The rows that name a state.
    #[must_use]
    pub const fn of(state: State) -> Self {
        OF_STATES[state as usize]
    }

    /// Those of them that may hold of an end: if it is not `in_doubt`, not those that need an unproven move; if something of
    /// both ends was captured, not those that need the contrary.
    #[must_use]
    pub fn left(self, in_doubt: bool, both_seen: bool) -> Self {
        let without_doubt = if in_doubt { Self::NONE } else { NEED_DOUBT };
        let without_unseen = if both_seen { NEED_UNSEEN } else { Self::NONE };
        self.without(without_doubt).without(without_unseen)
    }

    /// Those that are not among `others`.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] & !others.0[word]))
    }

    const fn add(&mut self, row: usize) {
        let (word, bit) = place(row);
        self.0[word] |= bit;
    }
}

impl Iterator for Rows {
    type Item = &'static Alternative;

    #[inline]
    fn next(&mut self) -> Option<&'static Alternative> {
        ALTERNATIVES.get(take_first(&mut self.0)?)
    }
}

macro_rules! rows_with {
    (|$row:ident| $holds:expr) => {{
        let (mut rows, mut number) = (Rows::NONE, 0);
        while number < ALTERNATIVES.len() {
            let $row = &ALTERNATIVES[number];
            if $holds {
                rows.add(number);
            }
            number += 1;
        }
        rows
    }};
}

const NEED_DOUBT: Rows = rows_with!(|row| row.when.needs_doubt());
const NEED_UNSEEN: Rows = rows_with!(|row| row.when.needs_unseen());

const OF_STATES: [Rows; State::ALL.len()] = {
    let mut rows = [Rows::NONE; State::ALL.len()];
    let mut number = 0;
    while number < ALTERNATIVES.len() {
        let states = ALTERNATIVES[number].states;
        let mut state = 0;
        while state < states.len() {
            rows[states[state] as usize].add(number);
            state += 1;
        }
        number += 1;
    }
    rows
};
