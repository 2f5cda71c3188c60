//! Mistakes in an expression, each with its place.

use std::fmt;

/// A mistake in an expression: it is invalid, or uses something unknown here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The offset of the mistake, in bytes.
    pub at: usize,
    /// Its length in bytes.
    pub length: usize,
    /// The problem.
    pub why: String,
}

impl Mistake {
    pub(super) fn at(at: usize, length: usize, why: impl Into<String>) -> Self {
        Self { at, length, why: why.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}
