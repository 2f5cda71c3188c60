//! How many members of each population are kept.

/// How many of each.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Listening sockets.
    pub listeners: usize,
    /// Client addresses.
    pub clients: usize,
    /// Pairs of hosts.
    pub paths: usize,
}

impl Default for Most {
    fn default() -> Self {
        Self { listeners: 10_000, clients: 2_000, paths: 2_000 }
    }
}
