//! How much a flow table may hold.

use super::population::most::Most;

/// How many connections may be held, and what happens to those that are over.
#[derive(Clone, Copy, Debug)]
pub struct Capacity {
    /// Connections held at a time.
    pub connections: usize,
    /// Bytes that they may take up, heap included.
    pub bytes: usize,
    /// Incarnations held of one 4-tuple.
    pub incarnations: u32,
    /// UDP conversations listed.
    pub conversations: usize,
    /// Listening sockets, clients and paths counted one by one.
    pub populations: Most,
    /// Connections that are over are let go, and only their counts kept.
    pub release: bool,
    /// Connections held before any is let go because it is over: so few can be judged one by one.
    pub few: usize,
    /// After so many frames, those that are over are let go.
    pub turn: u64,
    /// If so many connections are held, those that are over keep their histories in as few bytes as possible. With fewer, time
    /// matters more: to squeeze a history and to read it again takes as long as five segments do.
    pub squeezed_from: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            connections: 4_000_000,
            bytes: 4 << 30,
            incarnations: 1000,
            conversations: 1_000_000,
            populations: Most::default(),
            release: false,
            few: 0,
            turn: 1 << 15,
            squeezed_from: 240_000,
        }
    }
}
