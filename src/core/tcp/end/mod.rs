//! One end of a connection: its state, its sequence space, and what is known of its conduct.

mod conduct;
mod counts;
pub mod endpoint;
pub mod marks;
pub mod rare;
mod sequence;
pub mod space;
pub mod tick;
mod timing;
