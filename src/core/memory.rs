//! Memory that will be needed soon, asked for before it is.

use prefetch_index::prefetch_index;
use std::slice;

/// Asks for the memory where a value begins, and does not wait for it. That changes nothing but the time that reading it
/// takes.
#[inline(always)]
pub fn ask_for<T>(value: &T) {
    prefetch_index(slice::from_ref(value), 0);
}
