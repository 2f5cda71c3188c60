//! The columns of the first sight of a fact.

use super::field::fields;
use super::remembered::Sight;
use crate::tcp::number::Number;

fields! {
    /// The columns.
    FIELDS of Sight: |sight, _books|
    connection: u64 in Id => sight.connection, "The connection.";
    fact: Number of Facts => sight.fact.number(), "The fact.";
    endpoint: u8 of Sides or 255 => sight.server.map(u8::from),
        "The end that did it; null for a fact about the connection as a whole.";
    frame: u64 in Frame => sight.frame, "The frame that showed it first.";
    time_ns: i64 in Time => sight.time_ns, "When.";
    figure: u64 or 0 => sight.figure,
        "The number that belongs to it, where one does: the length of a silence in ns, or a count.";
}
