//! UDP conversations: counted and listed as netstat lists UDP, without a state.

use super::key::Key;
use crate::segment::Datagram;
use crate::tcp::side::Side;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// One pair of endpoints.
#[derive(Clone, Copy, Debug)]
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
        let (key, side) = Key::of((d.source, d.source_port), (d.destination, d.destination_port), d.scope);
        if self.by_key.len() >= self.most && !self.by_key.contains_key(&key) {
            self.beyond += 1;
            return;
        }
        let conversation = self.by_key.entry(key).or_insert(Conversation {
            frames: [0; 2],
            bytes: [0; 2],
            opener: side,
            first_ns: d.time_ns,
            last_ns: d.time_ns,
        });
        conversation.frames[side] += 1;
        conversation.bytes[side] += u64::from(d.payload);
        conversation.last_ns = conversation.last_ns.max(d.time_ns);
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
