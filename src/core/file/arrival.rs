//! The result of a read.

/// The result of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// So many bytes.
    Bytes(usize),
    /// Nothing for now: the read was interrupted by a signal, or would have to wait.
    Later,
    /// Nothing, for good.
    End,
}
