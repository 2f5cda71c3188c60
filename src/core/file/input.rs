//! The inputs of a reader, and how they are opened.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::aside::Aside;
use super::error::Reason;
use super::source::{Raw, Source};
use super::stretch::{Stretch, Stretched};

/// Something that holds a capture.
pub enum Input {
    /// A file, a named pipe, a device.
    Path(PathBuf),
    /// Some bytes of a file.
    Part(PathBuf, Stretch),
    /// Standard input: `-`.
    Stdin,
    /// Any other stream of bytes, with its name in messages.
    Stream {
        /// Its name in messages.
        name: String,
        /// The source of its bytes.
        stream: Box<dyn Read + Send>,
    },
}

/// An input that was opened.
pub(super) struct Opened {
    pub source: Source,
    /// Bytes on disk, if known.
    pub size: Option<u64>,
    /// Whether it is a pipe, which may be silent for any time.
    pub pipe: bool,
}

impl Input {
    /// How the input is called in messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Path(path) | Self::Part(path, _) => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
            Self::Stream { name, .. } => name.clone(),
        }
    }

    /// Whether it can be opened again with the same content.
    pub(super) fn can_be_reopened(&self) -> bool {
        let (Self::Path(path) | Self::Part(path, _)) = self else { return false };
        fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
    }

    /// Opens it; what is read is counted in `count`. A stream can be opened once.
    pub(super) fn open(&mut self, count: Arc<AtomicU64>) -> Result<Opened, Reason> {
        match self {
            Self::Path(path) if is_fifo(path) => {
                let stream = Box::new(Awaited::Path(path.clone()));
                Ok(Opened {
                    source: Source::Aside(Aside::pass_on(Source::Raw(Raw::stream(stream, count)))?),
                    size: None,
                    pipe: true,
                })
            }
            Self::Path(path) => {
                let file = File::open(path).map_err(|error| Reason::of(&error))?;
                let metadata = file.metadata().map_err(|error| Reason::of(&error))?;
                if metadata.is_dir() {
                    return Err(Reason::Directory);
                }
                let source = Source::Raw(Raw::file(file, count));
                if metadata.is_file() {
                    return Ok(Opened { source, size: Some(metadata.len()), pipe: false });
                }
                Ok(Opened { source: Source::Aside(Aside::pass_on(source)?), size: None, pipe: true })
            }
            Self::Part(path, stretch) => {
                let file = File::open(path).map_err(|error| Reason::of(&error))?;
                let metadata = file.metadata().map_err(|error| Reason::of(&error))?;
                if metadata.is_dir() {
                    return Err(Reason::Directory);
                }
                let size = Some(stretch.size(metadata.len()));
                let stream = Box::new(Stretched::new(file, *stretch));
                Ok(Opened { source: Source::Raw(Raw::stream(stream, count)), size, pipe: false })
            }
            Self::Stdin if io::stdin().is_terminal() => Err(Reason::Terminal),
            Self::Stdin => {
                let source = Source::Raw(Raw::stdin(count));
                Ok(Opened { source: Source::Aside(Aside::pass_on(source)?), size: None, pipe: true })
            }
            Self::Stream { stream, .. } => {
                let stream = std::mem::replace(stream, Box::new(io::empty()));
                Ok(Opened { source: Source::Raw(Raw::stream(stream, count)), size: None, pipe: false })
            }
        }
    }
}

/// A named pipe. A separate thread opens it, because opening blocks until the pipe has a writer.
enum Awaited {
    Path(PathBuf),
    Open(File),
}

impl Read for Awaited {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Self::Path(path) = self {
            *self = Self::Open(File::open(path)?);
        }
        match self {
            Self::Open(file) => file.read(into),
            Self::Path(_) => Ok(0),
        }
    }
}

#[cfg(unix)]
fn is_fifo(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
const fn is_fifo(_path: &Path) -> bool {
    false
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Input").field(&self.name()).finish()
    }
}
