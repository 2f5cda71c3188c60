//! Segments in the name of an end that are set aside until it is known whether they were acceptable.

use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::kept::Aside;
use crate::tcp::machine::thresholds::SET_ASIDE;

impl Endpoint {
    /// Segments in its name that are set aside.
    #[must_use]
    pub fn aside(&self) -> &[Aside] {
        self.rare().map_or(&[], |rare| &rare.aside.0)
    }

    /// Whether any segment is set aside.
    #[must_use]
    pub fn has_aside(&self) -> bool {
        !self.aside().is_empty()
    }

    /// Whether no more can be set aside.
    #[must_use]
    pub fn is_aside_full(&self) -> bool {
        self.aside().len() >= SET_ASIDE
    }

    /// Sets a segment aside, after the others.
    pub(in crate::tcp) fn set_aside(&mut self, aside: Aside) {
        self.rare_mut().aside.0.push(aside);
    }

    /// Takes out all segments that were set aside.
    pub(in crate::tcp) fn take_aside(&mut self) -> Vec<Aside> {
        self.rare.as_mut().map_or_else(Vec::new, |rare| std::mem::take(&mut rare.aside.0))
    }
}
