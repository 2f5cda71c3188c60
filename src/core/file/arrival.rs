//! The result of a read.

/// The result of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// This many bytes.
    Bytes(usize),
    /// Nothing yet: the read was interrupted by a signal, or would have to wait.
    Later,
    /// The end of the stream.
    End,
}
