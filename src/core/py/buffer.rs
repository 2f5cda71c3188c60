//! Bytes that Rust and Python share.

/// A buffer that Rust or Python owns, and that both read without a copy.
pub type Buffer = pyo3_bytes::PyBytes;
