//! Turns: after so many frames, connections that are over are let go. Which those are depends on nothing else, so that tables
//! that share the work agree.

use super::rounds::Stop;
use super::slab::Slot;
use super::table::Flows;

impl Flows {
    /// Ends a turn.
    #[cold]
    pub(super) fn end_turn(&mut self) {
        self.begin_turn();
        if !self.limits.release {
            return;
        }
        let now_ns = self.now_ns();
        let over = self.find_over(now_ns);
        for (at, &(place, id)) in over.iter().enumerate() {
            self.ask_for_those_after(&over, at);
            if self.slab.len() > self.limits.few {
                self.released += 1;
                self.let_go(place);
            } else {
                self.spare((place, id), now_ns);
            }
        }
    }

    /// Begins a turn: it ends after a multiple of so many frames.
    pub(super) const fn begin_turn(&mut self) {
        self.turn_ends = (self.traffic.frames / self.limits.turn + 1) * self.limits.turn;
    }

    /// Keeps connections that are over, for there are few.
    pub(super) fn spare(&mut self, stop: Stop, now_ns: i64) {
        self.rounds.add(now_ns + self.profile.time_wait, stop);
    }

    /// The connections that are over at `now_ns`, in Unix ns, in the order of ids. Time has passed until then for all that are
    /// due.
    pub(super) fn find_over(&mut self, now_ns: i64) -> Vec<Stop> {
        self.enlist();
        // A flood is let go for want of room long before it is due.
        if self.rounds.held() > 2 * self.slab.len() {
            let slab = &self.slab;
            self.rounds.forget(|(place, id)| slab.get(place).is_some_and(|slot| slot.id == id));
        }
        let due = self.rounds.take_due(now_ns);
        let mut over = Vec::new();
        for (at, stop) in due.iter().enumerate() {
            self.ask_for_those_after(&due, at);
            if self.let_time_pass(*stop, now_ns) {
                over.push(*stop);
            }
        }
        over.sort_unstable_by_key(|(_, id)| *id);
        over
    }

    /// Lets time pass for a connection on the rounds; true where it is over. Where it is not, it is due again.
    fn let_time_pass(&mut self, stop: Stop, now_ns: i64) -> bool {
        let (place, id) = stop;
        let Some(slot) = self.slab.get(place).filter(|slot| slot.id == id) else { return false };
        if !slot.connection.is_quiet(now_ns, &self.profile) {
            let quiet_ns = slot.connection.last_ns() + self.profile.time_wait;
            self.rounds.add(quiet_ns + 1, stop);
            return false;
        }
        let room = self.slab.take_room();
        let passed = self.change(place, |Slot { connection, .. }, profile| {
            // Time is likely to add to it, and then it is counted.
            let room = connection.loosen_log(room);
            connection.pass_time(now_ns, profile);
            (connection.is_closed(), room)
        });
        let (is_closed, room) = passed.unwrap_or((false, None));
        self.slab.keep_room(room);
        if !is_closed {
            self.spare(stop, now_ns);
        }
        is_closed
    }

    /// Puts the connections that began in this turn on the rounds.
    fn enlist(&mut self) {
        /// How many places beforehand each is asked for: it has not been looked at for long.
        const SOON: usize = 8;
        let begun = std::mem::take(&mut self.begun);
        for (at, &(place, id)) in begun.iter().enumerate() {
            if let Some((soon, _)) = begun.get(at + SOON) {
                self.slab.ask_for(*soon);
            }
            if let Some(slot) = self.slab.get(place).filter(|slot| slot.id == id) {
                self.rounds.add(slot.connection.last_ns() + self.profile.time_wait + 1, (place, id));
            }
        }
    }
}
