//! Selective acknowledgements: the first block tells what has just come, beyond a hole (RFC 2018, 4) or twice (RFC 2883, 4).

use super::nearness::far;
use super::{Turn, cramped};
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::thresholds::UNSCALED_WINDOW;

/// A probe repeats an octet at most, and a FIN is as long as one: neither is data that came twice.
const PROBE: i32 = 1;

/// Notes data that a segment reports as received twice, or as received and large.
#[inline]
pub(super) fn read(c: &mut Connection, turn: Turn) {
    if turn.segment.options.sack.is_some() {
        read_block(c, turn);
    }
}

#[inline(never)]
fn read_block(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let Some((left, right)) = segment.options.sack else { return };
    let octets = right.since(left);
    let sender = c.end(turn.to());
    // A device that shifts the numbers of a connection, and not those of its blocks, makes them tell of anything.
    let reach = u32::try_from(sender.bytes()).unwrap_or(u32::MAX).max(UNSCALED_WINDOW);
    let is_near = sender.next().covers(right) && far(left, sender.next()) <= reach;
    if !sender.marks().has_space() || !is_near || octets <= PROBE {
        return;
    }
    if segment.ack.covers(right) {
        let count = c.end_mut(from).count_got_twice();
        c.note_figure(from, Fact::GotTwice, count, turn.at());
    } else if left.after(segment.ack) && octets.unsigned_abs() >= cramped::full_size(c) {
        c.note(from, Fact::GotLarge, turn.at());
    }
}
