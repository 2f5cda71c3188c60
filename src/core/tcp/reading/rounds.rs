//! Rounds: two ends that answer each other for ever, each by what the other throws away (RFC 9293, 3.10.7.4; RFC 5961, 7).

use super::Turn;
use crate::tcp::connection::Connection;
use crate::tcp::end::rare::Echo;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::thresholds::ROUNDS;

/// Counts a reset, or an acknowledgement that its receiver throws away, which bears the same numbers as the last such of its
/// sender, the other end having spoken meanwhile. For this the segment must not have been counted yet.
pub(super) fn count(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    if segment.payload > 0 || segment.flags.syn() || segment.flags.fin() {
        return;
    }
    let (last_frame, frame) = (c.last_frame, segment.frame);
    let rare = c.ends[from].rare_mut();
    let same = rare.echo.filter(|echo| echo.seq == segment.seq && echo.ack == segment.ack);
    let rounds = match same {
        Some(echo) if last_frame > echo.frame => echo.rounds.saturating_add(1),
        Some(echo) => echo.rounds,
        None => 1,
    };
    rare.echo = Some(Echo { seq: segment.seq, ack: segment.ack, frame, rounds });
    if rounds >= ROUNDS {
        c.note_figure(from, Fact::ResetLoop, u64::from(rounds), turn.at());
    }
}
