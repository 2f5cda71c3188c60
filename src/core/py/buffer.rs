//! Bytes that Rust and Python share.

/// A buffer owned by Rust or Python; both read it without a copy.
pub type Buffer = pyo3_bytes::PyBytes;
