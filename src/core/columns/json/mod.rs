//! Connections as JSON, by the contract that `docs/json.md` describes.
//!
//! * [`pen`] writes numbers, names and keys.
//! * [`connection`] writes a connection, field by field.
//! * [`words`] is what the tracker cannot know: what RFC 9293 says of a change of state, what a stopped connection waits
//!   for, and which findings name a connection. They come from above, as text that is put in its place.

pub mod connection;
pub mod pen;
pub mod words;
