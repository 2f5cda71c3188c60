//! Changes that a device between two points made to a segment that both captured.

use super::observations::Observation;

/// One kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// The maximum segment size was lowered or raised.
    Mss,
    /// The window scale was changed or removed.
    WindowScale,
    /// The SACK-permitted option was removed or added.
    SackPermitted,
    /// Timestamps were removed or added.
    Timestamps,
    /// Timestamps were rewritten.
    TimestampValue,
    /// The TCP Fast Open option was removed or added.
    FastOpen,
    /// The window was changed.
    Window,
    /// ECN or other bits beside SYN, FIN, RST and ACK were changed.
    Flags,
    /// The sequence numbers were shifted.
    Numbers,
    /// The IP identification was changed.
    IpId,
    /// The TTL was decremented; each router takes one.
    Ttl,
}

impl Change {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 11] = [
        Self::Mss,
        Self::WindowScale,
        Self::SackPermitted,
        Self::Timestamps,
        Self::TimestampValue,
        Self::FastOpen,
        Self::Window,
        Self::Flags,
        Self::Numbers,
        Self::IpId,
        Self::Ttl,
    ];

    /// Its name in Python.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mss => "mss",
            Self::WindowScale => "window-scale",
            Self::SackPermitted => "sack-permitted",
            Self::Timestamps => "timestamps",
            Self::TimestampValue => "timestamp-value",
            Self::FastOpen => "fast-open",
            Self::Window => "window",
            Self::Flags => "flags",
            Self::Numbers => "sequence-numbers",
            Self::IpId => "ip-id",
            Self::Ttl => "ttl",
        }
    }
}

/// A change, with the values before and behind the stage; an absent value is `None`.
pub type Changed = (Change, Option<u32>, Option<u32>);

/// The differences between two observations of one segment. `shift` is the shift of its sequence numbers.
pub fn changes(before: &Observation, behind: &Observation, shift: u32, mut note: impl FnMut(Changed)) {
    let mut compare = |change, a: Option<u32>, b: Option<u32>| {
        if a != b {
            note((change, a, b));
        }
    };
    if before.flags().syn() {
        let mss = |s: &Observation| (s.mss != 0).then_some(u32::from(s.mss));
        let scale = |s: &Observation| s.has_scale().then_some(u32::from(s.scale));
        let yes = |on: bool| on.then_some(1);
        compare(Change::Mss, mss(before), mss(behind));
        compare(Change::WindowScale, scale(before), scale(behind));
        compare(Change::SackPermitted, yes(before.permits_sack()), yes(behind.permits_sack()));
        compare(Change::FastOpen, yes(before.asks_fast_open()), yes(behind.asks_fast_open()));
        compare(Change::Numbers, Some(before.seq.0), Some(before.seq.plus(shift).0));
    }
    if before.has_stamp() && behind.has_stamp() {
        compare(Change::TimestampValue, Some(before.stamp), Some(behind.stamp));
    } else {
        let stamp = |s: &Observation| s.has_stamp().then_some(s.stamp);
        compare(Change::Timestamps, stamp(before), stamp(behind));
    }
    compare(Change::Window, Some(u32::from(before.window)), Some(u32::from(behind.window)));
    compare(Change::Flags, Some(u32::from(before.flags().0)), Some(u32::from(behind.flags().0)));
    if before.has_id() {
        let id = |s: &Observation| s.has_id().then_some(u32::from(s.ip_id));
        compare(Change::IpId, id(before), id(behind));
    }
    compare(Change::Ttl, Some(u32::from(before.ttl)), Some(u32::from(behind.ttl)));
}
