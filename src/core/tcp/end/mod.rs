//! One end of a connection: its state, its sequence space, and what is known of its conduct.

mod aside;
mod asked;
mod conduct;
mod counts;
mod echo;
pub mod endpoint;
mod fins;
pub mod kept;
pub mod marks;
mod missing;
mod odd;
mod probing;
pub mod rare;
mod resent;
mod resets;
mod sequence;
mod shut;
pub mod space;
mod sums;
pub mod tick;
mod timing;
mod ttls;
mod waits;
mod waking;
