//! Bytes that Rust and Python read in one place.

/// A buffer of Rust's or of Python's; either side reads it without a copy.
pub type Buffer = pyo3_bytes::PyBytes;
