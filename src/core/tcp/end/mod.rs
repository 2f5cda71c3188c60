//! One end of a connection: its state, its sequence space, and what is known of its conduct.

pub mod endpoint;
pub mod marks;
pub mod rare;
pub mod space;
pub mod tick;
