//! The columns of a connection as it was at an instant.

use super::field::fields;
use super::remembered::Then;

fields! {
    /// The columns.
    FIELDS of Then: |then, _books|
    id: u64 in Id => then.connection, "The connection.";
    client_state: u8 of States or 255 => then.client.map(|(state, _)| state as u8),
        "The state of the client; null before the first segment of the connection.";
    client_since_ns: i64 in Time or -9223372036854775808 => then.client.and_then(|(_, since)| since),
        "When it entered that state; null for a state that it was in from the start.";
    server_state: u8 of States or 255 => then.server.map(|(state, _)| state as u8), "The state of the server.";
    server_since_ns: i64 in Time or -9223372036854775808 => then.server.and_then(|(_, since)| since),
        "When it entered that state.";
}
