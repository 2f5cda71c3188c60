//! Aside: segments that no receiver takes, unless the capture lacks what makes them acceptable. Each end keeps a few waiting,
//! until the ends' own numbers decide. A sender that goes on from before what such a segment claims refutes it, and then it
//! moves nothing. A sender that goes on at or beyond it, or a receiver that acknowledges its octets, proves it: then it is read
//! as if it had just come.

use super::acceptance::{answers_what_waits, awaits_syn_ack, end_of, has_news, is_beyond};
use super::habits::age;
use super::{Turn, acceptance, counting, habits, reset, taken, unopened};
use crate::segment::Segment;
use crate::tcp::connection::{At, Connection};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::kept::Aside;
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::profile::Profile;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::thresholds::{FAR, LATE_BY_TAP, SHUFFLED_BY_TAP, UNSCALED_WINDOW};

/// The testimony of a segment about one that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Nothing,
    Refuted,
    Proven,
}

/// Whether anything waits.
pub(super) fn is_any(c: &Connection) -> bool {
    c.ends().iter().any(Endpoint::has_aside)
}

/// Sets a segment aside. Where too many wait already, it is thrown away.
pub(super) fn keep(c: &mut Connection, turn: Turn, reason: Fact) {
    if reason == Fact::BadChecksum {
        counting::note_refused(c, turn, reason); // whatever becomes of it
    }
    if c.end(turn.from).is_aside_full() {
        c.note(turn.from, reason, turn.at());
    } else {
        c.end_mut(turn.from).set_aside(Aside { segment: *turn.segment, reason });
    }
}

/// Counts a segment that is not read, or not yet.
pub(super) fn count(c: &mut Connection, turn: Turn) {
    c.hear_in_frame(turn.at().frame);
    c.end_mut(turn.from).count_unread();
}

/// Judges the waiting segments by this one, before it is read: it throws away those that it refutes, and has those read that it
/// proves.
pub(super) fn settle(c: &mut Connection, turn: Turn, profile: &Profile) {
    let mut proven: Vec<(Side, Aside)> = Vec::new();
    for side in Side::BOTH {
        for aside in c.end_mut(side).take_aside() {
            match weigh(c, side, &aside, turn) {
                Says::Nothing => c.end_mut(side).set_aside(aside),
                Says::Refuted if aside.reason == Fact::PawsDropped || aside.segment.flags.rst() => {
                    counting::note_refused(c, Turn::new(side, &aside.segment), aside.reason);
                }
                Says::Refuted => {
                    c.note(side, aside.reason, At::of(&aside.segment));
                    note_resent(c, &aside, turn);
                }
                Says::Proven => proven.push((side, aside)),
            }
        }
    }
    join_alike(c, &mut proven);
    join_acknowledged(c, &mut proven);
    read_all(c, proven, profile);
}

/// If a segment was taken in spite of its checksum, the checksums of its sender tell nothing: segments that wait because of
/// theirs were taken as well.
fn join_alike(c: &mut Connection, proven: &mut Vec<(Side, Aside)>) {
    for side in Side::BOTH {
        let waits_for_sum = |aside: &Aside| aside.reason == Fact::BadChecksum;
        if proven.iter().any(|(other, aside)| *other == side && waits_for_sum(aside)) {
            for aside in c.end_mut(side).take_aside() {
                match waits_for_sum(&aside) {
                    true => proven.push((side, aside)),
                    false => c.end_mut(side).set_aside(aside),
                }
            }
        }
    }
}

/// A segment that turns out to have been taken is a witness like any other: if it acknowledges what waits because of its
/// checksum, that was taken before it, and is read in its own place.
fn join_acknowledged(c: &mut Connection, proven: &mut Vec<(Side, Aside)>) {
    for side in Side::BOTH {
        for aside in c.end_mut(side).take_aside() {
            let old = &aside.segment;
            let is_acknowledged = aside.reason == Fact::BadChecksum
                && proven.iter().any(|(other, witness)| {
                    let answer = &witness.segment;
                    let comes_later = *other != side && answer.frame > old.frame;
                    comes_later && says_it_came(c, side, old, answer)
                });
            match is_acknowledged {
                true => proven.push((side, aside)),
                false => c.end_mut(side).set_aside(aside),
            }
        }
    }
}

