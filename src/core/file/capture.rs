//! One input from its first byte to its last: recognised, decompressed, read, and described.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::frame::Frame;

use super::aside::Aside;
use super::buffer::{Buffer, Fill};
use super::compression::Compression;
use super::error::{Failure, Reason};
use super::info::{CaptureInfo, Format, InterfaceInfo};
use super::input::Input;
use super::limits::ReaderLimits;
use super::magic::{self, Magic};
use super::pcap::{Dialect, Pcap};
use super::pcapng::{self, Blocks, Pcapng};
use super::snoop::{self, Snoop};
use super::source::Source;
use super::step::{Record, Step, Trouble};
use super::stranger;
use super::tally::Tally;

/// One capture being read.
#[derive(Debug)]
pub(super) struct Capture {
    input: Input,
    name: String,
    limits: ReaderLimits,
    buffer: Buffer,
    stage: Stage,
    tally: Tally,
    compression: Option<Compression>,
    size: Option<u64>,
    /// Bytes read from disk or pipe, counted by the source.
    consumed: Arc<AtomicU64>,
    follow: bool,
    over: bool,
    failure: Option<Failure>,
}

/// The stage of reading a capture.
#[derive(Debug)]
enum Stage {
    /// The first bytes have not been read yet.
    Unknown,
    /// The format is pcap; the file header has not been read whole.
    PcapHeader(Dialect),
    Pcap(Pcap),
    Pcapng(Box<Pcapng>),
    Snoop(Snoop),
}

impl Capture {
    /// A capture that is yet to be opened.
    pub fn new(input: Input, limits: ReaderLimits) -> Self {
        Self {
            name: input.name(),
            input,
            limits,
            buffer: Buffer::new(Source::Nothing, 0),
            stage: Stage::Unknown,
            tally: Tally::default(),
            compression: None,
            size: None,
            consumed: Arc::default(),
            follow: false,
            over: false,
            failure: None,
        }
    }

    /// Opens the input and tries to recognise its format. If that has to wait, `advance` goes on with it.
    pub fn open(&mut self, buffer: usize) {
        match self.input.open(Arc::clone(&self.consumed)) {
            Ok(opened) => {
                self.buffer = Buffer::new(opened.source, buffer);
                self.buffer.follow(self.follow);
                self.size = opened.size;
                while let Stage::Unknown | Stage::PcapHeader(_) = self.stage {
                    match self.understand() {
                        Ok(Fill::Ready) => {}
                        // Only the decompressor can make this wait, and not for long: try again.
                        Ok(_) if self.compression.is_some() && !opened.pipe => {}
                        Ok(_) => break,
                        Err(trouble) => {
                            self.finish(Some(trouble));
                            break;
                        }
                    }
                }
            }
            Err(reason) => self.refuse(reason),
        }
    }

    /// Ends the capture before its first frame.
    pub fn refuse(&mut self, reason: Reason) {
        self.finish(Some(Trouble::new(0, reason)));
    }

    /// Forgets all that was read, and closes the input until it is opened again.
    pub fn close(&mut self) {
        self.buffer.release();
        self.stage = Stage::Unknown;
        self.tally = Tally::default();
        self.compression = None;
        // The old decompressor's thread may still add to the old counter.
        self.consumed = Arc::default();
    }

    pub fn can_be_reopened(&self) -> bool {
        self.input.can_be_reopened()
    }

    /// Whether the end of a file counts as a pause.
    pub const fn follow(&mut self, follow: bool) {
        self.follow = follow;
        self.buffer.follow(follow);
    }

    /// The next frame, if it is wholly in the buffer and only frames precede it.
    #[inline(always)]
    pub fn at_hand(&mut self) -> Option<Record> {
        match &mut self.stage {
            Stage::Pcap(pcap) => pcap.at_hand(&mut self.buffer, &mut self.tally),
            Stage::Pcapng(pcapng) => pcapng.at_hand(&mut self.buffer, &mut self.tally),
            Stage::Unknown | Stage::PcapHeader(_) | Stage::Snoop(_) => None,
        }
    }

