//! Why a capture could not be read, or not to its end: the file, the offset and the reason.

use std::fmt;
use std::io;

use super::compression::Compression;

/// The error that stopped the reading of one capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The input as given: a path, or `-`.
    pub name: String,
    /// The offset in the (decompressed) stream where reading stopped.
    pub offset: u64,
    /// Why.
    pub reason: Reason,
}

/// Why reading stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// There is no such file.
    NotFound,
    /// The file may not be read.
    PermissionDenied,
    /// The path is a directory.
    Directory,
    /// Standard input is a terminal, so no capture comes.
    Terminal,
    /// Standard input was given more than once.
    StdinTwice,
    /// There is not a single byte.
    Empty,
    /// The file is in no known capture format, but seems to be this.
    NotACapture(String),
    /// It is a capture in an unsupported format or variant.
    Unsupported(String),
    /// The stream ends inside a structure.
    CutShort {
        /// The structure that is cut short.
        inside: &'static str,
        /// The size of that structure in bytes.
        need: u64,
        /// The bytes that are there.
        have: u64,
    },
    /// A length that cannot be true, or is beyond the limit.
    TooLong {
        /// The structure that is too long.
        what: &'static str,
        /// The length it claims.
        length: u64,
        /// The length it may have.
        limit: u64,
    },
    /// More of something than allowed.
    TooMany {
        /// The kind of thing.
        what: &'static str,
        /// The number allowed.
        limit: u64,
    },
    /// The bytes contradict the format.
    Damaged(String),
    /// The compressed stream ends before its end mark.
    CompressionCutShort(Compression),
    /// The compressed stream cannot be decoded.
    CompressionDamaged(Compression, String),
    /// The compressed stream needs more memory than allowed.
    CompressionTooLarge(Compression, u64),
    /// The operating system reported an error.
    Io(String),
}

/// The kinds of reasons, as coarse as callers need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// There is no such file.
    NotFound,
    /// The file may not be read.
    Permission,
    /// The path is a directory.
    Directory,
    /// Standard input is a terminal, or was given twice.
    StandardInput,
    /// There is not a single byte.
    Empty,
    /// It is not a capture.
    NotACapture,
    /// It is a capture of an unsupported kind.
    Unsupported,
    /// It ends too early: what came before is good.
    CutShort,
    /// It is damaged: what came before is good.
    Damaged,
    /// Reading failed for a reason that is not in the file.
    Io,
}

/// `EMFILE`, which has the same number on all Unix systems.
const TOO_MANY_OPEN: i32 = 24;

impl Reason {
    /// The kind of this reason.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::NotFound => Kind::NotFound,
            Self::PermissionDenied => Kind::Permission,
            Self::Directory => Kind::Directory,
            Self::Terminal | Self::StdinTwice => Kind::StandardInput,
            Self::Empty => Kind::Empty,
            Self::NotACapture(_) => Kind::NotACapture,
            Self::Unsupported(_) | Self::CompressionTooLarge(..) => Kind::Unsupported,
            Self::CutShort { .. } | Self::CompressionCutShort(_) => Kind::CutShort,
            Self::TooLong { .. } | Self::TooMany { .. } | Self::Damaged(_) | Self::CompressionDamaged(..) => {
                Kind::Damaged
            }
            Self::Io(_) => Kind::Io,
        }
    }

    /// Translates an error of the operating system, met while a capture was opened or read.
    pub(super) fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound,
            io::ErrorKind::PermissionDenied => Self::PermissionDenied,
            io::ErrorKind::IsADirectory => Self::Directory,
            _ if error.raw_os_error() == Some(TOO_MANY_OPEN) => {
                Self::Io("too many files are open at once ('ulimit -n')".to_owned())
            }
            _ => Self::Io(error.to_string()),
        }
    }

    /// Whether the offset helps to find the error.
    const fn has_a_place(&self) -> bool {
        matches!(self.kind(), Kind::CutShort | Kind::Damaged | Kind::Io)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("no such file"),
            Self::PermissionDenied => f.write_str("permission denied"),
            Self::Directory => f.write_str("is a directory"),
            Self::Terminal => f.write_str("is a terminal; pipe a capture into it"),
            Self::StdinTwice => f.write_str("can be read only once"),
            Self::Empty => f.write_str("is empty"),
            Self::NotACapture(looks_like) => write!(f, "not a capture file: {looks_like}"),
            Self::Unsupported(what) => f.write_str(what),
            Self::CutShort { inside, need, have } => {
                write!(f, "cut short inside {inside}: {have} of {need} bytes are there")
            }
            Self::TooLong { what, length, limit } => {
                write!(f, "{what} claims {length} bytes, {limit} is the most it can have")
            }
            Self::TooMany { what, limit } => write!(f, "more than {limit} {what}"),
            Self::Damaged(how) => f.write_str(how),
            Self::CompressionCutShort(kind) => write!(f, "the {kind} stream is cut short"),
            Self::CompressionDamaged(kind, how) => write!(f, "the {kind} stream is damaged: {how}"),
            Self::CompressionTooLarge(kind, limit) => {
                let mebibytes = limit >> 20;
                write!(f, "the {kind} stream needs more than {mebibytes} MiB of memory to decompress")
            }
            Self::Io(error) => f.write_str(error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, offset, reason } = self;
        if reason.has_a_place() {
            write!(f, "{name}: at byte {offset}: {reason}")
        } else {
            write!(f, "{name}: {reason}")
        }
    }
}

impl std::error::Error for Failure {}

/// No input could be opened: the reasons, one for each, in the order of the inputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenError {
    /// One for each input; empty when there was no input at all.
    pub failures: Vec<Failure>,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.failures.is_empty() {
            return f.write_str("nothing to read");
        }
        for (index, failure) in self.failures.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{failure}")?;
        }
        Ok(())
    }
}

impl std::error::Error for OpenError {}
