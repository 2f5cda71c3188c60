//! One change of a connection.

use super::key::Key;
use super::slab::Place;
use crate::tcp::entry::Entry;
use crate::tcp::side::Side;
use crate::tcp::state::State;

/// One change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// The id of the connection.
    pub id: u64,
    /// Where it is kept, as long as it is.
    pub place: Place,
    /// The event itself.
    pub entry: Entry,
    /// Its 4-tuple.
    pub key: Key,
    /// Which end was assumed to be the client.
    pub client: Side,
    /// The states of both ends after it, and after all that the same segment changed.
    pub states: [State; 2],
}
