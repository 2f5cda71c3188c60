//! The fields of Zeek's conn.log, by Zeek's own documented rules: they are not this tracker's, and decide nothing
//! here. Kept only for those who ask for that log.
//!
//! * [`history`] is the string of letters, [`state`] where Zeek believes an end to be.
//! * [`stream`] follows the octets of one direction: how many, and which were never captured.
//! * [`endpoint`] is one end, [`dialogue`] both.
//! * [`notes`] has one for each connection of the flow table.
//! * [`sha1`] and [`community`] name a flow as other tools do (Community ID, version 1).

pub mod community;
pub mod dialogue;
pub mod endpoint;
pub mod history;
pub mod notes;
pub mod sha1;
pub mod state;
pub mod stream;
