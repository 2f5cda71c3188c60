//! Copies a capture, adding comments to some of its frames.
//!
//! The blocks of a pcapng file are copied byte for byte, except those of frames with new comments, which grow. Other
//! formats have no room for comments: they become pcapng with the same frames and times.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use super::capture::Capture;
use super::error::Failure;
use super::info::{CaptureInfo, Format};
use super::input::Input;
use super::limits::ReaderLimits;
use super::sink::Sink;
use super::step::{Record, Step};
use super::write::{Interface, Writer};

/// A comment, and the number of the frame that it belongs to.
pub type Note = (u64, String);

/// Copies one capture.
pub struct Copier {
    capture: Capture,
    to: Target,
    notes: Vec<Note>,
    /// The number of notes on frames copied so far.
    passed: usize,
    /// Whether the only interface of a format without comments has been described.
    is_described: bool,
    counts: Counts,
}

/// Counts of the frames copied so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Frames.
    pub frames: u64,
    /// Comments that were added.
    pub comments: u64,
    /// Comments of frames whose kind of block has no room for any.
    pub without_room: u64,
}

/// How a call of [`Copier::copy`] ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// There may be more frames.
    More,
    /// The capture has ended.
    End,
}

enum Target {
    Blocks(Sink),
    Frames(Box<Writer<Sink>>),
}

/// Why there is no copier.
#[derive(Debug)]
pub enum Refusal {
    /// The capture cannot be read.
    Capture(Failure),
    /// The copy cannot be written.
    Copy(io::Error),
}

impl Copier {
    /// Opens a capture, which must be a file, and begins its copy; `application` names the writer if the format
    /// changes.
    ///
    /// # Errors
    ///
    /// If the capture cannot be read or the copy not be written.
    pub fn open(input: Input, to: &Path, application: &str, mut notes: Vec<Note>) -> Result<Self, Refusal> {
        let limits = ReaderLimits::default();
        let mut capture = Capture::new(input, limits);
        capture.open(limits.buffer);
        if let Some(failure) = capture.failed_to_open() {
            return Err(Refusal::Capture(failure.clone()));
        }
        // The sort is stable: comments on one frame keep their order.
        notes.sort_by_key(|(frame, _)| *frame);
        let sink = Sink::open(to).map_err(Refusal::Copy)?;
        let info = capture.info();
        let to = if info.format == Some(Format::Pcapng) {
            capture.keep_blocks();
            Target::Blocks(sink)
        } else {
            Target::Frames(Box::new(Writer::new(sink, application, None).map_err(Refusal::Copy)?))
        };
        Ok(Self { capture, to, notes, passed: 0, is_described: false, counts: Counts::default() })
    }

    /// Copies up to `frames` frames.
    ///
    /// # Errors
    ///
    /// When writing fails.
    pub fn copy(&mut self, frames: usize) -> io::Result<Copied> {
        for _ in 0..frames {
            match self.capture.advance() {
                Step::Record(record) => self.frame(&record)?,
                Step::Pending => self.hand_on()?,
                Step::End => {
                    self.hand_on()?;
                    self.describe(0)?;
                    match &mut self.to {
                        Target::Blocks(sink) => sink.flush()?,
                        Target::Frames(writer) => writer.flush()?,
                    }
                    return Ok(Copied::End);
                }
            }
        }
        Ok(Copied::More)
    }

    /// Counts of the frames copied so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Bytes consumed on disk, and the total.
    #[must_use]
    pub fn progress(&self) -> (u64, Option<u64>) {
        self.capture.progress()
    }

    /// Facts about the capture, as far as it has been read.
    #[must_use]
    pub fn info(&self) -> CaptureInfo {
        self.capture.info()
    }

    fn frame(&mut self, record: &Record) -> io::Result<()> {
        self.describe(record.fcs_len)?;
        self.counts.frames += 1;
        let number = self.counts.frames;
        let from = self.passed;
        self.passed += self.notes[from..].iter().take_while(|(frame, _)| *frame <= number).count();
        let comments: Vec<&str> = self.notes[from..self.passed]
            .iter()
            .filter(|(frame, _)| *frame == number)
            .map(|(_, text)| text.as_str())
            .collect();
        match &mut self.to {
            Target::Frames(writer) => {
                writer.frame(0, &self.capture.frame(record, number), &comments)?;
                self.counts.comments += comments.len() as u64;
            }
            Target::Blocks(_) if !comments.is_empty() => {
                match self.capture.blocks().and_then(|blocks| blocks.comment(record.len, &comments)) {
                    Some(added) => self.counts.comments += added as u64,
                    None => self.counts.without_room += comments.len() as u64,
                }
            }
            Target::Blocks(_) => {}
        }
        self.hand_on()
    }

    /// Describes the one interface that formats without comments have, once.
    fn describe(&mut self, fcs_len: u8) -> io::Result<()> {
        let Target::Frames(writer) = &mut self.to else { return Ok(()) };
        if !std::mem::replace(&mut self.is_described, true) {
            for interface in &self.capture.info().interfaces {
                let (name, link, snaplen) = (interface.name.as_deref(), interface.link, interface.snaplen);
                writer.interface(&Interface { name, link, snaplen, fcs_len })?;
            }
        }
        Ok(())
    }

    /// Writes the blocks that were read.
    fn hand_on(&mut self) -> io::Result<()> {
        if let (Target::Blocks(sink), Some(blocks)) = (&mut self.to, self.capture.blocks()) {
            sink.write_all(blocks.bytes())?;
            blocks.clear();
        }
        Ok(())
    }
}

impl fmt::Debug for Copier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "copier of {}, {:?}", self.capture.info().name, self.counts)
    }
}
