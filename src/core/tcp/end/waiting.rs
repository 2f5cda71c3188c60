//! Segments in the name of an end that wait until it is known whether they were acceptable.

use crate::segment::Segment;
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::thresholds::SET_ASIDE;
use serde::{Deserialize, Serialize};

/// A segment set aside: its receiver throws it away, unless the capture lacks what makes it acceptable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Aside {
    /// The segment.
    pub segment: Segment,
    /// Why.
    pub reason: Fact,
}

/// Segments that wait, in the order in which they were captured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Waiting(Vec<Aside>);

impl Waiting {
    /// Whether none waits.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes of heap in use.
    pub const fn heap_bytes(&self) -> usize {
        self.0.capacity() * size_of::<Aside>()
    }
}

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
