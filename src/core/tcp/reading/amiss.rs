//! Amiss: what a segment shows that moves nobody, and tells why it may be answered or not: options that are missing, TTLs that
//! change, copies that differ.

use super::Turn;
use crate::segment::Flags;
use crate::tcp::connection::Connection;
use crate::tcp::machine::fact::Fact;

/// Both bits of a SYN that asks for ECN (RFC 3168, 6.1.1).
const ECN: u16 = 0x40 | 0x80;

/// Takes note of what a segment shows that is not its sender's way. For this it must not have been counted yet.
pub(super) fn note(c: &mut Connection, turn: Turn) {
    if turn.segment.flags.rst() {
        return;
    }
    let sender = &c.ends[turn.from];
    if sender.ttl() != 0 && sender.ttl() != turn.segment.ttl {
        note_other_ttl(c, turn);
    }
    note_missing_stamps(c, turn);
}

/// What answers a SYN may be another host than the one that goes on.
fn note_other_ttl(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let sender = &mut c.ends[from];
    let before = sender.ttl();
    sender.keep_ttl(before);
    if sender.marks.answered_syn() && !sender.marks.carried_on() && !segment.flags.syn() {
        c.note_figure(from, Fact::SynAckTtlDiffers, u64::from(before), turn.at());
    }
}

/// Once both ends have sent time stamps, every segment but a reset has to bear one (RFC 7323, 3.2).
fn note_missing_stamps(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    let are_agreed = c.ends.iter().all(|end| end.marks.stamps());
    let options = &segment.options;
    if !are_agreed || options.timestamps.is_some() || options.malformed || segment.flags.syn() {
        return;
    }
    let rare = c.ends[from].rare_mut();
    rare.unstamped = rare.unstamped.saturating_add(1);
    let count = u64::from(rare.unstamped);
    c.note_figure(from, Fact::TimestampsMissing, count, turn.at());
}

/// Takes note of a SYN, the first of its attempt or a copy: whether it asks for ECN, and how many have. Some networks drop
/// those that do.
pub(super) fn note_syn(c: &mut Connection, turn: Turn, again: bool) {
    let Turn { from, segment } = turn;
    let asks = segment.flags.0 & ECN == ECN && segment.flags.0 & Flags::ACK == 0;
    if !again {
        c.ends[from].marks.set_syn_asks_ecn(asks);
        return;
    }
    if !asks && !c.ends[from].marks.syn_asks_ecn() {
        return;
    }
    let first = u8::from(c.ends[from].marks.syn_asks_ecn());
    let rare = c.ends[from].rare_mut();
    rare.ecn_syns = rare.ecn_syns.max(first).saturating_add(u8::from(asks));
    let count = u64::from(rare.ecn_syns);
    c.note_figure(from, Fact::SynWithEcn, count, turn.at());
}

/// The window of the SYN-ACK was zero: one that a bare acknowledgement opens, before anything is sent, is how somebody answers
/// in the place of a server that it has yet to ask.
pub(super) fn note_opened_window(c: &mut Connection, turn: Turn) {
    let Turn { from, segment } = turn;
    if c.ends[from].rare().is_none_or(|rare| !rare.shut_since_syn) {
        return;
    }
    let is_bare = segment.payload == 0 && !segment.flags.fin();
    if is_bare && segment.window == 0 {
        return;
    }
    c.ends[from].rare_mut().shut_since_syn = false;
    if is_bare {
        c.note(from, Fact::SynAckWindowZero, turn.at());
    }
}
