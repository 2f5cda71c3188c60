//! The read buffer: refilled by read(2) in place, handed out as slices, with the stream offset.

use super::arrival::Arrival;
use super::error::Reason;
use super::source::Source;
use super::step::Trouble;

/// Whether the requested bytes are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// The bytes are there.
    Ready,
    /// The stream ends before them.
    Short,
    /// The bytes have not arrived yet.
    Pending,
}

/// A window on a stream of bytes.
#[derive(Debug)]
pub(super) struct Buffer {
    source: Source,
    bytes: Vec<u8>,
    /// The unread bytes lie between these two.
    start: usize,
    end: usize,
    /// The stream offset of `bytes`.
    base: u64,
    ended: bool,
    /// Whether the end of the source counts as a pause: the file is still being written.
    follow: bool,
}

impl Buffer {
    pub fn new(source: Source, capacity: usize) -> Self {
        Self {
            source,
            bytes: vec![0; capacity.max(1)],
            start: 0,
            end: 0,
            base: 0,
            ended: false,
            follow: false,
        }
    }

    pub const fn follow(&mut self, follow: bool) {
        self.follow = follow;
    }

    /// The unread bytes in the buffer.
    #[inline]
    pub fn unread(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// The bytes of a record found before; they stay in place until the next call of `require`.
    #[inline]
    pub fn slice(&self, at: usize, length: usize) -> &[u8] {
        &self.bytes[at..at + length]
    }

    /// The stream offset of the first unread byte.
    #[inline]
    pub const fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Makes `wanted` bytes available. Returns as soon as they are, even if a full read would bring more.
    #[inline]
    pub fn require(&mut self, wanted: usize) -> Result<Fill, Trouble> {
        if self.end - self.start >= wanted { Ok(Fill::Ready) } else { self.refill(wanted) }
    }

    /// Consumes `length` unread bytes if there are that many, and returns their place in the buffer.
    #[inline(always)]
    pub fn take_whole(&mut self, length: usize) -> Option<usize> {
        let at = self.start;
        if length > self.end - at {
            return None;
        }
        self.start += length;
        Some(at)
    }

    /// Consumes `length` unread bytes, and returns their place in the buffer.
    #[inline]
    pub fn take(&mut self, length: usize) -> usize {
        let at = self.start;
        self.start = (at + length).min(self.end);
        at
    }

    #[cold]
    #[inline(never)]
    fn refill(&mut self, wanted: usize) -> Result<Fill, Trouble> {
        // Less than one record is left, so moving it to the front costs little.
        self.bytes.copy_within(self.start..self.end, 0);
        self.base += self.start as u64;
        self.end -= self.start;
        self.start = 0;
        while self.end < wanted {
            if self.ended {
                return Ok(Fill::Short);
            }
            if self.end == self.bytes.len() {
                // Only a full buffer grows: a record that merely claims a large length costs no memory.
                let doubled = self.bytes.len().saturating_mul(2);
                self.bytes.resize(doubled, 0);
            }
            match self.source.read(&mut self.bytes[self.end..]) {
                Ok(Arrival::Bytes(count)) => self.end += count,
                Ok(Arrival::End) if self.follow && self.source.may_grow() => return Ok(Fill::Pending),
                Ok(Arrival::End) => self.ended = true,
                Ok(Arrival::Later) => return Ok(Fill::Pending),
                Err(reason) => return Err(Trouble::new(self.base + self.end as u64, reason)),
            }
        }
        Ok(Fill::Ready)
    }

    /// Replaces the source by one that is made from it and the unread bytes.
    pub fn replace_source(
        &mut self,
        make: impl FnOnce(Vec<u8>, Source) -> Result<Source, Reason>,
    ) -> Result<(), Reason> {
        let unread = self.unread().to_vec();
        let source = std::mem::replace(&mut self.source, Source::Nothing);
        self.source = make(unread, source)?;
        (self.start, self.end, self.base, self.ended) = (0, 0, 0, false);
        Ok(())
    }

    /// Releases the source and the memory.
    pub fn release(&mut self) {
        self.base += self.end as u64;
        self.source = Source::Nothing;
        self.bytes = Vec::new();
        (self.start, self.end, self.ended) = (0, 0, true);
    }
}
