//! The gate: decides which frames pass and how many, counts them, and records them.

use super::held::Held;
use crate::bpf::Program;
use crate::file::record::Recorder;
use crate::flows::notes::Note;
use crate::frame::{Frame, LinkType};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The error that ends the intake of frames.
pub type Fault = Box<dyn Error + Send + Sync>;

/// Compiles the filter for a link type. It fails if the filter makes no sense for such frames.
pub type Compile = Box<dyn Fn(LinkType) -> Result<Program, Fault> + Send + Sync>;

/// A recorder that the gate shares with others. One of them uses it at a time.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<Recorder>>);

impl Shared {
    /// Shares a recorder.
    #[must_use]
    pub fn new(recorder: Recorder) -> Self {
        Self(Arc::new(Mutex::new(recorder)))
    }

    /// The recorder.
    pub fn lock(&self) -> MutexGuard<'_, Recorder> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Decides which frames pass.
#[derive(Default)]
pub struct Gate {
    compile: Option<Compile>,
    /// The filter's programs by link type. There are few: a link type for which the filter cannot be compiled ends
    /// the reading.
    programs: HashMap<LinkType, Program>,
    /// Records the frames that pass, if there is one.
    pub recorder: Option<Shared>,
    /// Frames that wait for their comments before they are recorded, if comments are wanted.
    held: Option<Held>,
    /// The number of frames that may pass; 0 for no limit.
    pub most: u64,
    /// The number of frames that have passed.
    pub passed: u64,
    /// The captured bytes of the frames that have passed.
    pub bytes: u64,
    /// The number of passed frames that the snaplen truncated.
    pub snapped: u64,
    /// Whether the capture cuts frames on purpose behind every header that is decoded. Such frames do not count as
    /// truncated.
    pub cut_on_purpose: bool,
}

impl Gate {
    /// Sets the filter, which is compiled when a link type first occurs. Without a filter all frames pass.
    pub fn filter(&mut self, compile: Option<Compile>) {
        self.compile = compile;
        self.programs.clear();
    }

    /// Holds passed frames back until their comments are known.
    pub fn hold(&mut self) {
        self.held = Some(Held::default());
    }

    /// Whether frames are held back.
    #[must_use]
    pub const fn is_holding(&self) -> bool {
        self.held.is_some()
    }

    /// Records the frames that were held back, with their comments.
    pub fn release(&mut self, notes: &[Note]) {
        if let (Some(held), Some(recorder)) = (&mut self.held, &self.recorder) {
            held.record(&mut recorder.lock(), notes);
        }
    }

    /// Whether the limit is reached.
    #[must_use]
    pub const fn is_shut(&self) -> bool {
        self.most > 0 && self.passed >= self.most
    }

    /// Whether all frames pass and none is recorded: they need only be counted.
    #[must_use]
    pub const fn is_wide_open(&self) -> bool {
        self.most == 0 && self.compile.is_none() && self.recorder.is_none()
    }

    /// Lets a frame pass, or not. `interface` is the number of its interface. A frame that passes is counted and
    /// recorded.
    ///
    /// # Errors
    ///
    /// When the filter can't be compiled for the frame's link type.
    #[inline]
    pub fn admit(&mut self, interface: u32, frame: &Frame<'_>) -> Result<bool, Fault> {
        if self.is_shut() || self.compile.is_some() && !self.run_filter(*frame)? {
            return Ok(false);
        }
        self.count(frame);
        if self.recorder.is_some() {
            self.take_down(interface, *frame);
        }
        Ok(true)
    }

    /// Counts a frame that passes.
    #[inline(always)]
    pub fn count(&mut self, frame: &Frame<'_>) {
        self.passed += 1;
        let captured = frame.data.len() as u64;
        self.bytes += captured;
        // No branch: if the snaplen is just behind the headers, the processor cannot predict which frames are whole.
        self.snapped += u64::from((captured < u64::from(frame.orig_len)) & !self.cut_on_purpose);
    }

    // These functions are off the fast path, and take the frame by value: it then stays in registers, because nothing
    // points to it.

    #[inline(never)]
    fn run_filter(&mut self, frame: Frame<'_>) -> Result<bool, Fault> {
        Ok(self.program(frame.link)?.run(frame.data, frame.orig_len) != 0)
    }

    #[inline(never)]
    fn take_down(&mut self, interface: u32, frame: Frame<'_>) {
        if let Some(held) = &mut self.held {
            held.add(interface, &frame);
        } else if let Some(recorder) = &self.recorder {
            recorder.lock().frame(interface, &frame, &[]);
        }
    }

    fn program(&mut self, link: LinkType) -> Result<&Program, Fault> {
        if let Some(compile) = self.compile.as_ref().filter(|_| !self.programs.contains_key(&link)) {
            let program = compile(link)?;
            self.programs.insert(link, program);
        }
        self.programs.get(&link).ok_or_else(|| "there is no filter".into())
    }
}
