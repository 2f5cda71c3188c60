//! Selective acknowledgements: the first block tells what has just come, beyond a hole (RFC 2018, 4) or twice (RFC 2883, 4).

use super::{Turn, cramped};
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;

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
    let is_known = sender.marks().has_space() && sender.next().covers(right);
    if !is_known || octets <= PROBE {
        return;
    }
    if segment.ack.covers(right) {
        let count = c.end_mut(from).count_got_twice();
        c.note_figure(from, Fact::GotTwice, count, turn.at());
    } else if left.after(segment.ack) && octets.unsigned_abs() >= cramped::full_size(c) {
        c.note(from, Fact::GotLarge, turn.at());
    }
}