/// Whether a segment of the other end acknowledges all that a waiting one brings.
pub(super) fn says_it_came(c: &Connection, side: Side, old: &Segment, answer: &Segment) -> bool {
    let acknowledges = answer.flags.ack() && !answer.flags.rst() && answer.ack.covers(end_of(old));
    acknowledges && has_news(c, side, old)
}

/// Notes that octets with a wrong checksum come once more: they were captured before, though never read.
fn note_resent(c: &mut Connection, aside: &Aside, turn: Turn) {
    let (old, segment) = (&aside.segment, turn.segment);
    let is_damaged = aside.reason == Fact::BadChecksum && old.payload > 0;
    if is_damaged && old.seq.within(segment.seq, segment.payload) {
        c.note(turn.from, Fact::DataResent, turn.at());
    }
}

/// After a segment was read: takes what waits and has become acceptable, for a tap may show an answer before its question.
pub(super) fn settle_overtaken(c: &mut Connection, turn: Turn, profile: &Profile) {
    let mut due: Vec<(Side, Aside)> = Vec::new();
    for side in Side::BOTH {
        for aside in c.end_mut(side).take_aside() {
            let awaits = awaits_syn_ack(c, side) || !c.end(side).marks().has_space();
            let is_claimed = awaits || claims_unsent(c, side, &aside.segment);
            let is_overtaken = aside.reason == Fact::AckBeyond && !is_claimed;
            let age_ns = turn.segment.time_ns - aside.segment.time_ns;
            let is_soon = age_ns < LATE_BY_TAP;
            // Answers to what has just passed the tap take a round trip.
            let late_ns = age_ns + i64::from(c.end(side).rtt_ns());
            let may_bring = is_soon && late_ns < SHUFFLED_BY_TAP;
            if !is_overtaken || (has_news(c, side, &aside.segment) && !(may_bring && fits(c, side, &aside))) {
                c.end_mut(side).set_aside(aside);
            } else if is_soon && !habits::is_foreign(c, Turn::new(side, &aside.segment)) {
                c.note(side, Fact::ReorderedByTap, At::of(&aside.segment));
                due.push((side, aside));
            } else {
                c.note(side, aside.reason, At::of(&aside.segment));
            }
        }
    }
    read_all(c, due, profile);
}

/// Whether a waiting segment comes next, bears the marks of its sender, and acknowledges everything that the other end has
/// sent, now that this is known.
fn fits(c: &Connection, side: Side, aside: &Aside) -> bool {
    let old = &aside.segment;
    old.ack == c.end(side.other()).next() && old.seq == c.end(side).next() && is_own(c, side, old)
}

/// Reads segments that have waited, in the order in which they were captured.
fn read_all(c: &mut Connection, mut due: Vec<(Side, Aside)>, profile: &Profile) {
    due.sort_by_key(|(_, aside)| aside.segment.frame);
    for (side, aside) in &due {
        let turn = Turn::new(*side, &aside.segment);
        c.end_mut(*side).discount_unread();
        if let (Fact::PawsDropped, Some((value, _))) = (aside.reason, aside.segment.options.timestamps) {
            c.reset_stamp(*side, value); // its clock has been set
        }
        if turn.segment.flags.rst() {
            reset::believe_left_out(c, turn);
            continue;
        }
        if aside.reason == Fact::BadChecksum {
            c.end_mut(*side).distrust_sums();
            c.note(*side, Fact::WrongChecksumAcked, turn.at());
        }
        taken::read(c, turn, profile);
    }
}

/// The connection as it would be if every waiting segment were acceptable; `None` if none waits.
pub(super) fn if_proven(c: &Connection, profile: &Profile) -> Option<Connection> {
    if !is_any(c) {
        return None;
    }
    let mut other = c.clone();
    let mut due = Vec::new();
    for side in Side::BOTH {
        due.extend(other.end_mut(side).take_aside().into_iter().map(|aside| (side, aside)));
    }
    read_all(&mut other, due, profile);
    Some(other)
}

