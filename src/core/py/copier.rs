//! Copies a capture with comments, controlled from Python.

use super::reader::{CaptureError, Described, described, parts};
use crate::file::Input;
use crate::file::copy::{Copied, Copier as Inner, Note, Refusal};
use crate::file::record::system;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Copies one capture file, with comments added to its frames.
#[pyclass(module = "wirestat._core")]
pub struct Copier {
    inner: Mutex<Inner>,
}

#[pymethods]
impl Copier {
    /// Opens the capture and begins the copy; `notes` are pairs of a frame's number and its comment.
    #[new]
    fn new(path: PathBuf, to: PathBuf, application: &str, notes: Vec<Note>) -> PyResult<Self> {
        match Inner::open(Input::Path(path), &to, application, notes) {
            Ok(inner) => Ok(Self { inner: Mutex::new(inner) }),
            Err(Refusal::Capture(failure)) => Err(CaptureError::new_err(vec![parts(&failure)])),
            Err(Refusal::Copy(error)) => Err(refused(&error)),
        }
    }

    /// Copies up to `frames` frames; returns "more" or "end".
    fn copy(&self, py: Python<'_>, frames: usize) -> PyResult<&'static str> {
        Ok(match py.detach(|| self.lock().copy(frames)).map_err(|error| refused(&error))? {
            Copied::More => "more",
            Copied::End => "end",
        })
    }

    /// Frames copied, comments added, and comments that their frames have no room for.
    fn counts(&self) -> (u64, u64, u64) {
        let counts = self.lock().counts();
        (counts.frames, counts.comments, counts.without_room)
    }

    /// Bytes read so far, and the total.
    fn progress(&self) -> (u64, Option<u64>) {
        self.lock().progress()
    }

    /// Facts about the capture, as far as it has been copied.
    fn capture(&self, py: Python<'_>) -> PyResult<Described> {
        described(py, &self.lock().info())
    }
}

/// The system's error with its number: the caller knows the path of the copy.
fn refused(error: &io::Error) -> PyErr {
    PyOSError::new_err((error.raw_os_error().unwrap_or(0), system(error)))
}

impl Copier {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
