//! The log of one connection: transitions, believed or retracted, and the first sight of each fact.

use crate::tcp::connection::doubts::Doubts;
use crate::tcp::connection::entry::{Entry, Sighting, Transition, Verdict};
use crate::tcp::connection::packed::Packed;
use crate::tcp::connection::squeezed::{Entries, Squeezed};
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use serde::{Deserialize, Serialize};

mod doubted;
mod first;
mod memory;
mod moves;

/// Room for entries that another connection's log has left: asking for new memory would take longer.
pub struct Room(Box<[Packed]>);

/// The log of one connection.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[repr(C)]
pub struct Log {
    /// How many entries there are.
    length: u8,
    /// One past the place of each end's latest transition that is believed; 0 where none is.
    latest: [u8; 2],
    /// How many steps of room there are behind the first entries; `more` says so too, but lies a cache line further on. In a
    /// squeezed log: that mark, and how much room its bytes take up there.
    steps: u8,
    /// Why each end is believed to have moved, as far as that is not proven.
    doubts: [Doubts; 2],
    /// Room for the entries behind the first, or for the bytes behind those that lie in the room for the first.
    more: Box<[Packed]>,
    /// The first entries. An opening takes no more, and most connections of a flood make no more.
    first: [Packed; Log::FIRST],
}

// A vector would take more, and so would every connection.
const _: () = assert!(size_of::<Log>() == 104 && Log::LONGEST <= u8::MAX as usize);

impl Log {
    const FIRST: usize = 4;
    /// So many entries lie in one cache line, or begin there.
    const A_LINE: usize = 3;
    /// Closing takes about seven. Doubling would waste a third of all memory.
    const STEP: usize = 8;
    /// No connection that follows the document needs a tenth of this; a hostile one gets no more.
    const LONGEST: usize = Self::FIRST + 24 * Self::STEP;

    /// The mark of a squeezed log.
    const SQUEEZED: u8 = 1 << 7;

    #[inline]
    fn at(&self, place: usize) -> Option<Packed> {
        if self.is_squeezed() {
            return if place < self.len() { self.loose().nth(place) } else { None };
        }
        self.at_loose(place)
    }

    #[inline]
    fn at_loose(&self, place: usize) -> Option<Packed> {
        if place >= self.len() {
            None
        } else if place < Self::FIRST {
            self.first.get(place).copied()
        } else {
            self.more.get(place - Self::FIRST).copied()
        }
    }

    #[inline]
    fn at_mut(&mut self, place: usize) -> Option<&mut Packed> {
        if self.is_squeezed() {
            self.loosen(None);
        }
        self.room_mut(place)
    }

    /// The room of an entry in a log that is not squeezed.
    #[inline]
    fn room_mut(&mut self, place: usize) -> Option<&mut Packed> {
        if place < Self::FIRST { self.first.get_mut(place) } else { self.more.get_mut(place - Self::FIRST) }
    }

