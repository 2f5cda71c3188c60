//! Connections as JSON, by the contract that `docs/json.md` describes.
//!
//! * [`pen`] writes numbers, names and keys.
//! * [`connection`] writes a connection, field by field.
//! * [`words`] has the parts that do not come from the tracker: the RFC's sections for a change of state, what a
//!   stopped connection waits for, and the findings about a connection. The caller passes them in, as text to insert.

pub mod connection;
pub mod pen;
pub mod words;
