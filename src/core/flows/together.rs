//! Several tables that track one capture together, each its own share of the connections. All of them read every frame, and
//! nothing is handed from one to another. A turn ends after the same frame for all. Then the connections that began are
//! numbered, and those that are over are let go, in the order of ids: as one table would do it.

use super::index::Index;
use super::key::Key;
use super::kinds::Counted;
use super::ladder::Traced;
use super::places::Hash32;
use super::rounds::Stop;
use super::share::Share;
use super::slab::{NOWHERE, Place, Slot};
use super::table::Flows;
use super::udp::Conversations;
use crate::at_once::at_once;
use crate::segment::{Decoded, Segment};
use crate::tcp::side::Side;

/// The id of a connection that has yet to be numbered tells in which frame it began.
pub(super) const UNNUMBERED: u64 = 1 << 63;

impl Flows {
    /// Whether nothing was put in yet, and no caller asks for more than shares can give.
    #[must_use]
    pub const fn may_be_split(&self) -> bool {
        let is_empty = self.traffic.frames == 0 && self.last_id == 0;
        let is_traced = !matches!(self.ladder.traced, Traced::Nobody);
        is_empty && !is_traced && !self.events.wanted && self.events.notes.is_none() && self.zeek.is_none()
    }

    /// Ends turns after so many frames.
    pub const fn set_turn(&mut self, frames: u64) {
        self.limits.turn = frames;
        self.begin_turn();
    }

    /// Makes this empty table the first of several, and gives the others.
    pub fn split(&mut self, tables: u32) -> Vec<Self> {
        debug_assert!(self.last_id == 0, "connections were begun in no share");
        self.share = Share::new(0, tables);
        self.uses_cores = true;
        self.turn_ends = u64::MAX;
        (1..tables).map(|number| self.another(Share::new(number, tables))).collect()
    }

    fn another(&self, share: Share) -> Self {
        let udp = Conversations::new(0);
        let index = self.index.alike();
        Self { share, udp, index, turn_ends: u64::MAX, ..Self::new(self.profile, self.limits) }
    }

    /// After how many frames a turn ends.
    #[must_use]
    pub const fn turn(&self) -> u64 {
        self.limits.turn
    }

    /// Which connections are tracked here.
    #[must_use]
    pub const fn share(&self) -> Share {
        self.share
    }

    /// How keys are hashed.
    #[must_use]
    pub const fn index(&self) -> &Index {
        &self.index
    }

    /// Whether a frame is read here, or at least heard of, judging by its decoded form.
    #[must_use]
    pub fn takes(&self, decoded: &Decoded) -> bool {
        match decoded {
            Decoded::Segment(segment) => segment.flags.syn() || self.share.has(self.index.hash_of(segment).0),
            Decoded::IcmpError(error) => self.share.has(self.index.hash(&Key::of_quoted(error).0)),
            Decoded::Datagram(_) | Decoded::Other(_) | Decoded::Undecodable(_) => self.share.is_first(),
        }
    }

    /// Hears of a SYN or SYN,ACK, which tells about more than its own connection. Returns whether it is to be read here.
    #[inline(never)]
    pub(super) fn hear_syn(&mut self, segment: &Segment, hash: Hash32) -> bool {
        self.ticks_behind = self.clocks.learn(segment);
        if self.share.is_first() {
            self.listeners.learn(segment);
        }
        self.share.has(hash)
    }

    /// Counts a frame of a share by its time, in Unix ns, whoever reads it, where all are counted.
    #[inline]
    pub fn count_frame(&mut self, time_ns: i64) {
        if self.share.is_first() {
            self.traffic.frame(time_ns);
        }
    }

    /// The id of a connection that begins in a frame.
    pub(super) const fn next_id(&mut self, frame: u64) -> u64 {
        if !self.share.is_whole() {
            return UNNUMBERED | frame;
        }
        self.last_id += 1;
        self.last_id
    }

    /// Gives ids to the connections that began in this turn: one to each, in the order in which they began.
    fn number(&mut self, ids: &[u64]) {
        let begun = std::mem::take(&mut self.begun);
        for ((place, unnumbered), id) in begun.iter().zip(ids) {
            if let Some(slot) = self.slab.get_mut(*place).filter(|slot| slot.id == *unnumbered) {
                slot.id = *id;
                if self.limits.release {
                    self.begun.push((*place, *id));
                }
            }
        }
        for (_, slot) in &mut self.departed {
            if let Ok(at) = begun.binary_search_by_key(&slot.id, |(_, unnumbered)| *unnumbered) {
                slot.id = ids[at];
            }
        }
    }

    /// Takes over the connections and counts of another table. Both must have been numbered.
    fn absorb(&mut self, mut other: Self) {
        let offset = self.slab.next_chunk();
        for place in 0..other.slab.places() {
            if let Some(slot) = other.slab.get_mut(place).filter(|slot| slot.before != NOWHERE) {
                slot.before += offset;
            }
        }
        self.slab.absorb(other.slab);
        self.index.places.absorb(other.index.places, offset);
        self.chains.absorb(other.chains, offset);
        self.rounds.absorb(other.rounds, offset);
        self.begun.extend(other.begun.into_iter().map(|(place, id)| (place + offset, id)));
        self.traffic.absorb(other.traffic);
        self.loss.lacking += other.loss.lacking;
        self.evicted.superseded += other.evicted.superseded;
        self.heap_bytes += other.heap_bytes;
    }
}

/// Several tables that track one capture together, the first of which counts what is let go.
pub struct Together<'a>(pub Vec<&'a mut Flows>);

