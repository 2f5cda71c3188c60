//! A stretch of a file, read as a separate capture: the file's head, which describes the format, and then a range of
//! its bytes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// The bytes of a file that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The length of the head.
    pub head: u64,
    /// The start of the range.
    pub start: u64,
    /// The end of the range; `None` for the end of the file.
    pub end: Option<u64>,
}

impl Stretch {
    /// The total bytes, given the size of the file.
    pub(super) fn size(&self, file: u64) -> u64 {
        let end = self.end.unwrap_or(file).min(file);
        self.head.min(file) + end.saturating_sub(self.start)
    }
}

/// A stretch while it is read.
pub(super) struct Stretched {
    file: File,
    /// Bytes of the head that are left.
    head: u64,
    /// Where to go on after the head; `None` once there.
    start: Option<u64>,
    /// Bytes of the range that are left.
    left: u64,
}

impl Stretched {
    /// Begins with the head of a file that was opened just now.
    pub fn new(file: File, of: Stretch) -> Self {
        let Stretch { head, start, end } = of;
        let left = end.map_or(u64::MAX, |end| end.saturating_sub(start));
        Self { file, head, start: Some(start), left }
    }
}

impl Read for Stretched {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.head == 0
            && let Some(start) = self.start.take()
        {
            self.file.seek(SeekFrom::Start(start))?;
        }
        let left = if self.head > 0 { &mut self.head } else { &mut self.left };
        let most = usize::try_from(*left).unwrap_or(usize::MAX).min(into.len());
        let count = self.file.read(&mut into[..most])?;
        *left = left.saturating_sub(count as u64);
        Ok(count)
    }
}
