//! FINs of an end beside the one that counts: ahead of a hole, or sent again.

use crate::seq::Seq;
use crate::tcp::end::endpoint::Endpoint;
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

/// FINs beside the one that counts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Fins {
    early: Option<Fin>,
    copy: Option<Fin>,
    acked_by_others: Option<Seq>,
}

impl Fins {
    /// Whether none waits for a hole to be filled.
    pub const fn is_settled(&self) -> bool {
        self.early.is_none()
    }
}

impl Endpoint {
    /// A FIN captured ahead of a hole: it may be somebody else's, and counts when the hole is filled.
    #[must_use]
    pub fn early_fin(&self) -> Option<Fin> {
        self.rare().and_then(|rare| rare.fins.early)
    }

    /// Keeps a FIN that was captured ahead of a hole.
    pub(in crate::tcp) fn keep_early_fin(&mut self, fin: Fin) {
        self.rare_mut().fins.early = Some(fin);
    }

    /// Keeps it no longer: it counts, or is somebody else's.
    pub(in crate::tcp) fn forget_early_fin(&mut self) {
        self.rare_mut().fins.early = None;
    }

    /// Its FIN as sent last, where it was sent again.
    #[must_use]
    pub fn fin_copy(&self) -> Option<Fin> {
        self.rare().and_then(|rare| rare.fins.copy)
    }

    /// Keeps a copy of its FIN.
    pub(in crate::tcp) fn keep_fin_copy(&mut self, fin: Fin) {
        self.rare_mut().fins.copy = Some(fin);
    }

    /// As much as the other end's FIN acknowledged of it, where not all of that had been captured before.
    #[must_use]
    pub fn acked_by_fin(&self) -> Option<Seq> {
        self.rare().and_then(|rare| rare.fins.acked_by_others)
    }

    /// Takes note how much the other end's FIN acknowledges of it.
    pub(in crate::tcp) fn note_acked_by_fin(&mut self, ack: Seq) {
        self.rare_mut().fins.acked_by_others = Some(ack);
    }
}
