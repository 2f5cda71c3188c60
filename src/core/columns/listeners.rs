//! The columns of a socket that clients connected to, or tried to.

use super::field::fields;
use super::values::StateCounts;
use crate::flows::population::{listeners::Listener, socket::Socket};
use crate::tcp::state::State;

/// A socket and what is known of it.
pub type Listening<'a> = (&'a Socket, &'a Listener);

fields! {
    /// The columns.
    FIELDS of Listening<'_>: |row, books|
    address: u32 of Addresses => books.address(row.0.ip, row.0.scope), "Its address.";
    port: u16 => row.0.port, "Its port.";
    connections: u64 => row.1.connections, "Connections opened or tried, all incarnations.";
    clients: u64 => row.1.clients.count() as u64,
        "Different client addresses; counted up to a bound, so at least so many.";
    answered: u64 => row.1.answered, "Connections that it answered with a SYN-ACK: it listens.";
    refused: u64 => row.1.refused, "Connections that it refused.";
    unanswered: u64 => row.1.unanswered, "SYNs, retries not counted, that nothing answered.";
    embryonic: u64 => row.1.states[State::SynRecv as usize],
        "Connections whose server end is in SYN_RECV at the end.";
    embryonic_peak: u64 => row.1.embryonic.value(), "The most that were in SYN_RECV at one time.";
    short_lived: u64 => row.1.short_lived, "Connections that were opened and over within one second.";
    states: StateCounts of States => StateCounts(row.1.states), "The server ends at the end, by state.";
    client_states: StateCounts of States => StateCounts(row.1.client_states),
        "The client ends at the end, by state.";
    time_wait_peak: u64 => row.1.most_in_time_wait().map_or(0, |(peak, _)| peak),
        "The most connections between it and one client address that were in TIME_WAIT, at either end, at one time.";
    time_wait_client: u32 of Addresses or 4294967295 =>
        row.1.most_in_time_wait().map(|(_, client)| books.address(client, row.0.scope)),
        "That client address.";
    first_frame: u64 in Frame => row.1.first_frame, "The first segment of its first connection.";
}
