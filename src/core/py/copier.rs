//! A capture written again with comments, arranged from Python and done without it.

use super::reader::{CaptureError, Described, described, parts};
use crate::file::Input;
use crate::file::copy::{Copied, Copier as Inner, Note, Refusal};
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Copies one capture file, with comments added to its frames.
#[pyclass(module = "wirestat._core")]
pub struct Copier {
    inner: Mutex<Inner>,
}

#[pymethods]
impl Copier {
    /// Opens the capture and begins the copy; `notes` are numbers of frames and comments.
    #[new]
    fn new(path: PathBuf, to: PathBuf, application: &str, notes: Vec<Note>) -> PyResult<Self> {
        match Inner::open(Input::Path(path), &to, application, notes) {
            Ok(inner) => Ok(Self { inner: Mutex::new(inner) }),
            Err(Refusal::Capture(failure)) => Err(CaptureError::new_err(vec![parts(&failure)])),
            Err(Refusal::Copy(error)) => Err(error.into()),
        }
    }

    /// Copies up to so many frames; "more" or "end".
    fn copy(&self, py: Python<'_>, frames: usize) -> PyResult<&'static str> {
        Ok(match py.detach(|| self.lock().copy(frames))? {
            Copied::More => "more",
            Copied::End => "end",
        })
    }

    /// Frames copied, comments added, and comments that their frames have no room for.
    fn counts(&self) -> (u64, u64, u64) {
        let counts = self.lock().counts();
        (counts.frames, counts.comments, counts.without_room)
    }

    /// Bytes read so far, and how many there are.
    fn progress(&self) -> (u64, Option<u64>) {
        self.lock().progress()
    }

    /// What there is to say about the capture, as far as it has been copied.
    fn capture(&self, py: Python<'_>) -> PyResult<Described> {
        described(py, &self.lock().info())
    }
}

impl Copier {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
