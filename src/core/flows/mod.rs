//! The flow table: which connection a segment belongs to, how many there may be, and how time passes for all.
//!
//! * [`key`] names a 4-tuple, [`name`] that of a segment; [`slab`] holds the connections, [`index`] tells where, by a
//!   table of [`places`].
//! * [`table`] finds them, as many as [`capacity`] allow; [`incarnations`] tells which connection on its 4-tuple a segment
//!   belongs to, and begins new ones; [`chain`] strings those together; [`ahead`] looks segments up together, and
//!   [`change`] reads them.
//! * [`turns`] let go of what is over, and [`room`] of what is in the way; [`rounds`] says when a connection may be over. [`worth`] says how
//!   useful it is, which goes by the [`proof`] that it is real; in [`queues`] the least useful ones wait to be let go.
//! * [`tally`] keeps the counts of connections that were let go, and of all at the end; [`kinds`] those of connections
//!   whose [`signature`] is the same. A [`budget`] bounds what hostile traffic makes up; [`examples`] stand for the rest
//!   of their kind, and [`evicted`] counts what there was no room for.
//! * [`roles`] tells the client from the server and [`reason`] says how: by the opening, by [`listeners`], at worst by
//!   [`ports`] that servers listen on.
//! * [`timing`] says where the time of a connection went.
//! * [`clocks`] remembers the time stamps with which hosts begin connections.
//! * [`traffic`] counts frames; [`udp`] counts UDP conversations; [`population`] counts connections by
//!   listening socket, by client and by path.
//! * Several tables track one capture [`together`], each its own [`share`] of the connections.
//! * A [`piece`] of a capture is tracked for itself, and its connections put into the table of the whole.
//! * [`ladder`] keeps the segments of connections that are traced; [`leaving`] has those wait that were let go; [`events`] says what has changed, an [`event`] each, and [`notes`] the
//!   same as comments on frames.

pub mod ahead;
pub mod budget;
pub mod capacity;
pub mod chain;
pub mod change;
pub mod clocks;
pub mod event;
pub mod events;
pub mod evicted;
pub mod examples;
pub mod incarnations;
pub mod index;
pub mod key;
pub mod kinds;
pub mod ladder;
pub mod leaving;
pub mod listeners;
pub mod loss;
pub mod name;
pub mod notes;
pub mod piece;
pub mod places;
pub mod population;
pub mod ports;
pub mod proof;
pub mod queues;
pub mod reason;
pub mod roles;
pub mod room;
pub mod rounds;
pub mod share;
pub mod signature;
pub mod slab;
pub mod table;
pub mod tally;
pub mod timing;
pub mod together;
pub mod traffic;
pub mod turns;
pub mod udp;
pub mod worth;

#[cfg(test)]
mod hostile;
