//! How the client was told from the server.

/// How the client was told from the server, as reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectionReason {
    /// It sent a SYN.
    Syn,
    /// It was sent a SYN,ACK.
    SynAck,
    /// The other end sends SYN,ACKs elsewhere in the capture.
    Listener,
    /// The other end's port is well known.
    WellKnownPort,
    /// Its own port is one that clients are given, and the other end's is not.
    EphemeralPort,
    /// It was captured first.
    FirstSender,
}

impl DirectionReason {
    /// The word that Python knows it by.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syn => "SYN",
            Self::SynAck => "SYN-ACK",
            Self::Listener => "listens elsewhere in the capture",
            Self::WellKnownPort => "well-known port",
            Self::EphemeralPort => "ephemeral port",
            Self::FirstSender => "first sender",
        }
    }
}
