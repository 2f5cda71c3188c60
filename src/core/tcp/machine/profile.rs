//! Timers of a stack, and how long a silence lasts before it means something. All in nanoseconds.

/// One second.
pub const SECOND: i64 = 1_000_000_000;

/// The values of one timer profile; the defaults are Linux's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// How long TIME_WAIT lasts: 2MSL (RFC 9293, 3.4.2).
    pub time_wait: i64,
    /// How long an orphan stays in FIN_WAIT2.
    pub fin_timeout: i64,
    /// How often a SYN is resent.
    pub syn_retries: u8,
    /// How often a SYN,ACK is resent.
    pub synack_retries: u8,
    /// How often the FIN of an orphan is resent.
    pub orphan_retries: u8,
    /// The first retransmission timeout, before any round trip was measured (RFC 6298, 2.1).
    pub initial_rto: i64,
    /// From when on a CLOSE_WAIT counts as held.
    pub close_wait_held: i64,
    /// From when on a zero window counts as held.
    pub zero_window_held: i64,
    /// From when on a silence of both ends counts as an idle gap.
    pub idle_gap: i64,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            time_wait: 60 * SECOND,
            fin_timeout: 60 * SECOND,
            syn_retries: 6,
            synack_retries: 5,
            orphan_retries: 8,
            initial_rto: SECOND,
            close_wait_held: 60 * SECOND,
            zero_window_held: 30 * SECOND,
            idle_gap: 60 * SECOND,
        }
    }
}