/// Judges one waiting segment by another, which proves nothing where it lacks the marks of its sender.
fn weigh(c: &Connection, side: Side, aside: &Aside, turn: Turn) -> Says {
    if !may_decide(c, aside, turn) {
        return Says::Nothing;
    }
    match weigh_as_own(c, side, aside, turn) {
        Says::Proven if !is_own(c, turn.from, turn.segment) && !do_agree(c, side, aside, turn) => {
            Says::Nothing
        }
        Says::Proven if turn.from == side && was_not_taken(c, side, aside) => Says::Nothing,
        // Both ends have ended before: whatever goes on there is of the next connection.
        Says::Proven if unopened::lies_beyond(c, Turn::new(side, &aside.segment)) => Says::Nothing,
        Says::Proven if turn.from == side && is_told_otherwise(c, side, aside, turn) => Says::Refuted,
        says => says,
    }
}

/// Whether the receiver takes a segment by itself, as far as is known. Whoever forges one may forge two.
fn may_decide(c: &Connection, aside: &Aside, turn: Turn) -> bool {
    let may_lie_far = matches!(aside.reason, Fact::BeyondWindow | Fact::SpokeBeforeOpening);
    let is_far = !may_lie_far && acceptance::is_beyond_window(c, turn);
    let is_late = aside.reason != Fact::PawsDropped && habits::is_stamped_before(c, turn);
    let is_thrown_away =
        !turn.segment.flags.syn() && !turn.segment.flags.rst() && acceptance::is_old(c, turn);
    !acceptance::is_damaged(c, turn)
        && !is_far
        && !is_late
        && !is_thrown_away
        && !acceptance::begins_otherwise(c, turn)
}

/// Whether the receiver has spoken since, by none of the numbers that a segment claims: an end that has acknowledged too much
/// goes on doing so, and is no witness to it.
fn was_not_taken(c: &Connection, side: Side, aside: &Aside) -> bool {
    let old = &aside.segment;
    let receiver = c.end(side.other());
    let has_spoken = receiver.last_ns() - old.time_ns >= LATE_BY_TAP;
    aside.reason == Fact::AckBeyond && has_spoken && receiver.next().before(old.ack)
}

/// Whether the sender itself says the same as a waiting segment that lacks its marks: its own segment explains all that follows.
fn is_told_otherwise(c: &Connection, side: Side, aside: &Aside, turn: Turn) -> bool {
    let old = &aside.segment;
    is_same(old, turn.segment) && habits::is_foreign(c, Turn::new(side, old))
}

/// Whether either end goes on from the other's new numbers, and neither has used its old ones since: so much is missing that
/// their packet counts tell nothing. Only somebody who forges in both directions, with all other marks, could make that up.
fn do_agree(c: &Connection, side: Side, aside: &Aside, turn: Turn) -> bool {
    let (old, segment) = (&aside.segment, turn.segment);
    let is_answer = turn.from != side && segment.flags.ack() && !segment.flags.rst() && !old.flags.syn();
    let goes_on = segment.seq.covers(old.ack) && segment.ack.covers(end_of(old));
    let is_exact = segment.seq == old.ack || segment.ack == end_of(old);
    let is_left = c.ends().iter().all(|end| end.last_ns() < old.time_ns);
    let is_marked = |turn| !habits::is_foreign(c, turn);
    let is_new = claims_unsent(c, side, old) && claims_unsent(c, turn.from, segment);
    is_answer
        && goes_on
        && is_exact
        && is_new
        && is_left
        && is_marked(turn)
        && is_marked(Turn::new(side, old))
}

/// The evidence that a segment gives about a waiting one, if it is its sender's own.
fn weigh_as_own(c: &Connection, side: Side, aside: &Aside, turn: Turn) -> Says {
    let Turn { from, segment } = turn;
    if aside.segment.flags.rst() {
        return weigh_reset(side, turn);
    }
    if from != side && answers_what_waits(c, turn) && segment.seq == aside.segment.ack {
        return Says::Refuted;
    }
    if segment.flags.rst() && from != side && is_answer_of_nobody(c, aside, turn) {
        return Says::Proven;
    }
    if segment.flags.rst() && from == side && awaits_syn_ack(c, side) {
        // An end that waits for a SYN,ACK sends no reset.
        let goes_on = segment.seq.covers(end_of(&aside.segment));
        return if goes_on { Says::Proven } else { Says::Nothing };
    }
    if segment.flags.rst() || !segment.flags.ack() {
        let tries_again = segment.flags.syn() && from == side && c.end(side).state() == State::SynSent;
        return if tries_again { Says::Refuted } else { Says::Nothing };
    }
    if from == side {
        weigh_by_sender(c, side, aside, segment)
    } else {
        weigh_by_receiver(c, side, aside, segment)
    }
}

