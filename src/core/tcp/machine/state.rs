//! The states of one end of a connection (RFC 9293, 3.3.2).

use serde::{Deserialize, Serialize};

/// A state. `Unknown` is one: it means that the capture does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum State {
    /// The capture does not say.
    #[default]
    Unknown,
    /// No connection.
    Closed,
    /// Waiting for a SYN.
    Listen,
    /// Has sent a SYN, waits for the answer.
    SynSent,
    /// Has received a SYN and answered it, waits for the acknowledgement.
    SynRecv,
    /// Open.
    Established,
    /// Has sent a FIN, waits for its acknowledgement or for the other's FIN.
    FinWait1,
    /// Its FIN is acknowledged, waits for the other's FIN.
    FinWait2,
    /// Has received a FIN, its application has yet to close.
    CloseWait,
    /// Both have sent a FIN, and its own is not acknowledged.
    Closing,
    /// Has received a FIN and sent its own, waits for the acknowledgement.
    LastAck,
    /// Has acknowledged the other's FIN, and waits for 2MSL.
    TimeWait,
}

impl State {
    /// Every state, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::Unknown,
        Self::Closed,
        Self::Listen,
        Self::SynSent,
        Self::SynRecv,
        Self::Established,
        Self::FinWait1,
        Self::FinWait2,
        Self::CloseWait,
        Self::Closing,
        Self::LastAck,
        Self::TimeWait,
    ];

    /// The states by number, as many as four bits can name: a look-up by four bits needs no check of bounds.
    const BY_NUMBER: [Self; 16] = {
        let mut states = [Self::Unknown; 16];
        let mut number = 0;
        while number < Self::ALL.len() {
            states[number] = Self::ALL[number];
            number += 1;
        }
        states
    };

    /// The state with the number given; `Unknown` for any other number.
    #[must_use]
    #[inline]
    pub fn from_number(number: u8) -> Self {
        Self::BY_NUMBER.get(usize::from(number)).copied().unwrap_or_default()
    }

    /// Zero if it is the other state: for questions of several at once.
    #[must_use]
    #[inline]
    pub(in crate::tcp) const fn differs(self, other: Self) -> u8 {
        self as u8 ^ other as u8
    }

    /// The name, spelled as Linux netstat does.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Closed => "CLOSED",
            Self::Listen => "LISTEN",
            Self::SynSent => "SYN_SENT",
            Self::SynRecv => "SYN_RECV",
            Self::Established => "ESTABLISHED",
            Self::FinWait1 => "FIN_WAIT1",
            Self::FinWait2 => "FIN_WAIT2",
            Self::CloseWait => "CLOSE_WAIT",
            Self::Closing => "CLOSING",
            Self::LastAck => "LAST_ACK",
            Self::TimeWait => "TIME_WAIT",
        }
    }

    /// Both ends have agreed on sequence numbers (RFC 9293, 3.5.2: "synchronized" states).
    #[must_use]
    pub const fn is_synchronized(self) -> bool {
        matches!(
            self,
            Self::Established
                | Self::FinWait1
                | Self::FinWait2
                | Self::CloseWait
                | Self::Closing
                | Self::LastAck
                | Self::TimeWait
        )
    }

    /// The handshake is under way.
    #[must_use]
    pub const fn is_opening(self) -> bool {
        matches!(self, Self::SynSent | Self::SynRecv)
    }

    /// Nothing of the connection is left here, except perhaps a TIME_WAIT.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::TimeWait)
    }
}
