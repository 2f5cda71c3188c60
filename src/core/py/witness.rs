//! The tables of the tracker, as records for Python.

use super::record::{Tuple, records};
use crate::tcp::alternatives::{self as second, ALTERNATIVES, Or};
use crate::tcp::cue::{Cue, Evidence};
use crate::tcp::state::State;
use crate::tcp::table::{self, Step, TABLE};
use crate::tcp::thresholds::{self as numbers, THRESHOLDS, Unit};
use pyo3::prelude::*;

/// The effect of a row, apart from the state or the event that it is about.
#[derive(Clone, Copy, Debug)]
pub enum Effect {
    /// The end enters a state.
    Enter,
    /// The presumption is proven.
    Confirm,
    /// The presumed event did not happen.
    Undo,
    /// A timer's expiry did not happen.
    UndoTimer,
}

impl Effect {
    /// Every effect, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Enter, Self::Confirm, Self::Undo, Self::UndoTimer];

    /// Its word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enter => "enter",
            Self::Confirm => "confirm",
            Self::Undo => "undo",
            Self::UndoTimer => "undo timer",
        }
    }
}

records! {
    "wirestat.witness";

    /// One row of the table.
    Row {
        states: Tuple<State>,
        cue: Cue,
        effect: Effect,
        to: Option<State>,
        evidence: Option<Evidence>,
        cause: Option<Cue>,
        because: &'static str,
    }

    /// One row of the second table. A row without a state is about states that the end had left.
    Alternative {
        states: Tuple<State>,
        when: &'static str,
        other: Option<State>,
        because: &'static str,
    }

    /// A threshold of the inference.
    Threshold {
        name: &'static str,
        unit: Unit,
        value: i64,
        why: &'static str,
        source: &'static str,
    }
}

/// The rows of the table that have an effect, in its order.
#[pyfunction]
pub fn machine() -> Vec<Row> {
    TABLE.iter().filter_map(record).collect()
}

fn record(row: &table::Row) -> Option<Row> {
    let (effect, to, evidence, cause) = match row.step {
        Step::Nothing => return None,
        Step::Enter(to, evidence) => (Effect::Enter, Some(to), Some(evidence), None),
        Step::Confirm(cause) => (Effect::Confirm, None, None, Some(cause)),
        Step::Undo(cause) => (Effect::Undo, None, None, Some(cause)),
        Step::UndoTimer => (Effect::UndoTimer, None, None, None),
    };
    let states = row.states.iter().copied().collect();
    Some(Row { states, cue: row.cue, effect, to, evidence, cause, because: row.because })
}

/// The rows of the second table: which other states the evidence leaves open.
#[pyfunction]
pub fn alternatives() -> Vec<Alternative> {
    ALTERNATIVES.iter().map(alternative).collect()
}

fn alternative(row: &second::Alternative) -> Alternative {
    let other = match row.or {
        Or::State(state) => Some(state),
        Or::Left | Or::Undone => None,
    };
    let states = row.states.iter().copied().collect();
    Alternative { states, when: row.when.words(), other, because: row.because }
}

/// The thresholds of the inference.
#[pyfunction]
pub fn thresholds() -> Vec<Threshold> {
    THRESHOLDS.iter().map(threshold).collect()
}

const fn threshold(number: &numbers::Threshold) -> Threshold {
    let &numbers::Threshold { name, unit, value, why, source } = number;
    Threshold { name, unit, value, why, source }
}
