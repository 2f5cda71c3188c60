//! A SYN in the middle of a connection, kept until it is known what it was.

use crate::segment::Segment;
use crate::tcp::machine::side::Side;
use serde::{Deserialize, Serialize};

/// A SYN in the middle of a connection. It draws a challenge ACK and changes nothing (RFC 9293, 3.10.7.4); if its
/// sender has lost the connection it answers that with a reset, and tries again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stray {
    /// Who sent it.
    pub side: Side,
    /// The SYN itself.
    pub segment: Segment,
    /// Copies captured so far.
    pub copies: u32,
}
