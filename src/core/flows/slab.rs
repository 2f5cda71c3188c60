//! Where connections are kept: in chunks, so that growing never copies them, and with places used again.

use super::key::{KeptKey, Key};
use crate::segment::Segment;
use crate::tcp::connection::{Connection, KeptBeside};
use crate::tcp::endpoint::Endpoint;
use crate::tcp::log::{Log, Room};
use crate::tcp::profile::Profile;
use crate::tcp::side::Side;
use serde::{Deserialize, Serialize};

/// Where a connection is kept.
pub type Place = u32;

/// No place.
pub const NOWHERE: Place = Place::MAX;

/// A connection in the table. The fields that every segment needs come first, and it begins where a cache line does.
#[derive(Clone, Default, Serialize, Deserialize)]
#[repr(C, align(64))]
pub struct Slot {
    /// Its 4-tuple.
    pub key: KeptKey,
    /// Counts from 1 in the order of first segments; 0 where there is no connection.
    pub id: u64,
    /// Where the incarnation before it is kept, or [`NOWHERE`]: there was none, or it has been let go.
    pub before: Place,
    /// 1 for the first connection on its 4-tuple.
    pub incarnation: u32,
    /// The connection.
    pub connection: Connection,
}

impl Slot {
    /// Its 4-tuple.
    #[must_use]
    #[inline]
    pub fn key(&self) -> Key {
        self.key.key()
    }

    /// The heap that it uses, in bytes.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.key.heap_bytes() + self.connection.heap_bytes()
    }

    /// Reads a segment of which little need be asked. Where it is none, nothing has happened.
    #[inline]
    pub fn read_shortly(&mut self, from: Side, segment: &Segment, profile: &Profile) -> Option<ReadShortly> {
        let connection = &mut self.connection;
        let (heap_before, lacked) = (connection.kept_beside(), connection.lacks_frames());
        #[cfg(debug_assertions)]
        let whole_before = connection.heap_bytes();
        if !connection.observe_shortly(from, segment, profile) {
            return None;
        }
        let heap_after = connection.kept_beside();
        debug_assert!(connection.lacks_frames() == lacked, "no such segment shows that frames are missing");
        #[cfg(debug_assertions)]
        assert_eq!(
            connection.heap_bytes() + heap_before.bytes(),
            whole_before + heap_after.bytes(),
            "none is set aside"
        );
        Some(ReadShortly { id: self.id, heap_before, heap_after })
    }
}

/// The outcome of a segment of which little need be asked: it is plain.
#[derive(Clone, Copy, Debug)]
pub struct ReadShortly {
    /// The id of its connection.
    pub id: u64,
    /// The heap that the connection used before it, without that of segments set aside: it stays as it was.
    pub heap_before: KeptBeside,
    /// The heap that it uses now, without the same.
    pub heap_after: KeptBeside,
}

// There may be millions: whoever enlarges one shall notice. An endpoint asserts its own size.
const _: () = assert!(size_of::<Slot>() <= (224 + 2 * size_of::<Endpoint>()).next_multiple_of(64));

const CHUNK_BITS: u32 = 11;
const CHUNK: usize = 1 << CHUNK_BITS;

/// In which chunk a place is, and where in it.
const fn whereabouts(place: Place) -> (usize, usize) {
    (place as usize >> CHUNK_BITS, place as usize & (CHUNK - 1))
}

/// The connections.
#[derive(Default)]
pub struct Slab {
    chunks: Vec<Vec<Slot>>,
    free: Vec<Place>,
    used: usize,
    /// Room of the logs of connections that were let go, for those of new ones.
    rooms: Vec<Room>,
    /// How often a connection was looked at: tests bound the work by it.
    #[cfg(test)]
    pub looks: std::sync::atomic::AtomicUsize,
}

impl Slab {
    /// Counts, in tests, that a connection is looked at.
    #[inline(always)]
    fn looked(&self) {
        #[cfg(test)]
        self.looks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }

