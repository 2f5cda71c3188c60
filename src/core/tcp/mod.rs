//! From segments to the states of both ends.
//!
//! A passive observer sees *sending*, not *receiving*; every rule here follows from that.
//!
//! ```text
//! machine/     states, cues, THE TABLE, timers, facts
//! end/         one end: its sequence space, its timers, its marks and counters
//! connection/  both ends, the log of what happened to them, and how a cue is applied
//! reading/     which cues a segment, or a silence, holds for which end
//! ```
//!
//! Each knows those above it, and none below.

pub mod connection;
pub mod end;
pub mod machine;
pub mod reading;

pub use connection::{entry, log};
pub use end::{endpoint, marks, space, tick};
pub use machine::{alternatives, cue, fact, number, profile, side, state, table, thresholds};
pub use reading::anew;
