//! Time and room: time passes for all connections; connections that are over are let go, and so are the least useful ones if
//! there is no room.

use super::proof::Proof;
use super::queues::Candidate;
use super::slab::{NOWHERE, Place, Slot};
use super::table::Flows;
use super::worth::Worth;

impl Flows {
    /// Lets time pass for every connection until `now_ns`, in Unix ns, and lets go of what is over.
    pub fn advance(&mut self, now_ns: i64) {
        self.waited_until_ns = self.waited_until_ns.max(now_ns);
        for place in 0..self.slab.places() {
            self.visit(place, now_ns);
        }
    }

    fn visit(&mut self, place: Place, now_ns: i64) {
        let over = self.change(place, |Slot { connection, .. }, profile| {
            connection.pass_time(now_ns, profile);
            connection.is_closed() && connection.is_quiet(now_ns, profile)
        });
        if over == Some(true) && self.limits.release && self.slab.len() > self.limits.few {
            self.released += 1;
            self.let_go(place);
        }
    }

    /// The time of the latest frame, in Unix ns.
    pub(super) fn now_ns(&self) -> i64 {
        self.traffic.last_ns.unwrap_or_default()
    }

    /// Called before a connection is added: evicts others if there is no room.
    pub(super) fn make_room(&mut self) {
        while self.is_full() && self.evict() {}
    }

    fn is_full(&self) -> bool {
        self.slab.len() >= self.limits.connections || self.bytes() >= self.limits.bytes
    }

    /// The memory of the connections, in bytes, heap included.
    pub(super) fn bytes(&self) -> usize {
        self.slab.len() * size_of::<Slot>() + self.heap_bytes
    }

    /// Lets the least useful connection go. False if there is none.
    fn evict(&mut self) -> bool {
        /// One in so many parts of the table is kept for connections that have yet to prove themselves.
        const PARTS: usize = 16;
        /// So many connections that have spoken since they were put in their queue are put there again.
        const MOST_SPARED: usize = 1000;
        if !self.queues.is_active() {
            self.line_up();
        }
        let mut spared = 0;
        while let Some(candidate) = self.queues.next(self.limits.connections / PARTS) {
            let Some(now) = self.candidate(candidate.place) else { continue };
            let has_spoken = now.heard != candidate.heard;
            if now.worth > candidate.worth || has_spoken && spared < MOST_SPARED {
                spared += usize::from(now.worth <= candidate.worth);
                self.queues.add(now);
                continue;
            }
            if let Some(slot) = self.slab.get(now.place) {
                self.evicted.count(now.worth, &slot.connection);
            }
            self.let_go(now.place);
            return true;
        }
        false
    }

    /// The connection at a place, as of the last frame, for the queues.
    fn candidate(&mut self, place: Place) -> Option<Candidate> {
        let now_ns = self.now_ns();
        self.change(place, |Slot { connection, .. }, profile| {
            connection.pass_time(now_ns, profile);
            Candidate { place, worth: Worth::of(connection), heard: connection.last_frame() as u32 }
        })
    }

    /// Puts all connections in their queues, the longest silent first.
    #[cold]
    fn line_up(&mut self) {
        self.queues.activate();
        let mut all: Vec<_> =
            self.slab.iter().map(|(place, slot)| (slot.connection.last_frame(), place)).collect();
        all.sort_unstable();
        for (_, place) in all {
            if let Some(candidate) = self.candidate(place) {
                self.queues.add(candidate);
            }
        }
    }

    /// Lets a connection go, keeping its counts, and itself where it is an example.
    pub(super) fn let_go(&mut self, place: Place) {
        let Some(slot) = self.slab.get(place) else { return };
        let counted = self.gone.count(slot, self.client_of(slot).0);
        let slot = self.take_out(place, counted.is_example || self.leaving.is_some());
        let Some(leaving) = &mut self.leaving else { return self.keep_example(slot, counted.has_dropped) };
        let example = if counted.is_example { slot.clone() } else { None };
        slot.into_iter().for_each(|slot| leaving.add(slot));
        self.keep_example(example, counted.has_dropped);
    }

    /// Takes a connection out of the table, and hands it over if a caller wants it.
    pub(super) fn take_out(&mut self, place: Place, is_wanted: bool) -> Option<Slot> {
        self.unlink(place);
        self.queues.forget(place);
        let slot = self.slab.get(place)?;
        debug_assert!(
            self.heap_bytes >= slot.heap_bytes(),
            "whatever changes a connection goes through `change`"
        );
        self.heap_bytes = self.heap_bytes.saturating_sub(slot.heap_bytes());
        if !is_wanted {
            self.slab.discard(place);
            return None;
        }
        // Whatever was kept before it may make room for others.
        self.slab.remove(place).map(|slot| Slot { before: NOWHERE, ..slot })
    }

    /// Keeps a connection that is an example of those let go, and forgets those that are none any more.
    pub(super) fn keep_example(&mut self, example: Option<Slot>, others_were_dropped: bool) {
        if let Some(slot) = example {
            self.kept.insert(slot.id, Box::new(slot));
        }
        if others_were_dropped {
            let examples = self.gone.examples();
            self.kept.retain(|id, _| examples.contains(id));
        }
    }

    /// Called before another incarnation follows the one at `newest`: lets one go if as many are held as may be.
    pub(super) fn bound_incarnations(&mut self, newest: Place, frame: u64) {
        if self.chains.kept(&self.slab, newest) >= self.limits.incarnations.max(1) {
            let superfluous = self.superfluous_incarnation(newest);
            self.evicted.superseded += 1;
            if self.share.is_whole() {
                self.let_go(superfluous);
            } else if let Some(slot) = self.take_out(superfluous, true) {
                self.departed.push((frame, slot));
            }
        }
    }

    /// The oldest incarnation, unless the one before the newest has less proof: so a flood of SYNs on the 4-tuple of a
    /// conversation cannot displace that conversation.
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
