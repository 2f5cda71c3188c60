//! Several captures as one stream of frames, ordered by time.
//!
//! Rotated files and overlapping files are treated alike: the next frame is always the earliest among the captures'
//! next frames, ties broken by the order of the inputs. To avoid hundreds of open files, each is opened briefly for
//! its first frame, closed, and opened again when that frame is due.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::frame::Frame;

use super::capture::Capture;
use super::error::{OpenError, Reason};
use super::info::CaptureInfo;
use super::input::Input;
use super::limits::ReaderLimits;
use super::step::{Record, Step};

/// The result of asking a reader for the next frame.
#[derive(Clone, Copy, Debug)]
pub enum Next<'a> {
    /// The next frame.
    Frame(Frame<'a>),
    /// All inputs have ended.
    End,
    /// Nothing has arrived for a while: a pipe is silent, a read was interrupted by a signal, or a followed file has
    /// not grown. Nothing is lost; handle signals, sleep a little for a followed file, and ask again.
    Pending,
}

/// One or several inputs as one stream of frames.
#[derive(Debug)]
pub struct Reader {
    captures: Vec<Capture>,
    /// The frames given so far.
    number: u64,
    merge: Merge,
    limits: ReaderLimits,
}

/// Chooses the next capture. With only one it is unused.
#[derive(Debug, Default)]
struct Merge {
    /// The next frame of every open capture, by time and then by the order of inputs.
    heads: BinaryHeap<Reverse<(i64, usize)>>,
    /// The records of these frames, by capture.
    records: Vec<Option<Record>>,
    /// Captures that must be advanced before the earliest frame is known.
    stale: Vec<usize>,
    /// Captures that are closed until their first frame is due, the earliest last.
    closed: Vec<(i64, usize)>,
}

/// The bytes read at once to learn the time of a file's first frame.
const GLANCE: usize = 8 << 10;

impl Reader {
    /// Opens the inputs that can be opened; the errors of the others are in their [`CaptureInfo`]. A pipe that has
    /// not sent its first bytes yet counts as opened.
    ///
    /// # Errors
    ///
    /// When not a single input could be opened.
    pub fn open(inputs: Vec<Input>, limits: ReaderLimits) -> Result<Self, OpenError> {
        let mut stdin_taken = false;
        let mut captures = Vec::with_capacity(inputs.len());
        for input in inputs {
            let stdin = matches!(input, Input::Stdin);
            let mut capture = Capture::new(input, limits);
            if stdin && stdin_taken {
                capture.refuse(Reason::StdinTwice);
            }
            stdin_taken |= stdin;
            captures.push(capture);
        }
        let mut reader = Self { captures, number: 0, merge: Merge::default(), limits };
        match &mut reader.captures[..] {
            [only] => only.open(limits.buffer),
            _ => reader.look_into_all(),
        }
        let failures: Vec<_> = reader.captures.iter().filter_map(Capture::failed_to_open).collect();
        if failures.len() == reader.captures.len() {
            return Err(OpenError { failures: failures.into_iter().cloned().collect() });
        }
        Ok(reader)
    }

    /// Sets whether files are expected to grow: their end then is [`Next::Pending`], not [`Next::End`].
    pub fn follow(&mut self, follow: bool) {
        for capture in &mut self.captures {
            capture.follow(follow);
        }
    }

    /// Continues the frame numbers of another reader after `after` frames.
    pub const fn number_on_from(&mut self, after: u64) {
        self.number = after;
    }

    /// The number of the last frame given.
    #[must_use]
    pub const fn frames(&self) -> u64 {
        self.number
    }

    /// The next frame.
    #[inline(always)]
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend what it holds")]
    pub fn next(&mut self) -> Next<'_> {
        let at_hand = match &mut self.captures[..] {
            [only] => only.at_hand(),
            _ => None,
        };
        if let Some(record) = at_hand {
            return self.give(0, &record);
        }
        match self.find() {
            (index, Step::Record(record)) => self.give(index, &record),
            (_, Step::End) => Next::End,
            (_, Step::Pending) => Next::Pending,
        }
    }

    #[inline(always)]
    fn give(&mut self, index: usize, record: &Record) -> Next<'_> {
        self.number += 1;
        Next::Frame(self.captures[index].frame(record, self.number))
    }

    /// Finds the next frame and its capture: the slow path, which may wait or choose.
    #[inline(never)]
    fn find(&mut self) -> (usize, Step) {
        match &mut self.captures[..] {
            [only] => (0, only.advance()),
            _ => self.find_in_several(),
        }
    }

    /// Facts about each input, in their order, as far as they have been read.
    #[must_use]
    pub fn captures(&self) -> Vec<CaptureInfo> {
        self.captures.iter().map(Capture::info).collect()
    }

    /// Bytes consumed; and the total, if all inputs are files.
    #[must_use]
    pub fn progress(&self) -> (u64, Option<u64>) {
        let each = self.captures.iter().map(Capture::progress);
        each.fold((0, Some(0)), |(consumed, total), (more_consumed, more_total)| {
            (consumed + more_consumed, total.zip(more_total).map(|(total, more)| total + more))
        })
    }

    /// Determines when each capture begins. A file that can be opened again is closed until then.
    fn look_into_all(&mut self) {
        self.merge.records = vec![None; self.captures.len()];
        for (index, capture) in self.captures.iter_mut().enumerate() {
            if capture.failed_to_open().is_some() {
                continue;
            }
            if !capture.can_be_reopened() {
                capture.open(self.limits.buffer);
                self.merge.stale.push(index);
                continue;
            }
            capture.open(GLANCE);
            let first = loop {
                // A file never blocks for long.
                match capture.advance() {
                    Step::Pending => {}
                    step => break step,
                }
            };
            if let Step::Record(record) = first {
                capture.close();
                self.merge.closed.push((record.time_ns, index));
            }
        }
        self.merge.closed.sort_unstable_by_key(|&first| Reverse(first));
    }

    fn find_in_several(&mut self) -> (usize, Step) {
        let index = match self.earliest() {
            Ok(Some(index)) => index,
            Ok(None) => return (0, Step::End),
            Err(Waiting) => return (0, Step::Pending),
        };
        self.merge.stale.push(index);
        (index, self.merge.records[index].take().map_or(Step::End, Step::Record))
    }

    /// Takes the capture whose next frame is the earliest off the heap.
    fn earliest(&mut self) -> Result<Option<usize>, Waiting> {
        let merge = &mut self.merge;
        loop {
            while let Some(&index) = merge.stale.last() {
                match self.captures[index].advance() {
                    Step::Record(record) => {
                        merge.records[index] = Some(record);
                        merge.heads.push(Reverse((record.time_ns, index)));
                    }
                    Step::End => {}
                    Step::Pending => return Err(Waiting),
                }
                merge.stale.pop();
            }
            let earliest = merge.heads.peek().map(|Reverse(head)| *head);
            match merge.closed.last().copied() {
                Some(first) if earliest.is_none_or(|earliest| first <= earliest) => {
                    merge.closed.pop();
                    let (_, index) = first;
                    self.captures[index].open(self.limits.buffer);
                    merge.stale.push(index);
                }
                _ => {
                    merge.heads.pop();
                    return Ok(earliest.map(|(_, index)| index));
                }
            }
        }
    }
}

/// Some capture's next frame has not arrived, so the earliest is still unknown.
struct Waiting;
