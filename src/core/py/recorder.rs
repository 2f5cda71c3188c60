//! Recording, controlled from Python.

use crate::file::record::{Failure, Names, Recorder as Inner, Rotation};
use crate::file::write::Statistics;
use crate::frame::LinkType;
use crate::intake::gate::Shared;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use std::path::PathBuf;

/// Writes the frames of a tracker to pcapng files.
#[pyclass(module = "wirestat._core")]
pub struct Recorder {
    pub(super) shared: Shared,
}

#[pymethods]
impl Recorder {
    /// Begins the first file. `names(index, time_ns)` gives the path of each; 0 stands for "no limit".
    #[new]
    #[pyo3(signature = (names, application, now_ns, *, max_bytes = 0, max_ns = 0, max_files = 0))]
    fn new(
        names: Py<PyAny>,
        application: &str,
        now_ns: i64,
        max_bytes: u64,
        max_ns: i64,
        max_files: usize,
    ) -> PyResult<Self> {
        let names: Names = Box::new(move |index, time_ns| {
            Python::attach(|py| names.call1(py, (index, time_ns))?.extract::<PathBuf>(py))
                .map_err(|error| error.to_string())
        });
        let rotation = Rotation { bytes: max_bytes, span_ns: max_ns, files: max_files };
        let inner = Inner::new(names, rotation, application, now_ns)
            .map_err(|Failure { path, message }| PyOSError::new_err((0, message, path)))?;
        Ok(Self { shared: Shared::new(inner) })
    }

    /// Adds an interface, with the link type of its frames.
    #[pyo3(signature = (number, link_type, name, snaplen = None))]
    fn describe(&self, number: u32, link_type: u16, name: &str, snaplen: Option<u32>) {
        self.shared.lock().describe(number, LinkType(link_type), name, snaplen);
    }

    /// Sets the statistics of an interface.
    fn count(&self, number: u32, received: Option<u64>, dropped: Option<u64>) {
        self.shared.lock().count(number, Statistics { received, dropped });
    }

    /// Flushes buffered data to the system.
    fn flush(&self, py: Python<'_>) {
        py.detach(|| self.shared.lock().flush());
    }

    /// Ends the recording.
    fn close(&self, py: Python<'_>, now_ns: i64) {
        py.detach(|| self.shared.lock().close(now_ns));
    }

    /// Files begun, frames written, and the failure that ended it: path and reason, or None.
    fn status(&self) -> (u64, u64, Option<(PathBuf, String)>) {
        let recorder = self.shared.lock();
        let (files, frames, failure) = recorder.status();
        (files, frames, failure.map(|failure| (failure.path.clone(), failure.message.clone())))
    }
}
