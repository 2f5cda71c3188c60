//! The columns of a change of state.

use super::field::fields;
use super::remembered::Step;
use crate::tcp::number::Number;

fields! {
    /// The columns.
    FIELDS of Step: |step, _books|
    connection: u64 in Id => step.connection, "The connection.";
    endpoint: u8 of Sides => u8::from(step.server), "The end that changed its state.";
    from_state: u8 of States => step.transition.from as u8, "The state that it left.";
    to: u8 of States => step.transition.to as u8, "The state that it entered.";
    time_ns: i64 in Time => step.transition.time_ns, "When.";
    frame: u64 in Frame => step.transition.frame, "The frame that shows it.";
    cue: Number of Cues => step.transition.cue.number(), "What the segment meant to this end.";
    evidence: u8 of Evidence => step.transition.evidence as u8, "How it is known.";
    confirmed_by: u64 in Frame or 0 => step.confirmed_by(), "The frame that proved a presumed transition.";
    retracted_by: u64 in Frame or 0 => step.retracted_by(),
        "The frame that disproved it: a transition with one did not happen.";
}
