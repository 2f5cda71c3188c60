//! Whose a reset is: marks that tell a socket's own reset from that of a host without the connection, and from a stranger's.

use super::{Turn, habits};
use crate::segment::Segment;
use crate::tcp::connection::Connection;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{LARGEST_CODE, LEAST_CODE};

/// Whose a reset is, by its looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// It carries on the count and the TTL of the sender's socket.
    Socket,
    /// Its form is that of a host that has no such connection.
    NoSocket,
    /// It could be the sender's.
    Perhaps,
    /// It does not look like the sender's.
    Stranger,
}

/// A live socket counts its packets in the IPv4 identification, and a reset of its own carries that count on; over
/// IPv6 a socket that labels its packets labels its resets too, but what BSD answers beside the socket, with a window
/// of zero, bears no label. A host without the connection answers at the number acknowledged, without ACK; such a
/// host's window is zero, but load balancers write other things there, so that a window tells a stranger only together
/// with a broken count or a missing label.
pub(super) fn author(c: &Connection, turn: Turn) -> Author {
    let Turn { from, segment } = turn;
    let sender = c.end(from);
    if copies_packet(c, turn) && !sender.has_borne_ttl(segment.ttl) {
        return Author::Stranger;
    }
    let looks_foreign = habits::is_off_count(c, turn)
        || (habits::is_unlabelled(c, turn) && segment.window != 0)
        || acknowledges_nonsense(c, turn);
    match segment.flags.ack() {
        false if segment.window == 0 || has_code(segment) || !looks_foreign => Author::NoSocket,
        _ if looks_foreign => Author::Stranger,
        _ if sender.marks().counts_ip_id()
            && habits::is_counted_on(c, turn)
            && sender.ttl() == segment.ttl
            && acknowledges_all(c, turn)
            && is_surely_expected(c, turn) =>
        {
            Author::Socket
        }
        _ => Author::Perhaps,
    }
}

/// Whether a packet bears the identification of the very packet that drew it: its maker turned that packet round. By chance this
/// happens once in 65,536 times; where the host's own packets bear that identification as well, it tells nothing.
pub(super) fn copies_packet(c: &Connection, turn: Turn) -> bool {
    let (sender, answered, segment) = (c.end(turn.from), c.end(turn.to()), turn.segment);
    let is_numbered = answered.marks().has_ip_id() && !segment.has_blank_id();
    let is_its_own = sender.marks().has_ip_id() && segment.ip_id == Some(sender.ip_id());
    is_numbered && segment.ip_id == Some(answered.ip_id()) && !is_its_own
}

/// Whether the receiver is known to expect the very number that a reset bears, and so takes it: it has acknowledged everything
/// that was sent. Somebody who watches the wire can copy all other marks of a socket, but cannot know either whether octets
/// under way have arrived.
fn is_surely_expected(c: &Connection, turn: Turn) -> bool {
    let sender = c.end(turn.from);
    let is_known = sender.marks().has_space() && sender.acked() == sender.next();
    let owes_nothing = matches!(sender.state(), State::Established | State::FinWait2 | State::CloseWait);
    is_known && turn.segment.seq == sender.next() && owes_nothing
}

/// Whether a reset's window may be a load balancer's code for its reason: such a device counts its packets for itself.
pub(super) fn has_code(segment: &Segment) -> bool {
    !segment.flags.ack() && (LEAST_CODE..=LARGEST_CODE).contains(&segment.window)
}

/// Whether a reset acknowledges no less than its sender did before, and no more than was captured of the other end.
pub(super) fn acknowledges_all(c: &Connection, turn: Turn) -> bool {
    let other = c.end(turn.to());
    let ack = turn.segment.ack;
    !other.marks().has_space() || (ack.covers(other.acked()) && !ack.after(other.next()))
}

/// Whether a reset acknowledges what no socket of its sender would: less than its sender did before, or more than was captured
/// of the other end, by more than a window; or it also has the FIN bit.
fn acknowledges_nonsense(c: &Connection, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let (sender, other) = (c.end(from), c.end(turn.to()));
    if segment.flags.fin() {
        return true;
    }
    let known = segment.flags.ack() && other.marks().has_space() && other.frames() > 0;
    let window = sender.widest_window();
    known && (segment.ack.before(other.acked().minus(window)) || segment.ack.after(other.next().plus(window)))
}