/// A waiting reset fits if the capture leaves data out. The capture leaves nothing out where it has segments other than SYN,
/// FIN and RST; and an end that has reset sends no FIN.
const fn weigh_reset(side: Side, turn: Turn) -> Says {
    let flags = turn.segment.flags;
    let carries_on = !flags.syn() && !flags.rst() && !flags.fin();
    let closes = flags.fin() && turn.from as u8 == side as u8;
    if carries_on || closes { Says::Refuted } else { Says::Nothing }
}

/// Whether the number of a bare reset is the one that a waiting segment acknowledges: the reset's sender has no socket any
/// more, or it would have answered by an acknowledgement (RFC 9293, 3.10.7.1). It had sent that many octets, and the capture
/// lacks them.
fn is_answer_of_nobody(c: &Connection, aside: &Aside, turn: Turn) -> bool {
    let Turn { from, segment } = turn;
    let is_near = segment.seq.within(c.end(from).next(), c.end(turn.to()).widest_window());
    !segment.flags.ack()
        && segment.seq == aside.segment.ack
        && is_near
        && c.end(from).state().is_synchronized()
}

/// The sender itself goes on: from beyond what the waiting segment claims, or from before it.
fn weigh_by_sender(c: &Connection, side: Side, aside: &Aside, segment: &Segment) -> Says {
    let old = &aside.segment;
    if segment.flags.syn() {
        // The segment came before the SYN,ACK of its sender, which tells where that end's numbers begin.
        let follows = old.seq.within(segment.seq.plus(1), UNSCALED_WINDOW);
        return if follows { Says::Nothing } else { Says::Refuted };
    }
    let expected = c.end(side).next();
    let is_overtaken = segment.time_ns - old.time_ns < LATE_BY_TAP && segment.seq.before(end_of(old));
    if is_overtaken || segment.seq.before(expected) {
        return Says::Nothing; // overtaken, or resent
    }
    if claims_unsent(c, side, old) && segment.ack.before(old.ack) {
        return Says::Refuted;
    }
    match aside.reason {
        // The sender does not know whether it arrived as it should.
        Fact::BadChecksum | Fact::FragmentsDiffer => {
            return if segment.seq.before(end_of(old)) { Says::Refuted } else { Says::Nothing };
        }
        Fact::PawsDropped if !is_stamped_alike(c, side, old, segment) => {
            let goes_on = has_news(c, side, old) && segment.seq.covers(end_of(old));
            return if goes_on { Says::Nothing } else { Says::Refuted };
        }
        _ => {}
    }
    if old.flags.syn() && segment.ack.since(old.ack).unsigned_abs() >= FAR {
        return Says::Refuted;
    }
    if segment.seq.before(end_of(old)) && has_news(c, side, old) && !is_same(old, segment) {
        return Says::Refuted;
    }
    // No end sends anything beyond its FIN.
    let follows = if old.flags.fin() { segment.seq == end_of(old) } else { segment.seq.covers(end_of(old)) };
    if (follows || is_same(old, segment)) && segment.ack.covers(old.ack) {
        Says::Proven
    } else {
        Says::Nothing
    }
}