    /// How many connections are kept.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.used
    }

    /// Whether none is.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// How many places there are, used or not.
    #[must_use]
    pub fn places(&self) -> Place {
        let last = self.chunks.last().map_or(0, Vec::len);
        // The last chunk taken over from another slab may not be full: its other places hold no connection.
        (self.chunks.len().saturating_sub(1) * CHUNK + last) as Place
    }

    /// Keeps a connection.
    pub fn insert(&mut self, slot: Slot) -> Place {
        debug_assert!(slot.id != 0, "it would be taken for none");
        self.used += 1;
        if let Some(place) = self.free.pop() {
            let (chunk, index) = whereabouts(place);
            self.chunks[chunk][index] = slot;
            return place;
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let place = self.places();
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(slot);
        }
        place
    }

    /// Lets a connection go.
    pub fn remove(&mut self, place: Place) -> Option<Slot> {
        let slot = std::mem::take(self.get_mut(place)?);
        self.freed(place);
        Some(slot)
    }

    /// Lets a connection go that nobody asks for: its heap is given up, and its id marks the place as empty. Writing it anew
    /// would take longer. Another connection gets the room of its log.
    pub fn discard(&mut self, place: Place) {
        let Some(slot) = self.get_mut(place) else { return };
        let room = slot.connection.leave_room();
        slot.key = KeptKey::default();
        slot.id = 0;
        self.freed(place);
        self.keep_room(room);
    }

    /// The room of a log that was let go, if there is any.
    pub fn take_room(&mut self) -> Option<Room> {
        self.rooms.pop()
    }

    /// Keeps the room of a log for another's.
    pub fn keep_room(&mut self, room: Option<Room>) {
        const MOST_ROOMS: usize = 4096;
        if self.rooms.len() < MOST_ROOMS {
            self.rooms.extend(room);
        }
    }

    fn freed(&mut self, place: Place) {
        self.used -= 1;
        self.free.push(place);
    }

    /// An empty log for a new connection, in the room of one that was let go, if there is any.
    pub fn empty_log(&mut self) -> Log {
        Log::in_room(self.take_room())
    }

    /// The connection at `place`.
    #[must_use]
    pub fn get(&self, place: Place) -> Option<&Slot> {
        self.used_or_not(place).filter(|slot| slot.id != 0)
    }

    /// The connection at `place`, to be changed.
    pub fn get_mut(&mut self, place: Place) -> Option<&mut Slot> {
        self.looked();
        let (chunk, index) = whereabouts(place);
        self.chunks.get_mut(chunk)?.get_mut(index).filter(|slot| slot.id != 0)
    }

    /// Asks for the memory of a connection, as far as most data need it, and does not wait for it.
    #[inline]
    pub fn ask_for(&self, place: Place) {
        // Whether it is used would have to be waited for.
        if let Some(slot) = self.used_or_not(place) {
            slot.connection.ask_for();
        }
    }

    /// The same, and the first entries of its log where that `is_wanted`. Nothing is decided by that, for it cannot be foretold.
    #[inline]
    pub fn ask_for_log_too_if(&self, is_wanted: bool, place: Place) {
        if let Some(slot) = self.used_or_not(place) {
            slot.connection.ask_for();
            slot.connection.log().ask_for_first_if(is_wanted);
        }
    }

    /// The same, as far as the log and counting need it: all of it.
    pub fn ask_for_whole(&self, place: Place) {
        self.ask_for(place);
        if let Some(slot) = self.used_or_not(place) {
            slot.connection.ask_for_rest();
        }
    }

    /// The same for those a few places further on, for a caller that goes through all of them: first their own memory, then
    /// their heap.
    pub fn ask_for_next(&self, place: Place) {
        const SOON: Place = 4;
        self.ask_for_whole(place.saturating_add(2 * SOON));
        if let Some(slot) = self.used_or_not(place.saturating_add(SOON)) {
            slot.connection.ask_for_heap();
        }
    }

    fn used_or_not(&self, place: Place) -> Option<&Slot> {
        self.looked();
        let (chunk, index) = whereabouts(place);
        self.chunks.get(chunk)?.get(index)
    }

    /// All connections with their places, in the order of places.
    pub fn iter(&self) -> impl Iterator<Item = (Place, &Slot)> {
        (0..self.places()).filter_map(|place| self.get(place).map(|slot| (place, slot)))
    }

    /// The connections of some ids and places, for a caller that needs all of each: the memory of the next few is asked for,
    /// first their own, then their heap.
    pub fn iter_whole<'a>(&'a self, order: &'a [(u64, Place)]) -> impl Iterator<Item = &'a Slot> {
        const SOON: usize = 4;
        order.iter().enumerate().filter_map(|(at, (_, place))| {
            if let Some((_, later)) = order.get(at + 4 * SOON) {
                self.ask_for_whole(*later);
            }
            if let Some(soon) = order.get(at + SOON).and_then(|(_, soon)| self.get(*soon)) {
                soon.connection.ask_for_heap();
            }
            self.get(*place)
        })
    }

    /// By how many places further on the connections of another slab will be kept once they are taken over.
    #[must_use]
    pub const fn next_chunk(&self) -> Place {
        (self.chunks.len() * CHUNK) as Place
    }

    /// Takes over the connections of another slab.
    pub fn absorb(&mut self, other: Self) {
        let offset = self.next_chunk();
        self.free.extend(other.free.into_iter().map(|place| place + offset));
        self.chunks.extend(other.chunks);
        self.used += other.used;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tcp::connection::At;
    use crate::tcp::fact::Fact;

    fn slot(id: u64, facts: usize) -> Slot {
        let mut connection = Connection::default();
        for fact in &Fact::ALL[..facts] {
            connection.note(Side::Low, *fact, At { time_ns: 0, frame: 1 });
        }
        Slot { key: KeptKey::from(Key::default()), connection, id, before: NOWHERE, incarnation: 1 }
    }

    #[test]
    fn a_connection_let_go_leaves_its_place_and_the_room_of_its_log() {
        let mut slab = Slab::default();
        let place = slab.insert(slot(1, 9));
        let room = slab.get(place).map_or(0, Slot::heap_bytes);
        assert!(slab.get(place).is_some_and(|slot| !slot.connection.log().is_empty()));
        slab.discard(place);
        slab.discard(place);
        assert!(room > 0 && slab.is_empty() && slab.get(place).is_none());
        let log = slab.empty_log();
        assert_eq!((log.heap_bytes(), log.is_empty()), (room, true));
        assert_eq!(slab.empty_log().heap_bytes(), 0);
        assert_eq!((slab.insert(slot(2, 0)), slab.len()), (place, 1));
    }

    #[test]
    fn a_segment_in_order_reads_five_cache_lines() {
        let slot = slot(1, 0);
        let line = |address: usize| (address - &raw const slot as usize) / 64;
        let [low, high] = slot.connection.ends();
        let parts = [
            &raw const slot.connection as usize,
            &raw const *low as usize,
            &raw const *high as usize,
            &raw const *slot.connection.turns() as usize,
            &raw const *slot.connection.log() as usize,
        ];
        assert_eq!(parts.map(line), [0, 1, 2, 4, 4]);
        assert_eq!(line(&raw const *high as usize + size_of_val(high) - 1), 4);
    }

    #[test]
    fn nobody_is_given_the_room_of_a_log_that_was_long() {
        let mut slab = Slab::default();
        let place = slab.insert(slot(1, 40));
        slab.discard(place);
        assert_eq!(slab.empty_log().heap_bytes(), 0);
    }
}
