//! The columns of one end of a connection. The table of connections has each twice: `client_state`, `server_state`.

use super::field::fields;
use super::row::End;
use super::values::{FactSet, StateSet};

fields! {
    /// The columns.
    FIELDS of End<'_>: |end, books|
    address: u32 of Addresses => books.address(end.ip, end.scope), "Its address.";
    port: u16 => end.port, "Its port.";
    state: u8 of States => end.state() as u8, "Its state as best known at the end of the capture.";
    evidence: u8 of Evidence or 255 => end.evidence().map(|evidence| evidence as u8),
        "How its last transition is known; null where there was none.";
    confirmed: bool => end.is_confirmed(),
        "Whether its state is proven: seen, or presumed and confirmed since.";
    or_since: StateSet of States => StateSet::of(&end.or_since()), "Other states that fit the evidence as well.";
    since_ns: i64 in Time or -9223372036854775808 => end.since_ns(),
        "When it entered its state; null where no transition is known.";
    first_state: u8 of States => end.first_state() as u8, "The state that it was in before the first segment.";
    frames: u64 => end.frames(), "Segments that it sent, captured duplicates left out.";
    bytes: u64 in Bytes => end.bytes(), "Payload that it sent, each byte counted as often as it was sent.";
    retransmitted_frames: u64 => end.retransmitted_frames(),
        "Segments that carried only what had been captured before.";
    retransmitted_bytes: u64 in Bytes => end.retransmitted_bytes(), "The payload of those.";
    out_of_order_frames: u64 => end.out_of_order_frames(), "Segments that filled a hole.";
    duplicate_frames: u64 => end.duplicate_frames(), "Frames that the capture holds twice.";
    unseen_bytes: u64 in Bytes => end.unseen_bytes(),
        "What the other end acknowledged and that was never captured.";
    unacknowledged_bytes: u32 in Bytes => end.unacknowledged_bytes(),
        "What it sent and the other end has not acknowledged: Send-Q of netstat, SYN and FIN not counted.";
    first_time_ns: i64 in Time or -9223372036854775808 => end.first_time_ns(),
        "When its first segment was captured; null where it sent none.";
    last_time_ns: i64 in Time or -9223372036854775808 => end.last_time_ns(),
        "When its last segment was captured; null where it sent none.";
    isn: i64 or -1 => end.isn().map(i64::from), "Its initial sequence number.";
    mss: u16 in Bytes or 0 => end.mss(), "The maximum segment size that it offered.";
    window_scale: u8 or 255 => end.window_scale(), "The window scale that it offered.";
    window: u32 in Bytes or 4294967295 => end.window(),
        "The receive window that it advertised last, scaled where the scale is known.";
    ttl: u8 or 0 => end.ttl(), "TTL or hop limit of its last segment that was no reset.";
    rtt_ns: i64 in Ns or -1 => end.rtt_ns(),
        "The shortest round trip between the tap and it; 4294967295 stands for 4.29 s and more.";
    turns: u16 => end.turns(), "How often it began to send data: at first, or after data of the other end.";
    think_ns: i64 in Ns => end.think_ns(),
        "How long it took for that by itself, in all: what was waited for it, the way to it and back left out.";
    longest_think_ns: i64 in Ns => end.longest_think_ns(), "The longest that it took once.";
    facts: FactSet of Facts => end.facts(), "Facts about it.";
}
