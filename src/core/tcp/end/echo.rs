//! Echoes: an end that repeats itself for ever, each time in answer to the other.

use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::kept::Echo;

impl Endpoint {
    /// Its last reset, or acknowledgement that the other end rejects.
    #[must_use]
    pub fn echo(&self) -> Option<Echo> {
        self.rare().and_then(|rare| rare.echo)
    }

    /// Keeps one, in place of the last.
    pub(in crate::tcp) fn keep_echo(&mut self, echo: Echo) {
        self.rare_mut().echo = Some(echo);
    }
}
