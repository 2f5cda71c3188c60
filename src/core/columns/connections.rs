//! The columns of a connection as a whole; those of its ends are in [`ends`](super::ends).

use super::field::fields;
use super::row::Row;
use super::values::FactSet;

fields! {
    /// The columns.
    FIELDS of Row<'_>: |row, books|
    id: u64 in Id => row.id(), "Counts from 1 in the order of first segments.";
    incarnation: u32 => row.incarnation(), "1 for the first connection on these addresses and ports, 2 for the next.";
    previous: u64 in Id or 0 => row.previous, "The incarnation before, where it is still kept.";
    direction_reason: u8 of DirectionReasons => row.reason as u8, "How the client was told from the server.";
    tunnel: u32 of Tunnels or 4294967295 => books.tunnel(row.scope()),
        "Kinds of tunnel that it travels in, from the outside inward, with the network where only one was met.";
    first_time_ns: i64 in Time => row.first_time_ns(), "When its first segment was captured.";
    last_time_ns: i64 in Time => row.last_time_ns(), "When its last segment was captured.";
    first_frame: u64 in Frame => row.first_frame(), "Its first segment.";
    last_frame: u64 in Frame => row.last_frame(), "Its last segment.";
    handshake_rtt_ns: i64 in Ns or -1 => row.handshake_rtt_ns(),
        "SYN to the acknowledgement of the SYN-ACK: one round trip as the client sees it, wherever the tap is.";
    facts: FactSet of Facts => row.facts(), "Facts about the connection as a whole.";
}
