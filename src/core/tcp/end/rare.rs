//! Fields that few endpoints need: holes in their stream, probes, doubts, and counters of what is out of the ordinary.

use crate::segment::Segment;
use crate::seq::Seq;
use crate::tcp::end::space::Holes;
use crate::tcp::machine::fact::{Fact, Facts};
use serde::{Deserialize, Serialize};

/// A FIN as captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fin {
    /// Its sequence number.
    pub seq: Seq,
    /// The acknowledgement that came with it.
    pub ack: Seq,
    /// When, in Unix ns.
    pub time_ns: i64,
    /// In which frame.
    pub frame: u64,
    /// It is the packet that its sender sent next after the last one captured: none is missing between.
    pub follows: bool,
    /// It lacks what its sender's packets have in common, the count or the flow label: it may be somebody else's.
    pub looks_foreign: bool,
    /// The same, and no jump of the count may explain it.
    pub is_foreign: bool,
    /// By that count, packets of its sender are missing before it, or may be: nothing is known of the count.
    pub skips: bool,
    /// Octets before it had not been captured when it was.
    pub is_ahead: bool,
    /// Something sent after it was captured before it: this is a later copy, or the tap has reordered.
    pub belated: bool,
    /// Its time stamp, TSval (RFC 7323).
    pub stamp: Option<u32>,
}

/// A segment set aside: its receiver throws it away, unless the capture lacks what makes it acceptable.
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
}

/// The last reset of an end, or acknowledgement that its receiver throws away.
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
}

/// Fields that few endpoints need; kept out of line, so that millions of plain ones stay small.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Rare {
    /// Octets that were never captured.
    pub holes: Holes,
    /// Segments that carried only what had been captured before.
    pub retransmitted_frames: u64,
    /// Payload octets of those.
    pub retransmitted_bytes: u64,
    /// Segments that filled a hole.
    pub out_of_order_frames: u64,
    /// Frames that the capture holds twice.
    pub duplicate_frames: u64,
    /// Octets that were acknowledged and never captured.
    pub unseen_bytes: u64,
    /// A presumption put off, because the like of it has been disproved before: when and by which frame it would have been.
    pub doubt: Option<(i64, u64)>,
    /// Since when it has advertised a window of zero.
    pub zero_window_since: Option<i64>,
    /// For how long it had advertised one before, in all, in ns.
    pub zero_window_ns: i64,
    /// A FIN captured ahead of a hole: it may be somebody else's, and counts when the hole is filled.
    pub early_fin: Option<Fin>,
    /// Its FIN as sent last, where it was sent again.
    pub fin_copy: Option<Fin>,
    /// As much as the other end's FIN acknowledged of it, where not all of that had been captured before.
    pub acked_by_fin: Option<Seq>,
    /// Keepalive probes sent since the other end was last heard of.
    pub probes: u8,
    /// It has resent a segment smaller than full size.
    pub resent_small: bool,
    /// How often its SYN, SYN,ACK or FIN was resent.
    pub asked_again: u8,
    /// Silence between the last two of those, in ns.
    pub asked_gap_ns: i64,
    /// How often a presumption about what it asked for was disproved.
    pub undone: u8,
    /// How often a reset that it was taken to have accepted was disproved.
    pub resets_undone: u8,
    /// When the last reset came that it is not taken to have accepted, those before being disproved, in Unix ns.
    pub ignored_reset_ns: i64,
    /// The segment that broke a long silence, until it is answered.
    pub waking: Option<Waking>,
    /// How often it went on with data at the moment in which a late acknowledgement came.
    pub waits_for_ack: u16,
    /// For how long it had waited for late acknowledgements, in all, in ns.
    pub waited_for_ack_ns: i64,
    /// How often what it broke a long silence with was answered only when it came again.
    pub lost_after_idle: u16,
    /// See [`Echo`].
    pub echo: Option<Echo>,
    /// TTLs of its segments before the one that it bears now.
    pub(super) ttls: [u8; 4],
    /// TTLs of resets in its name that none of its segments bore; 0 for none.
    pub(super) reset_ttls: [u8; 4],
    /// Segments without a time stamp where both ends had agreed to send some.
    pub unstamped: u32,
    /// Segments with a wrong checksum.
    pub wrong_sums: u32,
    /// Segments that were thrown away for an old time stamp.
    pub old_stamps: u32,
    /// How many copies of its SYN, the first among them, asked for each of what some networks drop.
    pub asking_syns: [u8; 3],
    /// The window that its SYN,ACK advertised was zero, and has not been opened since.
    pub shut_since_syn: bool,
    /// How often the head of its unacknowledged data was resent.
    pub resent: u8,
    /// When it was resent last, in Unix ns; 0 where it was not.
    pub resent_ns: i64,
    /// How long before that it had been resent, in ns; 0 where it had not.
    pub resent_gap_ns: i64,
    /// The sequence number of the last reset that it sent, or that was sent in its name.
    pub reset_seq: Option<Seq>,
    /// The acknowledgement number of the last reset that it sent, or that was sent in its name.
    pub reset_ack: Option<Seq>,
    /// The number that came next when it sent that reset, or somebody in its name.
    pub reset_next: Option<Seq>,
    /// When a reset in its name came after which it said something that the reset may have overtaken, in Unix ns.
    pub doubted_reset_ns: Option<i64>,
    /// Segments in its name that wait until it is known whether they were acceptable.
    pub aside: Vec<Aside>,
    /// Segments that it sent beyond those that the endpoint counts.
    pub frames_beyond: u64,
    /// Payload octets that it sent beyond those that the endpoint counts.
    pub(super) bytes_beyond: u64,
    /// Its facts beyond the first 64.
    pub(super) facts_beyond: [u64; Facts::WORDS - 1],
}

impl Rare {
    /// Whether nothing is missing, waiting or in doubt.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.holes.is_empty()
            && self.doubt.is_none()
            && self.zero_window_since.is_none()
            && self.early_fin.is_none()
            && self.waking.is_none()
            && !self.shut_since_syn
            && self.doubted_reset_ns.is_none()
            && self.probes == 0
            && self.aside.is_empty()
    }
}
