//! The memory limits of a reader; none limits the length of a capture.

/// Bounds on what one capture may make the reader allocate.
#[derive(Clone, Copy, Debug)]
pub struct ReaderLimits {
    /// Bytes of the buffer of one open capture; it grows only for a record that is longer.
    pub buffer: usize,
    /// The longest pcapng block that is parsed; longer ones of unknown type are still skipped.
    pub block: u32,
    /// The largest window (zstd) or dictionary (xz) of a compressed input, in bytes.
    pub window: u64,
    /// Comments that are kept of one capture.
    pub comments: usize,
    /// Bytes that are kept of one comment or name.
    pub text: usize,
    /// Interfaces that one capture may describe.
    pub interfaces: usize,
}

impl Default for ReaderLimits {
    fn default() -> Self {
        Self {
            buffer: 256 << 10,
            block: 16 << 20,
            window: 128 << 20,
            comments: 100,
            text: 1000,
            interfaces: 65_536,
        }
    }
}
