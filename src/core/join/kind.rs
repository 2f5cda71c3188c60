//! The kinds of segment, for counting losses.

use super::observations::Observation;

/// The kinds. The most important part of a segment decides: RST, then SYN, then FIN, then payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// SYN.
    Syn,
    /// SYN and ACK.
    SynAck,
    /// RST.
    Rst,
    /// FIN, with or without data.
    Fin,
    /// Payload.
    Data,
    /// Only an acknowledgement.
    Ack,
}

impl Kind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] = [Self::Syn, Self::SynAck, Self::Rst, Self::Fin, Self::Data, Self::Ack];

    /// The kind of a segment.
    #[must_use]
    pub const fn of(s: &Observation) -> Self {
        let flags = s.flags();
        if flags.rst() {
            Self::Rst
        } else if flags.syn() {
            if flags.ack() { Self::SynAck } else { Self::Syn }
        } else if flags.fin() {
            Self::Fin
        } else if s.payload > 0 {
            Self::Data
        } else {
            Self::Ack
        }
    }

    /// Its name in Python.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Syn => "SYN",
            Self::SynAck => "SYN-ACK",
            Self::Rst => "RST",
            Self::Fin => "FIN",
            Self::Data => "data",
            Self::Ack => "ACK",
        }
    }
}