/// The receiver acknowledges the octets of the waiting segment, or goes on from what that acknowledges, or from before that.
fn weigh_by_receiver(c: &Connection, side: Side, aside: &Aside, segment: &Segment) -> Says {
    let (old, receiver) = (&aside.segment, c.end(side.other()));
    let takes_it = match aside.reason {
        // Receivers also acknowledge two segments at a time, and none of these was captured in another shape.
        Fact::BadChecksum => segment.ack.covers(end_of(old)),
        _ => segment.ack == end_of(old),
    };
    // Its sender may have gone on meanwhile, and left a hole where it lies.
    let fills_hole = aside.reason == Fact::BadChecksum && old.payload > 0 && c.end(side).lacks(old.seq);
    if takes_it && (has_news(c, side, old) || fills_hole) {
        return Says::Proven;
    }
    if aside.reason == Fact::PawsDropped && asks_for_it_still(c, side, old, segment) {
        return Says::Refuted;
    }
    if segment.flags.syn() && (receiver.frames() == 0 || claims_unsent(c, side, old)) {
        // The answer to the SYN tells the first number.
        return if old.ack == segment.seq.plus(1) { Says::Nothing } else { Says::Refuted };
    }
    if receiver.frames() == 0 {
        let goes_on = segment.seq.covers(old.ack) && segment.seq.since(old.ack).unsigned_abs() < FAR;
        return if goes_on { Says::Proven } else { Says::Refuted };
    }
    if !claims_unsent(c, side, old) {
        return Says::Nothing;
    }
    if segment.seq.covers(old.ack) {
        if acceptance::is_beyond_window(c, Turn::new(side.other(), segment)) {
            return Says::Nothing;
        }
        // Segments between them may be missing for other reasons; and somebody who forges one may guess what comes next.
        let is_foreign = habits::is_foreign(c, Turn::new(side, old));
        let is_proof = !is_foreign && (segment.seq == old.ack || !has_news(c, side, old));
        return if is_proof { Says::Proven } else { Says::Nothing };
    }
    let reaches = end_of(segment).covers(old.ack);
    let is_late = segment.time_ns - old.time_ns < LATE_BY_TAP; // what follows may have been shown before it
    if segment.seq == receiver.next() && !reaches && !is_late { Says::Refuted } else { Says::Nothing }
}

/// Whether a segment has what its sender's packets have in common. If octets before it are missing, they came in packets of
/// their own, so by its sender's count it is not the next one.
fn is_own(c: &Connection, side: Side, segment: &Segment) -> bool {
    let turn = Turn::new(side, segment);
    let sender = c.end(side);
    if segment.flags.rst() && !segment.flags.ack() {
        return sender.has_borne_ttl(segment.ttl); // a host without a socket bears no other marks
    }
    let counts_for_itself = sender.marks().counts_ip_id() && !sender.shares_count();
    let leaps = sender.marks().has_space() && segment.seq.after(sender.next());
    let is_nonsense = counts_for_itself && leaps && habits::is_next_packet(c, turn);
    !is_nonsense && !habits::may_be_foreign(c, turn)
}

/// Whether a segment of `side` acknowledges what the other end is not known to have sent.
fn claims_unsent(c: &Connection, side: Side, segment: &Segment) -> bool {
    is_beyond(c, side.other(), segment.ack)
}

/// Whether a segment, too, bears a time stamp older than the last accepted one, and not older than that of the waiting segment.
fn is_stamped_alike(c: &Connection, side: Side, old: &Segment, segment: &Segment) -> bool {
    let stamp = |segment: &Segment| segment.options.timestamps.map(|(value, _)| value);
    let (Some(before), Some(now)) = (stamp(old), stamp(segment)) else { return true };
    age(now, c.latest_stamp(side)) > 0 && age(now, before) <= 0
}

/// Whether a receiver repeats its last acknowledgement after a segment that is the next in order, and echoes an earlier time
/// stamp: it took that segment for an old one (RFC 7323, 5.3, R1).
fn asks_for_it_still(c: &Connection, side: Side, old: &Segment, segment: &Segment) -> bool {
    let is_repeated = segment.ack == old.seq && c.end(side).acked() == old.seq;
    let is_bare = segment.payload == 0 && !segment.flags.fin();
    let (Some((given, _)), Some((_, echoed))) = (old.options.timestamps, segment.options.timestamps) else {
        return false;
    };
    is_repeated
        && is_bare
        && has_news(c, side, old)
        && echoed != given
        && age(echoed, c.latest_stamp(side)) >= 0
}

/// Whether one segment is a copy of the other.
fn is_same(one: &Segment, other: &Segment) -> bool {
    one.seq == other.seq
        && one.payload == other.payload
        && one.flags.fin() == other.flags.fin()
        && (one.payload > 0 || one.flags.fin())
}
