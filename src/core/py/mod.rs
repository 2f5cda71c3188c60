//! The Python bindings: the only directory that knows Python.
//!
//! * [`reader`] opens captures; the only place where a Rust error becomes a Python exception.
//! * [`tracker`] takes frames in batches and returns connections.
//! * [`timers`] reads the names and values of its timers.
//! * [`cores`] lets it use a second core.
//! * [`columns`] returns them in columns, a [`gatherer`] those of many trackers at once.
//! * [`json`] returns them as JSON.
//! * [`choose`] selects some of them by a filter.
//! * a [`copier`] copies a capture, with comments.
//! * a [`recorder`] records the frames that pass the gate (`crate::intake`).
//! * [`segments`] reads packets that scapy or tshark has dissected.
//! * [`join`] takes several captures and returns the fate of each segment between them.
//! * [`pieces`] lets several processes track one capture.
//! * [`rows`] and [`summary`] make the records that go out. Those of `wirestat.model` are declared in [`model`], those of
//!   `wirestat.crossing` in [`crossing`], their enumerations in [`words`], the table of the
//!   tracker in [`witness`]; [`record`] compares both sides of the border.
//!
//! No call is made per packet, except for packets that were dissected in Python.

mod buffer;
mod choose;
mod columns;
mod copier;
mod cores;
mod crossing;
mod filters;
mod gatherer;
mod join;
mod json;
mod model;
mod pieces;
mod population;
mod reader;
mod record;
mod recorder;
mod rows;
mod segments;
mod summary;
mod timers;
mod tracker;
mod witness;
mod words;

use pyo3::prelude::*;

/// The compiled core of wirestat. Use the package `wirestat` instead.
#[pymodule(name = "_core")]
mod core {
    use super::words::REASONS;
    use super::{PyModule, PyModuleMethods, PyResult};
    use crate::flows::table::DirectionReason;
    use crate::join::fate::Fate;
    use crate::join::group::POINTS;
    use crate::tcp::cue::{Cue, Evidence};
    use crate::tcp::fact::Fact;
    use crate::tcp::state::State;
    use pyo3::Bound;
    use pyo3::types::{PyDict, PyDictMethods};

    #[pymodule_export]
    use super::buffer::Buffer;
    #[pymodule_export]
    use super::choose::{choose, having_ends};
    #[pymodule_export]
    use super::columns::{
        apart, columns, columns_of_gone, csv, gone, keep_gone, kinds, members, planes, spell, validity,
    };
    #[pymodule_export]
    use super::copier::Copier;
    #[pymodule_export]
    use super::cores::use_cores;
    #[pymodule_export]
    use super::filters::{FilterError, compile_filter};
    #[pymodule_export]
    use super::gatherer::Gatherer;
    #[pymodule_export]
    use super::join::{Join, Pairing};
    #[pymodule_export]
    use super::json::{ConnLog, Records};
    #[pymodule_export]
    use super::pieces::{Crowded, Piece, Surveyor, Whole, plan_pieces, track_rest};
    #[pymodule_export]
    use super::reader::{CaptureError, Described, DescribedInterface, Reader, is_decoded, link_name};
    #[pymodule_export]
    use super::recorder::Recorder;
    #[pymodule_export]
    use super::tracker::{Intake, Tracker};

    #[pymodule_export]
    use super::witness::{alternatives, machine, thresholds};

    /// The lists of names; `docs/build.py` writes the enumerations of facts and cues from them.
    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("MOST_POINTS", POINTS)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("TIMERS", super::timers::TIMERS.map(|(name, _)| name).to_vec())?;
        module.add("STATES", State::ALL.map(State::name).to_vec())?;
        module.add("EVIDENCE", Evidence::ALL.map(Evidence::name).to_vec())?;
        module.add("FATES", Fate::ALL.map(Fate::name).to_vec())?;
        module.add("DIRECTION_REASONS", REASONS.map(DirectionReason::name).to_vec())?;
        let cues = PyDict::new(module.py());
        for cue in Cue::ALL {
            cues.set_item(format!("{cue:?}"), cue.words())?;
        }
        module.add("CUES", cues)?;
        module.add("FACTS", Fact::ALL.iter().map(|fact| fact.name()).collect::<Vec<_>>())?;
        module.add(
            "CONNECTION_FACTS",
            Fact::ALL.iter().filter(|f| f.is_of_connection()).map(|f| f.name()).collect::<Vec<_>>(),
        )?;
        module.add("CONN_LOG", crate::columns::conn_log::FIELDS.to_vec())?;
        module.add("TABLES", super::columns::schema())
    }
}
