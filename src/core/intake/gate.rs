//! Lets frames pass, or not: which are wanted, how many, and where they are recorded.

use super::held::Held;
use crate::bpf::Program;
use crate::file::record::Recorder;
use crate::flows::notes::Note;
use crate::frame::{Frame, LinkType};
use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Why frames can't be taken in any more.
pub type Fault = Box<dyn Error + Send + Sync>;

/// Makes the filter's program for a link type. It fails where the filter makes no sense for frames of that type.
pub type Compile = Box<dyn Fn(LinkType) -> Result<Program, Fault> + Send + Sync>;

/// A recorder that its gate and others hold, one at a time.
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

/// Lets frames pass, or not.
#[derive(Default)]
pub struct Gate {
    compile: Option<Compile>,
    /// The filter's programs. A link type that no filter knows ends the reading, so there are few.
    programs: HashMap<LinkType, Program>,
    /// Takes down what passes.
    pub recorder: Option<Shared>,
    /// Frames that wait to be recorded with comments, where that is wanted.
    held: Option<Held>,
    /// How many may pass; 0 for all.
    pub most: u64,
    /// How many have.
    pub passed: u64,
    /// Bytes captured of those.
    pub bytes: u64,
    /// How many of those were captured in part only.
    pub snapped: u64,
    /// Whether frames are cut on purpose, so that nothing is missing that anybody looks at.
    pub cut_on_purpose: bool,
}

impl Gate {
    /// Has every frame judged by a program, made when its link type is met first. None lets all pass.
    pub fn filter(&mut self, compile: Option<Compile>) {
        self.compile = compile;
        self.programs.clear();
    }

    /// Holds frames back until there are comments to be recorded with them.
    pub fn hold(&mut self) {
        self.held = Some(Held::default());
    }

    /// Whether frames are held back.
    #[must_use]
    pub const fn is_holding(&self) -> bool {
        self.held.is_some()
    }

    /// Has the frames that are held back recorded, with their comments.
    pub fn release(&mut self, notes: &[Note]) {
        if let (Some(held), Some(recorder)) = (&mut self.held, &self.recorder) {
            held.record(&mut recorder.lock(), notes);
        }
    }

    /// Whether no more may pass.
    #[must_use]
    pub const fn is_shut(&self) -> bool {
        self.most > 0 && self.passed >= self.most
    }

    /// Whether all may pass, and nobody takes them down: then they need only be counted.
    #[must_use]
    pub const fn is_wide_open(&self) -> bool {
        self.most == 0 && self.compile.is_none() && self.recorder.is_none()
    }

    /// Lets a frame of the interface of that number pass, or not. A frame that passes is counted and recorded.
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
        // No branch: of captures cut behind the headers, which frames are whole cannot be foretold.
        self.snapped += u64::from((captured < u64::from(frame.orig_len)) & !self.cut_on_purpose);
    }

    // Frames are handed over by value where that is rare: one that nobody points at stays in registers.

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
