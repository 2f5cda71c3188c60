//! The columns of a connection as a whole; those of its ends are in [`ends`](super::ends).

use super::field::fields;
use super::row::Row;
use super::values::FactSet;

fields! {
    /// The columns.
    FIELDS of Row<'_>: |row, books|
    id: u64 in Id => row.id(), "Counts from 1 in the order of first segments.";
    incarnation: u32 => row.incarnation(), "1 for the first connection on these addresses and ports, 2 for the next.";
    previous: u64 in Id or 0 => row.previous(), "The incarnation before, where it is still kept.";
    direction_reason: u8 of DirectionReasons => row.reason as u8, "How the client was told from the server.";
    tunnel: u32 of Tunnels or 4294967295 => books.tunnel(row.scope()),
        "Kinds of tunnel that it travels in, from the outside inward, with the network where only one was met.";
    first_time_ns: i64 in Time => row.first_time_ns(), "When its first segment was captured.";
    last_time_ns: i64 in Time => row.last_time_ns(), "When its last segment was captured.";
    first_frame: u64 in Frame => row.first_frame(), "Its first segment.";
    last_frame: u64 in Frame => row.last_frame(), "Its last segment.";
    handshake_rtt_ns: i64 in Ns or -1 => row.handshake_rtt_ns(),
        "SYN to the acknowledgement of the SYN-ACK: one round trip as the client sees it, wherever the tap is.";
    connect_ns: i64 in Ns or -1 => row.opening().connect_ns,
        "From the first SYN to the first acknowledgement of a SYN-ACK: what connecting took, copies of the SYN included.";
    syn_copies: u32 => row.opening().syn_copies, "Copies of the SYN after the first.";
    syn_ack_copies: u32 => row.opening().syn_ack_copies, "Copies of the SYN-ACK after the first.";
    syn_to_syn_ack_ns: i64 in Ns or -1 => row.opening().to_syn_ack_ns,
        "From the last SYN before it to the SYN-ACK: from the tap to the server and back.";
    syn_ack_to_ack_ns: i64 in Ns or -1 => row.opening().to_ack_ns,
        "From the SYN-ACK to its acknowledgement: from the tap to the client and back.";
    first_byte_ns: i64 in Ns or -1 => row.first_byte_ns(),
        "How long it was waited for the first data of the server, after the last segment of the client.";
    network_ns: i64 in Ns => row.network_ns(),
        "What was spent on the way: to connect, and a round trip to whoever spoke next in each turn.";
    facts: FactSet of Facts => row.facts(), "Facts about the connection as a whole.";
}
