//! The fields of Zeek's conn.log, by Zeek's documented rules. They are kept only on request, and no inference depends
//! on them.
//!
//! * [`history`] is the string of letters, [`state`] Zeek's state of an end.
//! * [`stream`] counts the octets of one direction, and those that were never captured.
//! * [`endpoint`] is one end, [`dialogue`] both.
//! * [`notes`] holds a dialogue for each connection of the flow table.
//! * [`sha1`] and [`community`] name a flow as other tools do (Community ID, version 1).

pub mod community;
pub mod dialogue;
pub mod endpoint;
pub mod history;
pub mod notes;
pub mod sha1;
pub mod state;
pub mod stream;
