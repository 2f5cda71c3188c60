//! Prefetching of memory.

use prefetch_index::prefetch_index;
use std::slice;

/// Prefetches the memory at the beginning of a value. Only the time of a later read changes.
#[inline(always)]
pub fn ask_for<T>(value: &T) {
    prefetch_index(slice::from_ref(value), 0);
}
