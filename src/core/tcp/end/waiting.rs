//! Segments in the name of an end that wait until it is known whether they were acceptable.

use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::kept::Aside;
use crate::tcp::machine::thresholds::SET_ASIDE;

impl Endpoint {
    /// Segments in its name that wait.
    #[must_use]
    pub fn waiting(&self) -> &[Aside] {
        self.rare().map_or(&[], |rare| &rare.waiting.0)
    }

    /// Whether any waits.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        !self.waiting().is_empty()
    }

    /// Whether so many wait that there is room for no more.
    #[must_use]
    pub fn has_too_many_waiting(&self) -> bool {
        self.waiting().len() >= SET_ASIDE
    }

    /// Lets a segment wait, behind those that do.
    pub(in crate::tcp) fn let_wait(&mut self, aside: Aside) {
        self.rare_mut().waiting.0.push(aside);
    }

    /// All that wait, none of which does any longer.
    pub(in crate::tcp) fn take_waiting(&mut self) -> Vec<Aside> {
        self.rare.as_mut().map_or_else(Vec::new, |rare| std::mem::take(&mut rare.waiting.0))
    }
}
