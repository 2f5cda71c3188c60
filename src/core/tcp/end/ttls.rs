//! Times to live, or hop limits, of packets of one kind.

use serde::{Deserialize, Serialize};

/// The last four that differ; 0 is none.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Ttls([u8; 4]);

/// The TTLs of an end's bare acknowledgements and of its data, if they alternate.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(in crate::tcp) struct TurnsOfTtl {
    /// The TTL of bare acknowledgements, and that of data; 0 is none.
    borne: [u8; 2],
    /// How often the TTL changed from one to the other.
    turns: u8,
    /// One kind has borne two.
    is_mixed: bool,
    /// The TTL of its SYN,ACK, if the segments after it had another; 0 is none.
    syn_ack: u8,
}

impl TurnsOfTtl {
    /// Notes that the TTL changed, with a segment with data or without.
    pub(super) fn count(&mut self, has_data: bool, ttl: u8) {
        let known = &mut self.borne[usize::from(has_data)];
        self.is_mixed |= *known != 0 && *known != ttl;
        *known = ttl;
        self.turns = self.turns.saturating_add(1);
    }

    /// Keeps the TTL of its SYN,ACK.
    pub(super) fn keep_syn_ack(&mut self, ttl: u8) {
        self.syn_ack = ttl;
    }

    /// Whether a TTL is that of its SYN,ACK.
    pub(super) const fn is_of_syn_ack(self, ttl: u8) -> bool {
        self.syn_ack == ttl
    }

    /// How often it has changed, where either kind has kept its own.
    pub fn of_kinds(self) -> u8 {
        if self.is_mixed || self.borne.contains(&0) { 0 } else { self.turns }
    }

    /// Whether the TTL changed to and fro, and not with the kinds: packets take several ways, or come from several hosts.
    pub const fn is_to_and_fro(self) -> bool {
        self.is_mixed && self.turns > 1
    }

    /// The TTL of its bare acknowledgements.
    pub const fn of_bare(self) -> u8 {
        self.borne[0]
    }
}

impl Ttls {
    /// Keeps a TTL, if it is new.
    pub fn keep(&mut self, ttl: u8) {
        if !self.has(ttl) {
            self.0.rotate_right(1);
            self.0[0] = ttl;
        }
    }

    /// Whether a TTL is kept.
    pub fn has(self, ttl: u8) -> bool {
        self.0.contains(&ttl)
    }

    /// How many are kept.
    pub fn count(self) -> u64 {
        self.0.iter().filter(|kept| **kept != 0).count() as u64
    }
}
