//! From segments to the states of both ends.
//!
//! A passive observer sees *sending*, not *receiving*; every rule here follows from that.
//!
//! * [`state`], [`cue`] and [`table`] are the machine: what each cue does to each state.
//! * [`log`] keeps what happened, each [`entry`] packed in 20 bytes, and `doubts` what of it is not proven; [`fact`] names
//!   what is noticed.
//! * [`space`], [`marks`], [`tick`] and [`endpoint`] hold one end; [`connection`] holds both and applies cues.
//! * [`calm`] reads the many segments that only carry on.
//! * [`opening`], [`stream`], [`closing`] and [`reset`] read a segment: which cues it holds for which end.
//! * [`anew`] tells a retry from a stray and a stray from a new connection.
//! * [`silence`] says what it means that nothing came; [`profile`] holds the timers.

pub mod anew;
pub mod calm;
pub mod closing;
pub mod connection;
pub mod cue;
mod doubts;
pub mod endpoint;
pub mod entry;
pub mod fact;
pub mod log;
pub mod marks;
pub mod opening;
mod packed;
pub mod profile;
pub mod reset;
pub mod silence;
pub mod space;
pub mod state;
pub mod stream;
pub mod table;
pub mod tick;
