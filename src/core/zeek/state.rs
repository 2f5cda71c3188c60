//! Zeek's states of an end. They are fewer than RFC 9293's: an end that has sent a FIN is closed.

/// A state of an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// It has sent nothing.
    #[default]
    Inactive,
    /// It sent a SYN.
    SynSent,
    /// It is open.
    Established,
    /// It sends, but its opening was not captured.
    Partial,
    /// It sent a FIN.
    Closed,
    /// It sent a RST.
    Reset,
}

impl State {
    /// Whether its opening was not captured.
    #[must_use]
    pub const fn is_unopened(self) -> bool {
        matches!(self, Self::Inactive | Self::Partial)
    }
}

/// The `conn_state` of the log, by the states of both ends. `empty`: neither sent anything; `reset_early`: the
/// originator sent a SYN, and a RST before anything but data.
#[must_use]
pub fn conn_state(originator: State, responder: State, empty: bool, reset_early: bool) -> &'static str {
    use State::{Closed, Established, Inactive, Reset, SynSent};
    match (originator, responder) {
        (SynSent, Reset) => "REJ",
        (Reset, Reset) if empty => "REJ",
        (o, Reset) if o.is_unopened() => "RSTRH",
        (_, Reset) => "RSTR",
        (Reset, r) if r.is_unopened() && reset_early => "RSTOS0",
        (Reset, r) if r.is_unopened() => "OTH",
        (Reset, _) => "RSTO",
        (Closed, Closed) => "SF",
        (Closed, r) if r.is_unopened() => "SH",
        (Closed, _) => "S2",
        (o, Closed) if o.is_unopened() => "SHR",
        (_, Closed) => "S3",
        (SynSent, Inactive) => "S0",
        (Established, Established) => "S1",
        _ => "OTH",
    }
}
