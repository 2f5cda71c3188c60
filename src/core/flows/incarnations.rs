//! One connection after the other on the same addresses and ports: which of them a segment belongs to.

use super::key::Key;
use super::name::Name;
use super::slab::{NOWHERE, Place, Slot};
use super::table::Flows;
use crate::segment::Segment;
use crate::tcp::anew::{self, Belongs, Past};
use crate::tcp::connection::At;
use crate::tcp::connection::stray::Stray;
use crate::tcp::cue::Cue;
use crate::tcp::fact::Fact;
use crate::tcp::side::Side;
use crate::tcp::state::State;

impl Flows {
    /// Reads a segment that more than one incarnation may claim: the one at `place`, the one `before` it, or the next.
    pub(super) fn on_disputed_tuple(&mut self, name: &Name, place: Place, before: Place, segment: &Segment) {
        let from = name.from;
        let past = self.slab.get(before).map(|slot| Past::of(&slot.connection));
        let belongs =
            self.change(place, |slot, profile| slot.connection.assign(from, segment, past.as_ref(), profile));
        match belongs.unwrap_or(Belongs::Here) {
            Belongs::Here => {
                self.read(place, from, segment);
                if segment.flags.syn() {
                    self.note_older_stamp(place, from, segment);
                }
                if segment.flags.syn() && segment.flags.ack() {
                    self.answered_anew(before, place, from, segment);
                } else if before != NOWHERE {
                    self.go_on_anew(before, place, from, segment);
                }
            }
            Belongs::Before => self.read(before, from, segment),
            Belongs::Next => self.begin_next(name, place, segment, None),
            Belongs::NextSince(stray) => self.begin_next(name, place, segment, Some(&stray)),
        }
    }

    /// Begins the next incarnation on a 4-tuple: with `segment`, or with a SYN captured earlier that it makes sense of.
    fn begin_next(&mut self, name: &Name, old: Place, segment: &Segment, since: Option<&Stray>) {
        let from = name.from;
        let (opener, first) = since.map_or((from, segment), |stray| (stray.side, &stray.segment));
        let at = At { time_ns: first.time_ns, frame: first.frame };
        let client = self.slab.get(old).map_or(opener, |slot| slot.connection.client());
        let begins = match (first.flags.syn(), first.flags.ack()) {
            (true, true) => opener.other(),
            (false, true) => client, // nothing of the handshake was captured
            _ => opener,
        };
        let told = self.change(old, |Slot { connection, .. }, profile| {
            connection.pass_time(at.time_ns, profile);
            let came_as_ack = anew::has_come_as_ack(connection, begins, first);
            let in_time_wait = connection.ends().iter().any(|end| end.state() == State::TimeWait);
            if !connection.apply(begins, Cue::SentNextSyn, at) {
                connection.apply(begins, Cue::BeganAnew, at);
            }
            if connection.is_beyond(begins, first) {
                connection.apply(begins.other(), Cue::ReceivedNextSyn, at);
            }
            (in_time_wait, came_as_ack)
        });
        self.bound_incarnations(old, segment.frame);
        let new = self.begin(name, segment, opener, old);
        self.change(new, |slot, _| {
            slot.connection.note(opener, Fact::ReusedTuple, at);
            slot.connection.take_before_as_doubted(begins, true);
            if told.is_some_and(|(in_time_wait, _)| in_time_wait) {
                slot.connection.note(opener, Fact::ReusedInTimeWait, at);
            }
            if told.is_some_and(|(_, came_as_ack)| came_as_ack) {
                slot.connection.note(opener, Fact::SynCameAsAck, at);
            }
        });
        if let Some(stray) = since {
            self.read_again(old, new, stray.side, &stray.segment);
            // If it is answered once more, the first answer was somebody else's.
            if let Some(answer) = stray.answer.as_ref().filter(|_| !segment.flags.syn()) {
                self.read_again(old, new, stray.side.other(), answer);
                self.answered_anew(old, new, stray.side.other(), answer);
            }
            if let Some(follow) =
                stray.follow.as_ref().filter(|_| !segment.flags.syn() && stray.answer.is_none())
            {
                self.read_again(old, new, stray.side, follow);
            }
            let answers = stray.side == from && segment.flags.syn() && segment.flags.ack();
            if answers {
                // It answers the SYN that the other end had sent before.
                self.change(new, |slot, _| slot.connection.take_as_opener(from.other()));
            }
        }
        self.read(new, from, segment);
        if segment.flags.syn() && segment.flags.ack() {
            self.answered_anew(old, new, from, segment);
        } else if first.flags.ack() {
            self.answered_anew(old, new, opener, first);
            if !first.flags.syn() {
                self.answered_anew(old, new, from, segment);
            }
        }
    }

