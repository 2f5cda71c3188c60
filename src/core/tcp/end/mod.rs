//! One end of a connection: its state, its sequence space, and what is known of its conduct.

mod asked;
mod conduct;
mod counts;
pub mod echo;
pub mod endpoint;
pub mod fins;
pub mod marks;
mod missing;
mod odd;
mod probing;
mod rare;
mod resent;
pub mod resets;
mod sequence;
mod shut;
pub mod space;
pub mod tick;
mod timing;
mod ttls;
pub mod waiting;
pub mod waits;
pub mod waking;