/// Whether one more turn certainly leaves room in all tables together.
#[must_use]
pub fn have_room(tables: &[&Flows]) -> bool {
    /// So much may a frame add to what is kept, on average and at worst.
    const BYTES_A_FRAME: usize = 4096;
    let Some(limits) = tables.first().map(|table| table.limits) else { return false };
    let turn = usize::try_from(limits.turn).unwrap_or(usize::MAX);
    let connections: usize = tables.iter().map(|table| table.slab.len()).sum();
    let bytes: usize = tables.iter().map(|table| table.bytes()).sum();
    // Logs that grow may take up twice the room.
    connections.saturating_add(turn) < limits.connections
        && bytes.saturating_mul(2).saturating_add(turn.saturating_mul(BYTES_A_FRAME)) < limits.bytes
}

impl Together<'_> {
    /// The ids of those that began in this turn, by table.
    fn new_ids(&mut self) -> Vec<Vec<u64>> {
        let mut all: Vec<(u64, usize)> = Vec::new();
        for (table, flows) in self.0.iter().enumerate() {
            all.extend(flows.begun.iter().map(|(_, unnumbered)| (*unnumbered, table)));
        }
        // Several runs, each in order.
        all.sort();
        let mut ids: Vec<Vec<u64>> =
            self.0.iter().map(|flows| Vec::with_capacity(flows.begun.len())).collect();
        for (_, table) in all {
            self.0[0].last_id += 1;
            ids[table].push(self.0[0].last_id);
        }
        ids
    }

    /// Ends a turn: numbers the connections that began in it, and lets go of those that are over, if it `is_whole`.
    pub fn end_turn(&mut self, is_whole: bool) {
        let ids = self.new_ids();
        let now = self.0[0].now_ns();
        let release = is_whole && self.0[0].limits.release;
        let each = self.0.iter_mut().zip(&ids);
        let over = at_once(each, |(flows, ids)| {
            flows.number(ids);
            if release { flows.find_over(now) } else { Vec::new() }
        });
        self.count_departed();
        let leaving = self.choose(over, now);
        at_once(self.0.iter_mut().zip(&leaving), |(flows, places)| {
            for place in places {
                flows.take_out(*place, false);
            }
        });
    }

    /// Counts those that had to go before the turn was over, in the order in which they went.
    fn count_departed(&mut self) {
        let mut departed: Vec<_> = self.0.iter_mut().flat_map(|flows| flows.departed.drain(..)).collect();
        departed.sort_by_key(|(frame, _)| *frame);
        let first = &mut *self.0[0];
        for (_, slot) in departed {
            let counted = first.gone.count(&slot, first.client_of(&slot).0);
            first.keep_example(Some(slot).filter(|_| counted.is_example), counted.has_dropped);
        }
    }

    /// Counts those that are let go, in the order of ids, and says where they are, by table. Examples are taken out.
    fn choose(&mut self, over: Vec<Vec<Stop>>, now_ns: i64) -> Vec<Vec<Place>> {
        let mut all: Vec<Over> = Vec::new();
        for (table, stops) in over.into_iter().enumerate() {
            all.extend(stops.into_iter().map(|(place, id)| Over { id, place, table }));
        }
        all.sort_unstable();
        // The first of them go, as many as there are too many.
        let held: usize = self.0.iter().map(|flows| flows.slab.len()).sum();
        let spared = all.split_off(all.len().min(held.saturating_sub(self.0[0].limits.few)));
        for one in spared {
            self.0[one.table].spare((one.place, one.id), now_ns);
        }
        self.0[0].released += all.len() as u64;
        let counted = self.count(&all);
        let mut leaving = vec![Vec::new(); self.0.len()];
        for (one, counted) in all.iter().zip(counted) {
            let example = if counted.is_example { self.0[one.table].take_out(one.place, true) } else { None };
            if example.is_none() {
                leaving[one.table].push(one.place);
            }
            self.0[0].keep_example(example, counted.has_dropped);
        }
        leaving
    }

    /// Counts connections. Returns the changes to the examples.
    fn count(&mut self, all: &[Over]) -> Vec<Counted> {
        let mut gone = std::mem::take(&mut self.0[0].gone);
        let tables: Vec<&Flows> = self.0.iter().map(|flows| &**flows).collect();
        let counted = gone.count_at_once(|| each_of(&tables, all));
        self.0[0].gone = gone;
        counted
    }
}

/// A connection that is over: its id, where it is kept, and in which of the tables.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Over {
    id: u64,
    place: Place,
    table: usize,
}

/// These connections, each with its client; the memory of the next ones is asked for. None has been let go since they were
/// found.
fn each_of<'a>(tables: &'a [&Flows], all: &'a [Over]) -> impl Iterator<Item = (&'a Slot, Side)> {
    const SOON: usize = 8;
    all.iter().enumerate().filter_map(|(at, one)| {
        if let Some(next) = all.get(at + SOON) {
            tables[next.table].ask_for_kept_beside(next.place);
        }
        if let Some(next) = all.get(at + 2 * SOON) {
            tables[next.table].slab.ask_for_whole(next.place);
        }
        let slot = tables[one.table].slab.get(one.place)?;
        Some((slot, tables[0].client_of(slot).0))
    })
}

/// Makes the first table, which all others were split from, the only one. If the capture `is_over`, time passes for all
/// until its last frame.
pub fn join(first: &mut Flows, mut others: Vec<Flows>, is_over: bool) {
    if let Some(now) = first.traffic.last_ns.filter(|_| is_over) {
        let all = std::iter::once(&mut *first).chain(&mut others);
        at_once(all, |flows| flows.settle_until(now));
        first.settled_after = first.traffic.frames;
    }
    for other in others {
        first.absorb(other);
    }
    first.share = Share::WHOLE;
    first.begin_turn();
}