    /// Reads a segment that was counted at `old` where it belongs, at `new`.
    fn read_again(&mut self, old: Place, new: Place, side: Side, segment: &Segment) {
        if let Some(slot) = self.slab.get_mut(old) {
            slot.connection.give_back(side);
        }
        self.read(new, side, segment);
    }

    /// A SYN has come again: an older time stamp than the last one of the same host may be why nothing answers it.
    fn note_older_stamp(&mut self, place: Place, from: Side, segment: &Segment) {
        let ticks = u64::from(self.ticks_behind);
        let at = At { time_ns: segment.time_ns, frame: segment.frame };
        if ticks > 0 {
            self.change(place, |slot, _| slot.connection.note_figure(from, Fact::TsvalBackward, ticks, at));
        }
    }

    /// A SYN-ACK of `from` has been read at `new`: an end that answers a SYN has nothing left of the incarnation before. If
    /// both ends began that incarnation with the same numbers, the conversation is played once more.
    fn answered_anew(&mut self, before: Place, new: Place, from: Side, segment: &Segment) {
        let at = At { time_ns: segment.time_ns, frame: segment.frame };
        let (Some(old), Some(slot)) = (self.slab.get(before), self.slab.get(new)) else { return };
        // The incarnation before may have been let go meanwhile, and its place taken.
        if before == new || slot.before != before {
            return;
        }
        let end = old.connection.end(from);
        if slot.connection.has_numbers_of(&old.connection) {
            self.change(new, |slot, _| slot.connection.note(from, Fact::Replayed, at));
        } else if end.marks().has_iss() && end.iss() == segment.seq {
            return; // it answered the SYN before
        }
        self.change(before, |slot, _| slot.connection.apply(from, Cue::BeganAnew, at));
    }

    /// An end that goes on from the answer to its SYN has sent that SYN itself, and has nothing left of the incarnation before.
    fn go_on_anew(&mut self, before: Place, new: Place, from: Side, segment: &Segment) {
        let Some(slot) = self.slab.get(new).filter(|slot| slot.connection.has_proven_open(from)) else {
            return;
        };
        let old = self.slab.get(before).filter(|_| slot.before == before);
        let is_played = old.is_some_and(|old| slot.connection.has_numbers_of(&old.connection));
        let is_doubted = old.is_some_and(|old| old.connection.presumes(from, Cue::SentNextSyn));
        let at = At { time_ns: segment.time_ns, frame: segment.frame };
        self.change(new, |slot, _| {
            slot.connection.take_before_as_doubted(from, false);
            if is_played {
                slot.connection.note(from, Fact::Replayed, at);
            }
        });
        if is_doubted {
            self.change(before, |slot, _| slot.connection.apply(from, Cue::WentOnAnew, at));
        }
    }

    /// Where the newest incarnation of a 4-tuple is kept: at `place`, unless that one has just been let go.
    pub(super) fn newest_since(&self, place: Place, key: &Key) -> Place {
        if place == NOWHERE || self.slab.get(place).is_some() {
            return place;
        }
        self.find(key).unwrap_or(NOWHERE)
    }

    /// The incarnation before a connection, where it is still kept.
    #[must_use]
    pub fn before(&self, slot: &Slot) -> Option<&Slot> {
        self.slab.get(slot.before)
    }
}
