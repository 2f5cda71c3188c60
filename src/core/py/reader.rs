//! Captures, opened from Python.

use crate::file::{CaptureInfo, Failure, Input, Kind, OpenError, ReaderLimits, Stretch};
use crate::frame::LinkType;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

create_exception!(
    wirestat._core,
    CaptureError,
    PyException,
    "No capture could be opened. Its arguments are tuples, one a capture: name, kind, offset, message."
);

/// Parts of files by the index of their path: bytes of the head, and the offsets of the first byte and after the last
/// byte of the rest.
type Stretches = HashMap<usize, (u64, u64, Option<u64>)>;

/// One or several captures, read as one.
#[pyclass(module = "wirestat._core", frozen)]
pub struct Reader {
    /// The lock is there because Python may pass an object to any thread; only one may use a reader at a time.
    inner: Mutex<crate::file::Reader>,
    /// The inputs, if they can be read again.
    paths: Vec<PathBuf>,
}

#[pymethods]
impl Reader {
    /// Opens captures: paths, or "-" for standard input. Frame numbers continue from `after`.
    ///
    /// If `stretches` has an entry for the index of a path, only those bytes are read: the head of the file, then the
    /// bytes between two offsets.
    #[new]
    #[pyo3(signature = (paths, follow = false, after = 0, stretches = None))]
    fn new(
        py: Python<'_>,
        paths: Vec<PathBuf>,
        follow: bool,
        after: u64,
        stretches: Option<Stretches>,
    ) -> PyResult<Self> {
        let stretches = stretches.unwrap_or_default();
        let again = if follow || after > 0 || !stretches.is_empty() { Vec::new() } else { paths.clone() };
        let inputs = paths.into_iter().enumerate().map(|(place, path)| match stretches.get(&place) {
            Some(&(head, start, end)) => Input::Part(path, Stretch { head, start, end }),
            None if path.as_os_str() == "-" => Input::Stdin,
            None => Input::Path(path),
        });
        let mut inner = py
            .detach(|| crate::file::Reader::open(inputs.collect(), ReaderLimits::default()))
            .map_err(|error| exception(&error))?;
        inner.follow(follow);
        inner.number_on_from(after);
        Ok(Self { inner: Mutex::new(inner), paths: again })
    }

    /// Facts about each capture, as far as it has been read.
    fn captures(&self, py: Python<'_>) -> PyResult<Vec<Described>> {
        self.lock().captures().iter().map(|info| described(py, info)).collect()
    }

    /// Declares followed files complete: reading ends at their end.
    fn finish(&self) {
        self.lock().follow(false);
    }

    /// Frames read so far, those of earlier readers included.
    fn frames(&self) -> u64 {
        self.lock().frames()
    }

    /// Bytes read so far, and the total if known.
    fn progress(&self) -> (u64, Option<u64>) {
        self.lock().progress()
    }
}

impl Reader {
    /// Further readers of the same captures from the beginning. None if this reader has begun, or if a second reading
    /// is costly or impossible, as with compressed files and pipes.
    pub(super) fn again(&self, readers: usize) -> Vec<crate::file::Reader> {
        let inner = self.lock();
        let is_plain = |info: &CaptureInfo| info.compression.is_none() && info.size.is_some();
        let is_fresh = inner.frames() == 0 && !self.paths.is_empty();
        if !is_fresh || !inner.captures().iter().all(is_plain) {
            return Vec::new();
        }
        let inputs = || self.paths.iter().cloned().map(Input::Path).collect();
        let opened = (0..readers).map(|_| crate::file::Reader::open(inputs(), ReaderLimits::default()));
        opened.collect::<Result<_, _>>().unwrap_or_default()
    }

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

pub(super) fn parts(failure: &Failure) -> (String, &'static str, u64, String) {
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

/// Facts about one capture, as the file tells them.
#[pyclass(module = "wirestat._core", frozen, get_all)]
pub struct Described {
    /// The path as given.
    name: String,
    /// The format; None until it is known.
    format: Option<&'static str>,
    /// The compression; None if there is none.
    compression: Option<String>,
    /// Bytes on disk; None for a stream.
    size: Option<u64>,
    /// The interfaces, in the order in which they were described.
    interfaces: Vec<Py<DescribedInterface>>,
    /// Frames read.
    frames: u64,
    /// The earliest time of a frame, in Unix ns.
    first_time_ns: Option<i64>,
    /// The latest time of a frame, in Unix ns.
    last_time_ns: Option<i64>,
    /// Frames that were captured only in part.
    snapped_frames: u64,
    /// The number of frames with an earlier time than the one before.
    backward_steps: u64,
    /// The longest time from one frame to the next, in ns.
    longest_gap_ns: i64,
    /// The beginning of the longest gap, in Unix ns; None with fewer than two frames.
    longest_gap_from_ns: Option<i64>,
    /// The comments that were kept.
    comments: Vec<String>,
    /// Oddities that did not stop the reading.
    defects: Vec<String>,
    /// The error that stopped the reading before the end, in words.
    error: Option<String>,
}

/// One interface of a capture, as the file tells it.
#[pyclass(module = "wirestat._core", frozen, get_all)]
pub struct DescribedInterface {
    /// Its name, or else its description.
    name: Option<String>,
    /// The number in the tcpdump registry.
    link_type: u16,
    /// The name there.
    link_name: Option<&'static str>,
    /// Bytes; None if unlimited.
    snaplen: Option<u32>,
    /// Frames read.
    frames: u64,
    /// Packets that it received, by its own statistics.
    received: Option<u64>,
    /// Packets that were lost, by its own statistics.
    dropped: Option<u64>,
}

pub(super) fn described(py: Python<'_>, info: &CaptureInfo) -> PyResult<Described> {
    let interfaces = info.interfaces.iter().map(|i| {
        let interface = DescribedInterface {
            name: i.name.clone(),
            link_type: i.link.0,
            link_name: crate::wire::link_name(i.link),
            snaplen: i.snaplen,
            frames: i.frames,
            received: i.received,
            dropped: i.dropped,
        };
        Py::new(py, interface)
    });
    let mut comments: Vec<String> = info.comments.iter().map(|comment| comment.text.clone()).collect();
    if info.comments_left_out > 0 {
        comments.push(format!("({} more comments)", info.comments_left_out));
    }
    Ok(Described {
        name: info.name.clone(),
        format: info.format.map(crate::file::Format::name),
        compression: info.compression.map(|compression| compression.to_string()),
        size: info.size,
        interfaces: interfaces.collect::<PyResult<_>>()?,
        frames: info.frames,
        first_time_ns: info.first_time_ns,
        last_time_ns: info.last_time_ns,
        snapped_frames: info.snapped_frames,
        backward_steps: info.backward_steps,
        longest_gap_ns: info.longest_gap_ns,
        longest_gap_from_ns: info.longest_gap_from_ns,
        comments,
        defects: info.defects.iter().map(ToString::to_string).collect(),
        error: info.error.as_ref().map(ToString::to_string),
    })
}
