//! Parts that few endpoints need. Only the methods in the file of the same name change each.

use crate::seq::Seq;
use crate::tcp::end::kept::{Aside, Echo, Fin, Reset, Waking};
use crate::tcp::end::missing::Missing;
use crate::tcp::end::ttls::{Ttls, TurnsOfTtl};
use crate::tcp::machine::fact::Facts;
use serde::{Deserialize, Serialize};

/// Data that an end has sent again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Resent {
    /// Segments that carried only what had been captured before.
    pub(super) frames: u64,
    /// Payload octets of those.
    pub(super) bytes: u64,
    /// When the head of its unacknowledged data was resent last, in Unix ns; 0 where it was not.
    pub(super) head_ns: i64,
    /// How long before that it had been resent, in ns; 0 where it had not.
    pub(super) head_gap_ns: i64,
    /// When it was resent first, in Unix ns.
    pub(super) head_first_ns: i64,
    /// How long before that it was sent, in ns; 0 where that is not known.
    pub(super) head_wait_ns: i64,
    /// How often it was resent.
    pub(super) head_times: u8,
    /// The sequence number of the last segment that was resent, whether acknowledged or not.
    pub(super) copy_seq: Seq,
    /// When that was, in Unix ns.
    pub(super) copy_ns: i64,
    /// How many copies of it came together.
    pub(super) together: u8,
    /// One of them was smaller than full size.
    pub(super) has_small: bool,
    /// How long the first copy of the last lost data took, in ns.
    pub(super) wait_ns: i64,
    /// How many such waits in a row were each longer than the one before.
    pub(super) longer: u8,
    /// How long those took in all, in ns.
    pub(super) longer_ns: i64,
    /// How long data waited in all to be acknowledged that were resent late, in ns.
    pub(super) late_ns: i64,
}

/// How many of an end's segments are out of the ordinary.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Odd {
    /// Segments that filled a hole.
    pub(super) out_of_order: u64,
    /// Those of them that later segments overtook on the way to the tap.
    pub(super) overtaken: u32,
    /// Frames that the capture holds twice.
    pub(super) duplicate: u64,
    /// Segments without a time stamp where both ends had agreed to send some.
    pub(super) unstamped: u32,
    /// Segments with a wrong checksum.
    pub(super) wrong_sums: u32,
    /// Segments that were rejected for an old time stamp.
    pub(super) old_stamps: u32,
    /// FINs without ACK that would come next.
    pub(super) lone_fins: u32,
    /// How many copies of its SYN, the first one included, asked for each option that some networks drop.
    pub(super) asking_syns: [u8; 4],
    /// Segments that report octets which it had already (RFC 2883).
    pub(super) got_twice: u32,
    /// Segments that echo a mark of congestion (RFC 3168).
    pub(super) echoed_marks: u32,
}

/// An end's window of zero.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Shut {
    /// Since when it has advertised a window of zero, in Unix ns.
    pub(super) since_ns: Option<i64>,
    /// For how long it had advertised one before, in all, in ns.
    pub(super) before_ns: i64,
    /// The window that its SYN,ACK advertised was zero, and has not been opened since.
    pub(super) since_syn: bool,
    /// How often it opened its window by less than a segment.
    pub(super) by_little: u16,
    /// How often it told of less room than it had told of before, with octets under way in what it took back.
    pub(super) taken_back: u16,
}

/// A probe of the other end's window of zero.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct WindowProbe {
    /// Its number.
    pub seq: Seq,
    /// When it was sent, in Unix ns.
    pub time_ns: i64,
    /// How long after the probe before, or after the window was shut, in ns.
    pub gap_ns: i64,
}

/// Repeated questions of an end.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Asked {
    /// Silence between the last two copies of its SYN, SYN,ACK or FIN, in ns.
    pub(super) gap_ns: i64,
    /// A presumption put off, because one like it has been disproved before: when and by which frame it would have been made.
    pub(super) put_off: Option<(i64, u64)>,
    /// How often its SYN, SYN,ACK or FIN was resent.
    pub(super) again: u8,
    /// How often a presumption about what it asked for was disproved.
    pub(super) undone: u8,
}

/// FINs beside the one that counts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Fins {
    /// A FIN captured ahead of a hole: it may be somebody else's, and counts when the hole is filled.
    pub(super) early: Option<Fin>,
    /// Its FIN as sent last, where it was sent again.
    pub(super) copy: Option<Fin>,
    /// How much of its octets the other end's FIN acknowledged, if not all of that had been captured before.
    pub(super) acked_by_others: Option<Seq>,
    /// Copies of its FIN, sent after an acknowledgement of it was captured.
    pub(super) after_ack: u16,
    /// Whether its last copy is the only one since an acknowledgement of it.
    pub(super) copy_is_lone: bool,
    /// The time stamp of the first segment past a hole that acknowledged the other's FIN.
    pub(super) stamp_past_gap: Option<u32>,
}

