//! The machine: states, cues, and the table that says what each cue does in each state. It knows nothing of segments.

pub mod alternatives;
pub mod cue;
pub mod fact;
pub mod number;
pub mod profile;
pub mod rows;
pub mod side;
pub mod state;
pub mod table;
pub mod thresholds;
