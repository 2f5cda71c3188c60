//! What lies between a source and the table: which frames are wanted, how many, and where they are recorded.

use super::recorder::Shared;
use crate::bpf::{Instruction, Program};
use crate::frame::{Frame, LinkType};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Lets frames pass, or not.
#[derive(Default)]
pub struct Gate {
    /// Makes the filter's program for a link type.
    compile: Option<Py<PyAny>>,
    programs: Vec<(LinkType, Program)>,
    /// Takes down what passes.
    pub recorder: Option<Shared>,
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
    /// Has every frame judged by a program, made by `compile(link_type)` when its link type is met first: instructions
    /// as tuples of code, jt, jf and k.
    pub fn filter(&mut self, compile: Option<Py<PyAny>>) {
        self.compile = compile;
        self.programs.clear();
    }

    /// Whether no more may pass.
    pub const fn is_shut(&self) -> bool {
        self.most > 0 && self.passed >= self.most
    }

    /// Whether all may pass, and nobody takes them down: then they need only be counted.
    pub const fn is_wide_open(&self) -> bool {
        self.most == 0 && self.compile.is_none() && self.recorder.is_none()
    }

    /// Whether a frame of the interface of that number passes. If so, it is counted and recorded.
    #[inline]
    pub fn admits(&mut self, interface: u32, frame: &Frame<'_>) -> PyResult<bool> {
        if self.is_shut() || self.compile.is_some() && !self.is_wanted(*frame)? {
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
    fn is_wanted(&mut self, frame: Frame<'_>) -> PyResult<bool> {
        Ok(self.program(frame.link)?.run(frame.data, frame.orig_len) != 0)
    }

    #[inline(never)]
    fn take_down(&self, interface: u32, frame: Frame<'_>) {
        if let Some(recorder) = &self.recorder {
            recorder.lock().frame(interface, &frame);
        }
    }

    fn program(&mut self, link: LinkType) -> PyResult<&Program> {
        let known = self.programs.iter().position(|(known, _)| *known == link);
        let index = match known {
            Some(index) => index,
            None => {
                self.programs.push((link, self.compiled(link)?));
                self.programs.len() - 1
            }
        };
        Ok(&self.programs[index].1)
    }

    #[cold]
    fn compiled(&self, link: LinkType) -> PyResult<Program> {
        let instructions: Vec<(u16, u8, u8, u32)> = Python::attach(|py| match &self.compile {
            Some(compile) => compile.call1(py, (link.0,))?.extract(py),
            None => Ok(Vec::new()),
        })?;
        let each = instructions.into_iter().map(|(code, jt, jf, k)| Instruction { code, jt, jf, k });
        Program::new(each.collect()).map_err(|invalid| PyValueError::new_err(invalid.to_string()))
    }
}
