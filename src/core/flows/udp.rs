//! UDP conversations: counted and listed as netstat lists UDP, without a state.

use super::key::Key;
use crate::segment::Datagram;
use crate::tcp::side::Side;
use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// One pair of endpoints.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Conversation {
    /// Frames that each end sent.
    pub frames: [u64; 2],
    /// Payload bytes that each end sent.
    pub bytes: [u64; 2],
    /// Who sent the first one.
    pub opener: Side,
    /// When its first datagram was captured, in Unix ns.
    pub first_ns: i64,
    /// When its last datagram was captured, in Unix ns.
    pub last_ns: i64,
}

impl Conversation {
    /// The conversation that one datagram would be.
    #[must_use]
    pub fn of(d: &Datagram) -> (Key, Self) {
        let (key, opener) = Key::of((d.source, d.source_port), (d.destination, d.destination_port), d.scope);
        let (mut frames, mut bytes) = ([0; 2], [0; 2]);
        frames[opener] = 1;
        bytes[opener] = u64::from(d.payload);
        (key, Self { frames, bytes, opener, first_ns: d.time_ns, last_ns: d.time_ns })
    }

    /// Adds the later part of it.
    pub fn add(&mut self, later: &Self) {
        for side in Side::BOTH {
            self.frames[side] += later.frames[side];
            self.bytes[side] += later.bytes[side];
        }
        self.last_ns = self.last_ns.max(later.last_ns);
    }
}

/// The conversations.
#[derive(Default)]
pub struct Conversations {
    by_key: HashMap<Key, Conversation, RandomState>,
    most: usize,
    /// Datagrams of conversations beyond the limit: counted, not listed.
    pub beyond: u64,
}

impl Conversations {
    /// At most `most` are listed.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Counts a datagram.
    pub fn observe(&mut self, d: &Datagram) {
        let (key, said) = Conversation::of(d);
        if self.by_key.len() >= self.most && !self.by_key.contains_key(&key) {
            self.beyond += 1;
        } else {
            self.add(key, &said);
        }
    }

    /// Adds the later part of a conversation, or all of it. False if there are more than may be listed then.
    pub fn add(&mut self, key: Key, later: &Conversation) -> bool {
        self.by_key.entry(key).and_modify(|known| known.add(later)).or_insert(*later);
        self.by_key.len() <= self.most
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// All of them, the first seen first.
    #[must_use]
    pub fn list(&self) -> Vec<(Key, Conversation)> {
        let mut all: Vec<_> = self.by_key.iter().map(|(key, conversation)| (*key, *conversation)).collect();
        all.sort_by_key(|(key, conversation)| (conversation.first_ns, key.ips, key.ports));
        all
    }
}