    /// All entries with their places.
    #[inline]
    fn packed(&self) -> impl DoubleEndedIterator<Item = (usize, Packed)> + '_ {
        self.packed_until(self.len())
    }

    #[inline]
    fn packed_until(&self, end: usize) -> impl DoubleEndedIterator<Item = (usize, Packed)> + '_ {
        let loose = if self.is_squeezed() { self.all_loose() } else { Vec::new() };
        (0..end).filter_map(move |place| {
            let packed = if self.is_squeezed() { loose.get(place).copied() } else { self.at_loose(place) };
            Some((place, packed?))
        })
    }

    /// Whether the log is squeezed into as few bytes as possible.
    #[must_use]
    #[inline]
    pub const fn is_squeezed(&self) -> bool {
        self.steps & Self::SQUEEZED != 0
    }

    /// The entries of a log that is squeezed, and any number of others behind them.
    #[inline]
    fn loose(&self) -> Entries {
        Squeezed::entries(self.first.iter().chain(&self.more))
    }

    #[cold]
    fn all_loose(&self) -> Vec<Packed> {
        let mut all = Vec::with_capacity(self.len());
        all.extend(self.loose().take(self.len()));
        all
    }

    /// Squeezes the entries into as few bytes as possible, until one is changed or added. Another log may have the room that
    /// they leave, unless few need room of that size.
    pub fn squeeze(&mut self) -> Option<Room> {
        if self.steps == 0 || self.is_squeezed() {
            return None;
        }
        let squeezed = Squeezed::of((0..self.len()).filter_map(|place| self.at_loose(place)))?;
        let mut units = squeezed.units();
        let beyond = units.len().saturating_sub(Self::FIRST);
        if beyond >= self.more.len() {
            return None;
        }
        self.first.fill(Packed::default());
        self.first.iter_mut().zip(units.by_ref()).for_each(|(room, unit)| *room = unit);
        let left = std::mem::replace(&mut self.more, units.collect());
        self.steps = Self::SQUEEZED | beyond as u8;
        (left.len() == Self::STEP).then_some(Room(left))
    }

    /// Gives each entry room of its own again: the room given, if it has the right size. Returns the room that is not needed.
    pub fn loosen(&mut self, room: Option<Room>) -> Option<Room> {
        if !self.is_squeezed() {
            return room;
        }
        let entries = self.loose();
        let steps = self.len().saturating_sub(Self::FIRST).div_ceil(Self::STEP);
        let (fitting, rest) = if steps == 1 { (room, None) } else { (None, room) };
        let fitting = fitting.filter(|room| room.0.len() == Self::STEP);
        self.more = fitting
            .map_or_else(|| vec![Packed::default(); steps * Self::STEP].into_boxed_slice(), |room| room.0);
        self.steps = steps as u8;
        let room = self.first.iter_mut().chain(&mut self.more).take(usize::from(self.length));
        room.zip(entries).for_each(|(room, packed)| *room = packed);
        rest
    }

    #[inline]
    fn push(&mut self, packed: Packed) -> bool {
        if self.is_squeezed() {
            self.loosen(None);
        }
        let length = self.len();
        let room = match length.checked_sub(Self::FIRST) {
            None => &mut self.first[length],
            Some(beyond) => {
                if beyond >= self.more.len() && !self.grow() {
                    return false;
                }
                &mut self.more[beyond]
            }
        };
        *room = packed;
        self.length += 1;
        true
    }

    /// Makes more room; false if the log is as long as any may be.
    #[cold]
    fn grow(&mut self) -> bool {
        if self.len() >= Self::LONGEST {
            return false;
        }
        self.more = if self.more.is_empty() {
            Box::new([Packed::default(); Self::STEP])
        } else {
            let mut entries = std::mem::take(&mut self.more).into_vec();
            entries.reserve_exact(Self::STEP);
            entries.resize(entries.len() + Self::STEP, Packed::default());
            entries.into_boxed_slice()
        };
        self.steps += 1;
        true
    }

    /// An empty log, in room that another has left.
    #[must_use]
    #[inline]
    pub fn in_room(room: Option<Room>) -> Self {
        let steps = u8::from(room.is_some());
        Self { more: room.map_or_else(Box::default, |room| room.0), steps, ..Self::default() }
    }

    /// Empties it, and returns its room; `None` if few need room of that size.
    pub fn leave_room(&mut self) -> Option<Room> {
        let more = std::mem::take(self).more;
        (more.len() == Self::STEP).then_some(Room(more))
    }

    /// Adds a transition. False where the log is full.
    #[inline(always)]
    pub fn add(&mut self, transition: &Transition) -> bool {
        let packed = Packed::transition(transition);
        if !self.push(packed) {
            return false;
        }
        if packed.is_unproven() {
            self.doubts[packed.side()].add(transition.cue);
        }
        if packed.is_believed_of(packed.side()) {
            self.latest[packed.side()] = self.length;
        }
        true
    }

    /// Adds the first sight of a fact. False where the log is full.
    pub fn note(&mut self, sighting: &Sighting) -> bool {
        self.push(Packed::sighting(sighting))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// Whether no more can be added: what happened since is not remembered.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.len() >= Self::LONGEST
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The entry at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Entry> {
        self.at(index).map(|packed| packed.unpack())
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = Entry> + '_ {
        self.packed().map(|(_, packed)| packed.unpack())
    }

    /// The transitions, oldest first.
    pub fn transitions(&self) -> impl DoubleEndedIterator<Item = Transition> + '_ {
        self.entries().filter_map(|entry| match entry {
            Entry::Transition(transition) => Some(transition),
            Entry::Sighting(_) => None,
        })
    }

    /// The believed transitions of one end, newest first.
    pub fn believed_backward(&self, side: Side) -> impl Iterator<Item = Transition> + '_ {
        self.believed(side).filter_map(|(_, packed)| match packed.unpack() {
            Entry::Transition(transition) => Some(transition),
            Entry::Sighting(_) => None,
        })
    }

    /// The same with their places, as they are kept.
    fn believed(&self, side: Side) -> impl Iterator<Item = (usize, Packed)> + '_ {
        let latest = usize::from(self.latest[side]);
        self.packed_until(latest).rev().filter(move |(_, packed)| packed.is_believed_of(side))
    }

    /// The latest transition of `side` that is believed, as it is kept.
    #[inline]
    fn latest(&self, side: Side) -> Option<Packed> {
        self.at(usize::from(self.latest[side]).checked_sub(1)?)
    }

    /// The transition that brought `side` to its state.
    #[must_use]
    pub fn grounds(&self, side: Side) -> Option<Transition> {
        match self.latest(side)?.unpack() {
            Entry::Transition(transition) => Some(transition),
            Entry::Sighting(_) => None,
        }
    }

    /// Whether the state that `side` is in is proven, as it is where nothing is known.
    #[must_use]
    pub fn stands_proven(&self, side: Side) -> bool {
        !self.has_unproven(side) || self.latest(side).is_none_or(|latest| !latest.is_unproven())
    }

    /// Whether the transition that brought `side` to its state is known, and proven.
    #[must_use]
    pub fn is_grounded(&self, side: Side) -> bool {
        self.latest[side] > 0 && self.stands_proven(side)
    }

    /// Whether `side` is believed to have moved by `cue`, and that is not proven.
    #[must_use]
    pub fn presumes(&self, side: Side, cue: Cue) -> bool {
        self.presumed_at(side, cue).is_some()
    }

    /// When the segment was captured that moved `side` by `cue`, if that is believed and not proven.
    #[must_use]
    pub fn presumed_at(&self, side: Side, cue: Cue) -> Option<i64> {
        if !self.doubts(side, cue) {
            return None;
        }
        let presumed = |packed: Packed| packed.is_unproven() && packed.is_by(cue);
        self.believed(side).find(|(_, packed)| presumed(*packed)).map(|(_, packed)| packed.time_ns())
    }

    /// Marks a presumption about `side` by `cue` as proven by a frame, or as undated. False if there was none.
    pub fn confirm(&mut self, side: Side, cue: Cue, verdict: Verdict) -> bool {
        if self.is_squeezed() {
            self.loosen(None);
        }
        // Most confirmed entries were added last.
        let mut place = usize::from(self.latest[side]);
        while place > 0 {
            place -= 1;
            let Some(packed) = self.room_mut(place).filter(|packed| packed.is_believed_by(side, cue)) else {
                continue;
            };
            if !packed.is_unproven() || packed.evidence() != Evidence::Presumed {
                return false;
            }
            packed.settle(verdict);
            self.doubts[side].settle();
            return true;
        }
        false
    }

    /// Marks the latest transition of `side` that `is_cause` picks as disproved by a frame, with everything after it at that
    /// end. Returns the state before it; `None` if there is none, or if it or a later one is proven.
    pub fn retract(
        &mut self,
        side: Side,
        frame: u64,
        is_cause: impl Fn(Cue, Evidence) -> bool,
    ) -> Option<State> {
        let (cause, packed) = self
            .believed(side)
            .take_while(|(_, packed)| packed.is_unproven())
            .find(|(_, packed)| is_cause(packed.cue(), packed.evidence()))?;
        let before = packed.from();
        for place in cause..self.len() {
            if self.at(place).is_some_and(|packed| packed.is_believed_of(side)) {
                self.settle(place, Verdict::Retracted(frame));
            }
        }
        let latest = self.believed(side).next().map_or(0, |(place, _)| place as u8 + 1);
        self.latest[side] = latest;
        Some(before)
    }

    /// Whether a believed transition of `side` may still be disproved.
    #[must_use]
    pub fn has_unproven(&self, side: Side) -> bool {
        self.doubts[side].any()
    }

    /// Whether one of those may be by `cue`. If none is, there is nothing to confirm, and nothing to retract.
    #[must_use]
    #[inline]
    pub fn doubts(&self, side: Side, cue: Cue) -> bool {
        self.doubts[side].may_be_by(cue)
    }

    /// Whether a segment of `side` may prove something about its opening.
    #[must_use]
    #[inline]
    pub fn doubts_opening(&self, side: Side) -> bool {
        self.doubts[side].may_be_of_opening()
    }

    /// Sets the fate of the transition at `place`.
    fn settle(&mut self, place: usize, verdict: Verdict) {
        let Some(packed) = self.at_mut(place).filter(|packed| !packed.is_sighting()) else { return };
        let (side, was_unproven) = (packed.side(), packed.is_unproven());
        packed.settle(verdict);
        if was_unproven {
            self.doubts[side].settle();
        }
    }

    /// Raises the number that belongs to a fact noted before.
    pub fn raise_figure(&mut self, side: Side, fact: Fact, figure: u64) {
        self.change_figure(side, fact, |before| before.max(figure));
    }

    /// Lowers the number that belongs to a fact noted before.
    pub fn lower_figure(&mut self, side: Side, fact: Fact, figure: u64) {
        self.change_figure(side, fact, |before| if before == 0 { figure } else { before.min(figure) });
    }

    fn change_figure(&mut self, side: Side, fact: Fact, change: impl Fn(u64) -> u64) {
        for place in 0..self.len() {
            let Some(packed) = self.at_mut(place) else { return };
            if let Entry::Sighting(mut sighting) = packed.unpack()
                && (sighting.side, sighting.fact) == (side, fact)
            {
                sighting.figure = change(sighting.figure);
                *packed = Packed::sighting(&sighting);
            }
        }
    }
}

#[cfg(test)]
mod tests;