    /// Finds the next frame.
    pub fn advance(&mut self) -> Step {
        while !self.over {
            let step = match &mut self.stage {
                Stage::Pcap(pcap) => pcap.advance(&mut self.buffer, &mut self.tally),
                Stage::Pcapng(pcapng) => pcapng.advance(&mut self.buffer, &mut self.tally),
                Stage::Snoop(snoop) => snoop.advance(&mut self.buffer, &mut self.tally),
                Stage::Unknown | Stage::PcapHeader(_) => match self.understand() {
                    Ok(Fill::Ready) => continue,
                    Ok(_) => Ok(Step::Pending),
                    Err(trouble) => Err(trouble),
                },
            };
            match step {
                Ok(Step::End) => self.finish(None),
                Ok(step) => return step,
                Err(trouble) => self.finish(Some(trouble)),
            }
        }
        Step::End
    }

    /// The frame of `record`, valid until `advance` is called again.
    #[inline(always)]
    pub fn frame(&self, record: &Record, number: u64) -> Frame<'_> {
        Frame {
            number,
            time_ns: record.time_ns,
            link: record.link,
            fcs_len: record.fcs_len,
            orig_len: record.orig_len,
            data: self.buffer.slice(record.at, record.len),
        }
    }

    /// Keeps the blocks of a pcapng file as they are read.
    pub fn keep_blocks(&mut self) {
        if let Stage::Pcapng(pcapng) = &mut self.stage {
            pcapng.keep_blocks();
        }
    }

    /// The blocks that were kept since they were cleared.
    pub fn blocks(&mut self) -> Option<&mut Blocks> {
        match &mut self.stage {
            Stage::Pcapng(pcapng) => pcapng.blocks(),
            _ => None,
        }
    }

    /// The reason why the capture could not be opened.
    pub fn failed_to_open(&self) -> Option<&Failure> {
        self.failure.as_ref().filter(|_| self.format().is_none())
    }

    /// Bytes consumed on disk, and the total.
    pub fn progress(&self) -> (u64, Option<u64>) {
        let nothing_to_read = self.failed_to_open().is_some();
        (self.consumed.load(Ordering::Relaxed), if nothing_to_read { Some(0) } else { self.size })
    }

    pub fn info(&self) -> CaptureInfo {
        let comments = match &self.stage {
            Stage::Pcapng(pcapng) => Some(&pcapng.comments),
            _ => None,
        };
        CaptureInfo {
            name: self.name.clone(),
            format: self.format(),
            compression: self.compression,
            // A file that is still being written has grown since it was opened.
            size: self.size.map(|at_first| at_first.max(self.consumed.load(Ordering::Relaxed))),
            interfaces: self.interfaces(),
            frames: self.tally.frames,
            first_time_ns: self.tally.earliest(),
            last_time_ns: self.tally.latest(),
            snapped_frames: self.tally.snapped,
            backward_steps: self.tally.backward_steps,
            longest_gap_ns: self.tally.gap_ns,
            longest_gap_from_ns: (self.tally.gap_ns > 0).then_some(self.tally.gap_from_ns),
            comments: comments.map_or_else(Vec::new, |comments| comments.kept.clone()),
            comments_left_out: comments.map_or(0, |comments| comments.left_out),
            defects: self.tally.defects.list(),
            error: self.failure.clone(),
        }
    }

    const fn format(&self) -> Option<Format> {
        match self.stage {
            Stage::Unknown | Stage::PcapHeader(_) => None,
            Stage::Pcap(_) => Some(Format::Pcap),
            Stage::Pcapng(_) => Some(Format::Pcapng),
            Stage::Snoop(_) => Some(Format::Snoop),
        }
    }

    fn interfaces(&self) -> Vec<InterfaceInfo> {
        match &self.stage {
            Stage::Unknown | Stage::PcapHeader(_) => Vec::new(),
            Stage::Pcap(pcap) => pcap.interfaces(&self.tally),
            Stage::Pcapng(pcapng) => pcapng.interfaces(),
            Stage::Snoop(snoop) => snoop.interfaces(&self.tally),
        }
    }

    /// Has the following bytes decompressed by a separate thread.
    fn decode_aside(&mut self, kind: Compression) -> Result<(), Reason> {
        let window = self.limits.window;
        self.buffer
            .replace_source(|begun, source| Aside::decode(kind, begun, source, window).map(Source::Aside))
    }

    /// Goes one stage further. `Ready`: done. `Pending`: more bytes must arrive first.
    #[cold]
    fn understand(&mut self) -> Result<Fill, Trouble> {
        if let Stage::PcapHeader(dialect) = self.stage {
            let length = dialect.header_length();
            match self.buffer.require(length)? {
                Fill::Pending => return Ok(Fill::Pending),
                Fill::Short => {
                    let have = self.buffer.unread().len();
                    return Err(Trouble::cut_short(0, "the file header", length, have));
                }
                Fill::Ready => {}
            }
            let header = &self.buffer.unread()[..length];
            let pcap = Pcap::new(dialect, header, &mut self.tally.defects)
                .map_err(|reason| Trouble::new(0, reason))?;
            self.buffer.take(length);
            self.stage = Stage::Pcap(pcap);
            return Ok(Fill::Ready);
        }
        if self.buffer.require(magic::ENOUGH)? == Fill::Pending {
            return Ok(Fill::Pending);
        }
        match magic::recognise(self.buffer.unread()) {
            Some(Magic::Pcap(dialect)) => self.stage = Stage::PcapHeader(dialect),
            Some(Magic::Refused(what)) => return Err(Trouble::new(0, Reason::Unsupported(what.to_owned()))),
            Some(Magic::Pcapng) => match self.buffer.require(12)? {
                Fill::Pending => return Ok(Fill::Pending),
                Fill::Short => {
                    let have = self.buffer.unread().len();
                    return Err(Trouble::cut_short(0, "the first section header", 28, have));
                }
                Fill::Ready if pcapng::byte_order(self.buffer.unread()).is_none() => {
                    return Err(Trouble::damaged(0, "it begins like pcapng, but has no byte-order mark"));
                }
                Fill::Ready => self.stage = Stage::Pcapng(Box::new(Pcapng::new(self.limits))),
            },
            Some(Magic::Snoop) => match self.buffer.require(snoop::FILE_HEADER)? {
                Fill::Pending => return Ok(Fill::Pending),
                Fill::Short => {
                    let have = self.buffer.unread().len();
                    return Err(Trouble::cut_short(0, "the file header", snoop::FILE_HEADER, have));
                }
                Fill::Ready => {
                    let snoop = Snoop::new(self.buffer.unread()).map_err(|reason| Trouble::new(0, reason))?;
                    self.buffer.take(snoop::FILE_HEADER);
                    self.stage = Stage::Snoop(snoop);
                }
            },
            Some(Magic::Compressed(kind)) if self.compression.is_none() => {
                self.compression = Some(kind);
                self.decode_aside(kind).map_err(|reason| Trouble::new(0, reason))?;
            }
            Some(Magic::Compressed(kind)) => {
                let twice = format!("it is compressed twice, with {kind} inside; decompress it once");
                return Err(Trouble::new(0, Reason::NotACapture(twice)));
            }
            None => return self.stranger(),
        }
        Ok(Fill::Ready)
    }

    /// Reads enough to name the kind of a file that is not a capture.
    fn stranger(&mut self) -> Result<Fill, Trouble> {
        if self.buffer.require(stranger::LOOKED_AT)? == Fill::Pending {
            return Ok(Fill::Pending);
        }
        let head = self.buffer.unread();
        let reason = match (head, self.compression) {
            ([], None) => Reason::Empty,
            ([], Some(kind)) => Reason::NotACapture(format!("the {kind} stream is empty")),
            (_, None) => Reason::NotACapture(stranger::describe(head)),
            (_, Some(kind)) => {
                Reason::NotACapture(format!("decompressed from {kind}, {}", stranger::describe(head)))
            }
        };
        Err(Trouble::new(0, reason))
    }

    #[cold]
    fn finish(&mut self, trouble: Option<Trouble>) {
        self.over = true;
        self.failure =
            trouble.map(|Trouble { offset, reason }| Failure { name: self.name.clone(), offset, reason });
        self.buffer.release();
    }
}
