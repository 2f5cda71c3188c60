//! Compressed captures: recognised by content, decoded piece by piece.

mod gzip;
mod lz4;
mod xz;
mod zstd;

use std::fmt;

pub(super) use gzip::Gzip;
pub(super) use lz4::Lz4;
pub(super) use xz::Xz;
pub(super) use zstd::Zstd;

/// How a capture is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip (RFC 1952).
    Gzip,
    /// zstd (RFC 8878).
    Zstd,
    /// The LZ4 frame format.
    Lz4,
    /// xz.
    Xz,
}

impl Compression {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Xz => "xz",
        }
    }

    /// Recognises it by the first bytes of a stream.
    pub(super) const fn recognise(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            // A zstd stream may begin with a frame to be skipped, as those of pzstd do.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Self::Lz4),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Self::Xz),
            _ => None,
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A decoder, read for decoded bytes; 0 bytes mean the end.
pub(super) trait Decode {
    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Problem>;
}

/// Why decoding stopped.
#[derive(Debug)]
pub(super) enum Problem {
    CutShort,
    Damaged(String),
    TooLarge,
    Read(std::io::Error),
}

impl From<std::io::Error> for Problem {
    /// Decoders report both damage in the stream and failures of their input as I/O errors.
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => Self::CutShort,
            std::io::ErrorKind::InvalidData
            | std::io::ErrorKind::InvalidInput
            | std::io::ErrorKind::Other => Self::Damaged(error.to_string()),
            std::io::ErrorKind::OutOfMemory => Self::TooLarge,
            _ => Self::Read(error),
        }
    }
}
