//! Time and room: time passes for all connections, what is over is let go, and so is the least useful where there is no
//! room.

use super::proof::Proof;
use super::rounds::Rounds;
use super::slab::{NOWHERE, Place, Slot};
use super::table::Flows;
use crate::tcp::connection::Connection;

/// Connections let go for want of room, by what they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evicted {
    /// Closed at both ends, or in TIME_WAIT.
    pub closed: u64,
    /// Never opened.
    pub embryonic: u64,
    /// The longest silent of the rest.
    pub idle: u64,
    /// One too many of its 4-tuple.
    pub superseded: u64,
}

impl Flows {
    /// Lets time pass for every connection until `now_ns`, in Unix ns, and lets go of what is over.
    pub fn advance(&mut self, now_ns: i64) {
        for place in 0..self.slab.places() {
            self.visit(place, now_ns);
        }
    }

    fn visit(&mut self, place: Place, now_ns: i64) {
        let over = self.change(place, |Slot { connection, .. }, profile| {
            connection.pass_time(now_ns, profile);
            connection.is_closed() && connection.is_quiet(now_ns, profile)
        });
        if over == Some(true) && self.limits.release {
            self.released += 1;
            self.let_go(place);
        }
    }

    /// The latest time of a frame, in Unix ns.
    pub(super) fn now_ns(&self) -> i64 {
        self.traffic.last_ns.unwrap_or_default()
    }

    /// Before a connection is added: lets go of a few that are over, and evicts where there is no room.
    pub(super) fn make_room(&mut self) {
        if self.limits.release {
            self.go_on_rounds();
        }
        let bytes = self.slab.len() * size_of::<Slot>() + self.heap_bytes;
        if self.slab.len() >= self.limits.connections || bytes >= self.limits.bytes {
            self.evict();
        }
    }

    fn go_on_rounds(&mut self) {
        let now = self.now_ns();
        let Some(places) = self.rounds.next_few(now) else { return };
        self.ask_for_whole(self.rounds.upcoming(0), self.rounds.upcoming(Rounds::FEW));
        for place in places {
            if self.slab.get(place).is_some_and(|slot| slot.connection.is_quiet(now, &self.profile)) {
                self.visit(place, now);
            }
            if let Some(slot) = self.slab.get(place) {
                let wait = self.profile.time_wait;
                let quiet_ns = slot.connection.last_ns() + wait;
                let due_ns = if quiet_ns < now { now + wait } else { quiet_ns + 1 };
                self.rounds.add(due_ns, place);
            }
        }
    }

    /// Lets go of a sixteenth of all connections, the least useful first.
    fn evict(&mut self) {
        const SHARE: usize = 16;
        let now = self.now_ns();
        let mut ranked: Vec<_> = Vec::with_capacity(self.slab.len());
        for place in 0..self.slab.places() {
            let rank = self.change(place, |Slot { connection, .. }, profile| {
                connection.pass_time(now, profile);
                (usefulness(connection), connection.last_ns(), place)
            });
            ranked.extend(rank);
        }
        let share = (ranked.len() / SHARE).max(1).min(ranked.len());
        ranked.select_nth_unstable(share - 1);
        for (rank, _, place) in ranked.into_iter().take(share) {
            match rank {
                Usefulness::Over => self.evicted.closed += 1,
                Usefulness::Embryonic => self.evicted.embryonic += 1,
                Usefulness::Open => self.evicted.idle += 1,
            }
            self.let_go(place);
        }
    }

    /// Lets a connection go, keeping its counts, and itself where it is an example.
    fn let_go(&mut self, place: Place) {
        self.unlink(place);
        let Some(slot) = self.slab.get(place) else { return };
        debug_assert!(
            self.heap_bytes >= slot.heap_bytes(),
            "whatever changes a connection goes through `change`"
        );
        self.heap_bytes = self.heap_bytes.saturating_sub(slot.heap_bytes());
        let (id, client) = (slot.id, self.client_of(slot).0);
        if !self.gone.count(slot, client) {
            self.slab.discard(place);
        } else if let Some(slot) = self.slab.remove(place) {
            // Whatever was kept before it may make room for others.
            self.kept.insert(id, Box::new(Slot { before: NOWHERE, ..slot }));
        }
    }

    /// Before another incarnation follows the one at `newest`: lets one go where as many are held as may be.
    pub(super) fn bound_incarnations(&mut self, newest: Place) {
        if self.chains.kept(&self.slab, newest) >= self.limits.incarnations.max(1) {
            let superfluous = self.superfluous_incarnation(newest);
            self.evicted.superseded += 1;
            self.let_go(superfluous);
        }
    }

    /// The oldest incarnation, unless less was proven of the one before the newest: then a flood of SYNs on the 4-tuple of
    /// a conversation cannot displace that.
    fn superfluous_incarnation(&self, newest: Place) -> Place {
        let oldest = self.chains.oldest(&self.slab, newest);
        let proof_of = |place| self.slab.get(place).map(|slot| Proof::of(&slot.connection));
        let previous = self.slab.get(newest).map_or(NOWHERE, |slot| slot.before);
        match (proof_of(previous), proof_of(oldest)) {
            (Some(of_previous), Some(of_oldest)) if of_previous < of_oldest => previous,
            _ => oldest,
        }
    }

    /// Takes a connection out of the chain of incarnations and, where it is the last of them, out of the index.
    fn unlink(&mut self, place: Place) {
        let Some(slot) = self.slab.get(place) else { return };
        let (key, before) = (slot.key(), slot.before);
        let hash = self.index.hash(&key);
        let was_newest = if before == NOWHERE {
            self.index.places.remove(hash, place)
        } else {
            self.index.places.replace(hash, place, before)
        };
        if was_newest {
            self.chains.remove_newest(&self.slab, place);
        } else if let Some(newest) = self.find(&key) {
            self.chains.remove_older(&mut self.slab, newest, place);
        }
    }
}

/// What to let go of first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Usefulness {
    Over,
    Embryonic,
    Open,
}

fn usefulness(connection: &Connection) -> Usefulness {
    let states = connection.ends.each_ref().map(|end| end.state);
    let over = states.iter().all(|state| state.is_over());
    let never_opened =
        !states.iter().any(|state| state.is_synchronized()) || states.iter().any(|state| state.is_opening());
    match (over, connection.is_closed() || never_opened) {
        (true, _) => Usefulness::Over,
        (false, true) => Usefulness::Embryonic,
        (false, false) => Usefulness::Open,
    }
}
