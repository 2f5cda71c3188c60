//! Captures, opened from Python.

use super::rows::{Row, row};
use crate::file::{CaptureInfo, Failure, Input, Kind, Limits, OpenError};
use crate::frame::LinkType;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

create_exception!(
    wirestat._core,
    CaptureError,
    PyException,
    "No capture could be opened. Its arguments are tuples, one a capture: name, kind, offset, message."
);

/// One or several captures, read as one.
#[pyclass(module = "wirestat._core")]
pub struct Reader {
    /// Python may hand an object to any thread; a reader is for one at a time.
    inner: Mutex<crate::file::Reader>,
}

#[pymethods]
impl Reader {
    /// Opens captures: paths, or "-" for standard input. Their frames are numbered on from `after`.
    #[new]
    #[pyo3(signature = (paths, follow = false, after = 0))]
    fn new(py: Python<'_>, paths: Vec<PathBuf>, follow: bool, after: u64) -> PyResult<Self> {
        let inputs = paths
            .into_iter()
            .map(|path| if path.as_os_str() == "-" { Input::Stdin } else { Input::Path(path) });
        let mut inner = py
            .detach(|| crate::file::Reader::open(inputs.collect(), Limits::default()))
            .map_err(|error| exception(&error))?;
        inner.follow(follow);
        inner.number_on_from(after);
        Ok(Self { inner: Mutex::new(inner) })
    }

    /// What there is to say about each capture, as far as it has been read.
    fn captures(&self, py: Python<'_>) -> PyResult<Vec<Row>> {
        self.lock().captures().iter().map(|info| capture_row(py, info)).collect()
    }

    /// Says that followed files are complete: where they end, reading ends.
    fn finish(&self) {
        self.lock().follow(false);
    }

    /// Frames read so far, those of earlier readers included.
    fn frames(&self) -> u64 {
        self.lock().frames()
    }

    /// Bytes read so far, and how many there are where that is known.
    fn progress(&self) -> (u64, Option<u64>) {
        self.lock().progress()
    }
}

impl Reader {
    pub(super) fn lock(&self) -> MutexGuard<'_, crate::file::Reader> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of a link type in the tcpdump registry, or None.
#[pyfunction]
pub fn link_name(number: u16) -> Option<&'static str> {
    crate::wire::link_name(LinkType(number))
}

/// Whether frames of a link type can be decoded.
#[pyfunction]
pub fn is_decoded(number: u16) -> bool {
    crate::wire::is_decoded(LinkType(number))
}

fn exception(error: &OpenError) -> PyErr {
    let failures: Vec<_> = error.failures.iter().map(parts).collect();
    CaptureError::new_err(failures)
}

fn parts(failure: &Failure) -> (String, &'static str, u64, String) {
    let kind = match failure.reason.kind() {
        Kind::NotFound => "not-found",
        Kind::Permission => "permission",
        Kind::Directory => "directory",
        Kind::StandardInput => "standard-input",
        Kind::Empty => "empty",
        Kind::NotACapture => "not-a-capture",
        Kind::Unsupported => "unsupported",
        Kind::CutShort => "cut-short",
        Kind::Damaged => "damaged",
        Kind::Io => "io",
    };
    (failure.name.clone(), kind, failure.offset, failure.to_string())
}

fn capture_row(py: Python<'_>, info: &CaptureInfo) -> PyResult<Row> {
    let interfaces: Vec<Row> = info
        .interfaces
        .iter()
        .map(|i| {
            let name = crate::wire::link_name(i.link);
            row!(py, &i.name, i.link.0, name, i.snaplen, i.frames, i.received, i.dropped)
        })
        .collect::<PyResult<_>>()?;
    let mut comments: Vec<String> = info.comments.iter().map(|comment| comment.text.clone()).collect();
    if info.comments_left_out > 0 {
        comments.push(format!("({} more comments)", info.comments_left_out));
    }
    let defects: Vec<String> = info.defects.iter().map(ToString::to_string).collect();
    row!(
        py,
        &info.name,
        info.format.map(crate::file::Format::name),
        info.compression.map(|compression| compression.to_string()),
        info.size,
        interfaces,
        info.frames,
        info.first_time_ns,
        info.last_time_ns,
        info.snapped_frames,
        info.backward_steps,
        comments,
        defects,
        info.error.as_ref().map(parts)
    )
}
