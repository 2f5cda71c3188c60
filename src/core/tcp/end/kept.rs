//! Records of single segments that an end keeps for later: its FIN, a reset, segments set aside, the segment that broke a
//! silence.

use crate::segment::Segment;
use crate::seq::Seq;
use crate::tcp::machine::fact::Fact;
use serde::{Deserialize, Serialize};

/// A FIN as captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Default))]
pub struct Fin {
    /// Its sequence number.
    pub seq: Seq,
    /// The acknowledgement that came with it.
    pub ack: Seq,
    /// When, in Unix ns.
    pub time_ns: i64,
    /// In which frame.
    pub frame: u64,
    /// It is the packet that its sender sent right after the last one captured: none is missing between.
    pub follows: bool,
    /// It lacks what its sender's packets have in common, the count or the flow label: it may be somebody else's.
    pub looks_foreign: bool,
    /// The same, if no jump of the count may explain it.
    pub is_foreign: bool,
    /// Packets of its sender may be missing before it: the count says so, or nothing is known of the count.
    pub skips: bool,
    /// Octets before it had not been captured when it was.
    pub is_ahead: bool,
    /// A later segment was captured before it: this is a later copy, or the tap has reordered.
    pub belated: bool,
    /// Its segment begins with octets already known, and reaches beyond them: the first copies were cut elsewhere.
    pub overlaps: bool,
    /// Its time stamp, TSval (RFC 7323).
    pub stamp: Option<u32>,
}

/// The numbers of a reset that an end sent, or that was sent in its name.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Reset {
    /// Its sequence number.
    pub seq: Seq,
    /// Its acknowledgement number, where it has one.
    pub ack: Option<Seq>,
    /// The next number of that end, if it is known.
    pub next: Option<Seq>,
    /// The next number of the other end that it may have heard by then, if it is known.
    pub heard: Option<Seq>,
    /// Whether the other end was still in SYN_SENT, and the end in SYN_RECV: then no data of the end were under way.
    pub is_before_words: bool,
}

/// A segment set aside: its receiver rejects it, unless the capture lacks what makes it acceptable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Aside {
    /// The segment.
    pub segment: Segment,
    /// Why.
    pub reason: Fact,
}

/// The segment that ended a long silence of both ends, and awaits an answer.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Waking {
    /// How long the silence was, in ns.
    pub slept_ns: i64,
    /// When it, or the last copy of it, was captured, in Unix ns.
    pub sent_ns: i64,
    /// Copies of it since.
    pub copies: u8,
    /// The time stamp that the first of them bears.
    pub stamp: Option<u32>,
    /// Its sender's own time stamps show far less time than the capture does.
    pub stood_still: bool,
}

/// The last reset of an end, or acknowledgement that its receiver rejects.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Echo {
    /// Its sequence number.
    pub seq: Seq,
    /// Its acknowledgement number.
    pub ack: Seq,
    /// Its frame.
    pub frame: u64,
    /// When, in Unix ns.
    pub time_ns: i64,
    /// Payload octets that the other end had sent by then.
    pub heard: u64,
    /// How often it came with the same numbers, the other end having spoken between.
    pub rounds: u32,
    /// How often it came with the same numbers, each too long after the one before to be drawn by what that drew.
    pub timed: u32,
}
