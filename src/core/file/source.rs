//! Sources of bytes: a file, standard input, a stream, or a thread that reads one of these.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::arrival::Arrival;
use super::aside::Aside;
use super::error::Reason;

/// A stream of capture bytes.
#[derive(Debug)]
pub(super) enum Source {
    Raw(Raw),
    Aside(Aside),
    Nothing,
}

impl Source {
    pub fn read(&mut self, into: &mut [u8]) -> Result<Arrival, Reason> {
        match self {
            Self::Raw(raw) => match raw.read(into) {
                Ok(0) => Ok(Arrival::End),
                Ok(count) => Ok(Arrival::Bytes(count)),
                Err(error) if is_a_pause(&error) => Ok(Arrival::Later),
                Err(error) => Err(Reason::of(&error)),
            },
            Self::Aside(aside) => aside.read(into),
            Self::Nothing => Ok(Arrival::End),
        }
    }

    /// Whether more bytes may follow after an end, because the file is still being written.
    pub const fn may_grow(&self) -> bool {
        matches!(self, Self::Raw(Raw { from: From::File(_), .. }))
    }
}

/// The same, for callers that know only I/O errors.
impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Raw(raw) => raw.read(into),
            other => match other.read(into) {
                Ok(Arrival::Bytes(count)) => Ok(count),
                Ok(Arrival::End) => Ok(0),
                Ok(Arrival::Later) => Err(io::ErrorKind::Interrupted.into()),
                Err(reason) => Err(io::Error::new(io::ErrorKind::BrokenPipe, reason.to_string())),
            },
        }
    }
}

/// Whether a failed read may be retried.
fn is_a_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock)
}

/// Bytes as they are on disk or in the pipe, counted.
pub(super) struct Raw {
    from: From,
    count: Arc<AtomicU64>,
}

enum From {
    File(File),
    Stdin(io::Stdin),
    Stream(Box<dyn Read + Send>),
}

impl Raw {
    pub const fn file(file: File, count: Arc<AtomicU64>) -> Self {
        Self { from: From::File(file), count }
    }

    pub fn stdin(count: Arc<AtomicU64>) -> Self {
        Self { from: From::Stdin(io::stdin()), count }
    }

    pub const fn stream(stream: Box<dyn Read + Send>, count: Arc<AtomicU64>) -> Self {
        Self { from: From::Stream(stream), count }
    }
}

impl Read for Raw {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.from {
            From::File(file) => file.read(into),
            From::Stdin(stdin) => stdin.lock().read(into),
            From::Stream(stream) => stream.read(into),
        }?;
        self.count.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.from {
            From::File(_) => "file",
            From::Stdin(_) => "standard input",
            From::Stream(_) => "stream",
        })
    }
}