/// Resets of an end, and resets for it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Resets {
    /// The last reset that is assumed to have ended it.
    pub(super) last: Option<Reset>,
    /// When a reset in its name came after which it sent something that the reset may have overtaken, in Unix ns.
    pub(super) doubted_ns: Option<i64>,
    /// When the last reset came that it is assumed to have ignored, those before being disproved, in Unix ns.
    pub(super) ignored_ns: i64,
    /// How often a reset that it was assumed to have accepted was disproved.
    pub(super) undone: u8,
}

/// Long silences that an end has broken.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Wakings {
    /// The segment that broke a long silence, until it is answered.
    pub(super) now: Option<Waking>,
    /// How often the segment that broke a long silence was answered only when it came again.
    pub(super) lost: u16,
}

/// Segments set aside, in the order in which they were captured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct SetAside(pub(super) Vec<Aside>);

/// Counts and facts that an endpoint has no room for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Beyond {
    /// Segments that it sent beyond those that the endpoint counts, and those that are not read.
    pub(super) frames: u64,
    /// Payload octets that it sent beyond those that the endpoint counts.
    pub(super) bytes: u64,
    /// Its facts beyond the first 64.
    pub(super) facts: [u64; Facts::WORDS - 1],
}

/// How often an end went on with data at the moment when a late acknowledgement came, and how long it had waited.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Waits {
    /// How often.
    pub count: u16,
    /// For how long in all, in ns.
    pub total_ns: i64,
    /// How long the last late acknowledgement of everything it had sent took, in ns.
    pub last_ns: i64,
    /// How often the rest of a message seems to have waited for a cork.
    pub held: u16,
}

/// How often an end waited for room in a window of less than a segment, and how long in all.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Cramped {
    /// How often.
    pub(super) count: u16,
    /// For how long in all, in ns.
    pub(super) total_ns: i64,
    /// How often it filled, after a wait, what a scaled window is without its scale.
    pub(super) unscaled: u16,
    /// The bytes of the last of those, and whether they were always as many.
    pub(super) unscaled_room: u16,
    pub(super) unscaled_varies: bool,
}

/// Those parts, kept out of line so that millions of plain endpoints stay small.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Rare {
    /// Octets that the capture lacks.
    pub missing: Missing,
    /// Data sent again.
    pub resent: Resent,
    /// A window of zero.
    pub shut: Shut,
    /// Repeated SYNs, SYN,ACKs and FINs.
    pub asked: Asked,
    /// FINs beside the one that counts.
    pub fins: Fins,
    /// Resets in its name, and for it.
    pub resets: Resets,
    /// Long silences that it has broken.
    pub wakings: Wakings,
    /// Waits for late acknowledgements.
    pub waits: Waits,
    /// Waits for room in the other end's window.
    pub cramped: Cramped,
    /// See [`Echo`].
    pub echo: Option<Echo>,
    /// Segments that wait until it is known whether they were acceptable.
    pub aside: SetAside,
    /// Segments out of the ordinary.
    pub odd: Odd,
    /// Counts and facts that the endpoint has no room for.
    pub beyond: Beyond,
    /// TTLs of its segments before the one that it bears now.
    pub ttls: Ttls,
    /// The TTLs of its bare acknowledgements and of its data, where they take turns.
    pub turns_of_ttl: TurnsOfTtl,
    /// TTLs of resets in its name that none of its segments bore.
    pub reset_ttls: Ttls,
    /// Probes since the other end was last heard of.
    pub probes: u8,
    /// The acknowledgement number of its last probe.
    pub probe_ack: Option<Seq>,
    /// Its last probe of the other's window of zero.
    pub window_probe: Option<WindowProbe>,
}

impl Rare {
    /// Whether nothing is missing, waiting or in doubt.
    pub fn is_settled(&self) -> bool {
        self.missing.holes().is_empty()
            && self.asked.put_off.is_none()
            && self.shut.since_ns.is_none()
            && !self.shut.since_syn
            && self.fins.early.is_none()
            && self.wakings.now.is_none()
            && self.resets.doubted_ns.is_none()
            && self.probes == 0
            && self.aside.0.is_empty()
    }
}
