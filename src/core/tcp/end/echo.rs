//! Echoes: an end that says the same for ever, each time in answer to the other.

use crate::seq::Seq;
use crate::tcp::end::endpoint::Endpoint;
use serde::{Deserialize, Serialize};

/// The last reset of an end, or acknowledgement that its receiver throws away.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Echo {
    /// Its sequence number.
    pub seq: Seq,
    /// Its acknowledgement number.
    pub ack: Seq,
    /// Its frame.
    pub frame: u64,
    /// When, in Unix ns.
    pub time_ns: i64,
    /// Payload octets that the other end had sent by then.
    pub heard: u64,
    /// How often it came with the same numbers, the other end having spoken between.
    pub rounds: u32,
}

impl Endpoint {
    /// Its last reset, or acknowledgement that the other end throws away.
    #[must_use]
    pub fn echo(&self) -> Option<Echo> {
        self.rare().and_then(|rare| rare.echo)
    }

    /// Keeps one, in place of the last.
    pub(in crate::tcp) fn keep_echo(&mut self, echo: Echo) {
        self.rare_mut().echo = Some(echo);
    }
}
