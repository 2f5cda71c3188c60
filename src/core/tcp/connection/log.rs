//! The log of one connection: transitions, believed or retracted, and the first sight of each fact.

use crate::memory::ask_for;
use crate::tcp::connection::doubts::Doubts;
use crate::tcp::connection::entry::{Entry, Move, Sighting, Transition, Verdict};
use crate::tcp::connection::packed::Packed;
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use serde::{Deserialize, Serialize};

/// Room for entries that the log of a connection has left: asking for it anew would take longer.
pub struct Room(Box<[Packed]>);

/// The log of one connection.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[repr(C)]
pub struct Log {
    /// How many entries there are.
    length: u8,
    /// One past the place of each end's latest transition that is believed; 0 where none is.
    latest: [u8; 2],
    /// How many steps of room there are behind the first entries. `more` says so too, but lies a cache line further on.
    steps: u8,
    /// Why each end is believed to have moved, as far as that is not proven.
    doubts: [Doubts; 2],
    /// Room for the entries behind the first.
    more: Box<[Packed]>,
    /// The first entries. Opening takes no more, and most connections of a flood make no more.
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
    /// No connection that lives as the document says needs a tenth of this; a hostile one gets no more.
    const LONGEST: usize = Self::FIRST + 24 * Self::STEP;

    fn at(&self, place: usize) -> Option<&Packed> {
        if place >= self.len() {
            None
        } else if place < Self::FIRST {
            self.first.get(place)
        } else {
            self.more.get(place - Self::FIRST)
        }
    }

    fn at_mut(&mut self, place: usize) -> Option<&mut Packed> {
        if place < Self::FIRST { self.first.get_mut(place) } else { self.more.get_mut(place - Self::FIRST) }
    }

    /// All entries as they are kept, with their places.
    fn packed(&self) -> impl DoubleEndedIterator<Item = (usize, &Packed)> {
        self.packed_until(self.len())
    }

    fn packed_until(&self, end: usize) -> impl DoubleEndedIterator<Item = (usize, &Packed)> {
        (0..end).filter_map(|place| self.at(place).map(|packed| (place, packed)))
    }

    #[inline]
    fn push(&mut self, packed: Packed) -> bool {
        let length = self.len();
        if length >= Self::FIRST + self.more.len() && !self.grow() {
            return false;
        }
        if let Some(room) = self.at_mut(length) {
            *room = packed;
        }
        self.length += 1;
        true
    }

    /// Makes more room; false where there is enough.
    #[cold]
    fn grow(&mut self) -> bool {
        if self.len() >= Self::LONGEST {
            return false;
        }
        let mut entries = std::mem::take(&mut self.more).into_vec();
        entries.reserve_exact(Self::STEP);
        entries.resize(entries.len() + Self::STEP, Packed::default());
        self.more = entries.into_boxed_slice();
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

    /// Empties it, for its room; nothing where that is of a size that few need.
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
        self.at(index).map(Packed::unpack)
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

    /// The transitions in short, oldest first.
    #[inline]
    pub fn moves(&self) -> impl Iterator<Item = Move> + '_ {
        let (first, more) = (self.len().min(Self::FIRST), self.len().saturating_sub(Self::FIRST));
        let packed = self.first[..first].iter().chain(&self.more[..more]);
        packed.filter(|packed| !packed.is_sighting()).map(|packed| packed.in_short())
    }

    /// The believed transitions of one end, newest first.
    pub fn believed_backward(&self, side: Side) -> impl Iterator<Item = Transition> + '_ {
        self.believed(side).filter_map(|(_, packed)| match packed.unpack() {
            Entry::Transition(transition) => Some(transition),
            Entry::Sighting(_) => None,
        })
    }

    /// The same with their places, as they are kept.
    fn believed(&self, side: Side) -> impl Iterator<Item = (usize, &Packed)> {
        let latest = usize::from(self.latest[side]);
        self.packed_until(latest).rev().filter(move |(_, packed)| packed.is_believed_of(side))
    }

    /// The latest transition of `side` that is believed, as it is kept.
    fn latest(&self, side: Side) -> Option<&Packed> {
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

    /// Whether `side` is believed to have moved by `cue`, and that is not proven.
    #[must_use]
    pub fn presumes(&self, side: Side, cue: Cue) -> bool {
        self.presumed_at(side, cue).is_some()
    }

    /// The transition that brought `side` to its state, if it was by `cue`, and something may still disprove it.
    #[must_use]
    pub fn unproven_grounds(&self, side: Side, cue: Cue) -> Option<Transition> {
        let by_cue = self.latest(side).is_some_and(|latest| latest.is_by(cue) && latest.is_unproven());
        if by_cue { self.grounds(side) } else { None }
    }

    /// When what moved `side` by `cue` was captured, where that is believed and not proven.
    #[must_use]
    pub fn presumed_at(&self, side: Side, cue: Cue) -> Option<i64> {
        if !self.doubts(side, cue) {
            return None;
        }
        let presumed = |packed: &Packed| packed.is_unproven() && packed.is_by(cue);
        self.believed(side).find(|(_, packed)| presumed(packed)).map(|(_, packed)| packed.time_ns())
    }

    /// Takes what was presumed of `side` by `cue` for proven by a frame. False where nothing was.
    pub fn confirm(&mut self, side: Side, cue: Cue, frame: u64) -> bool {
        let latest = self.believed(side).find(|(_, packed)| packed.is_by(cue));
        match latest {
            Some((place, packed)) if packed.is_unproven() && packed.evidence() == Evidence::Presumed => {
                self.settle(place, Verdict::Confirmed(frame));
                true
            }
            _ => false,
        }
    }

    /// Takes the latest transition of `side` that `is_cause` picks for disproved by a frame, with all that followed at
    /// that end: the state before it. None where there is none, or where it or one that followed is proven.
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

    /// Whether one of those may be by `cue`. Where none is, there is nothing to confirm, and nothing to retract.
    #[must_use]
    #[inline]
    pub fn doubts(&self, side: Side, cue: Cue) -> bool {
        self.doubts[side].of(cue)
    }

    /// Whether what `side` says may prove something of its opening.
    #[must_use]
    #[inline]
    pub fn doubts_opening(&self, side: Side) -> bool {
        self.doubts[side].of_opening()
    }

    /// Sets what became of the transition at `place`.
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

    /// Asks for the memory of the first entries, and does not wait for it.
    pub fn ask_for_first(&self) {
        self.first.iter().step_by(Self::A_LINE).for_each(ask_for);
    }

    /// The same for those behind.
    pub fn ask_for_heap(&self) {
        self.more.iter().step_by(Self::A_LINE).for_each(ask_for);
    }

    /// Bytes of heap in use.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        usize::from(self.steps) * Self::STEP * size_of::<Packed>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Random;

    #[test]
    fn the_remembered_entries_are_those_that_a_search_finds() {
        let mut random = Random(7);
        let mut below = |end| random.below(end);
        let cues = [Cue::SentSyn, Cue::ReceivedSynAck, Cue::ReceivedFin];
        for _ in 0..20 {
            let mut log = Log::default();
            for frame in 0..500 {
                let side = Side::BOTH[below(2)];
                let cue = cues[below(3)];
                match below(8) {
                    0 => drop(log.retract(side, frame, |cause, _| cause == cue)),
                    1 => drop(log.confirm(side, cue, frame)),
                    2 => drop(log.note(&Sighting { side, fact: Fact::ALL[0], time_ns: 0, frame, figure: 0 })),
                    _ => {
                        let evidence = Evidence::ALL[below(4)];
                        let (from, to) = (State::Closed, State::SynSent);
                        let verdict = Verdict::Open;
                        let time_ns = frame as i64;
                        let before = log.len();
                        let added =
                            log.add(&Transition { side, from, to, time_ns, frame, cue, evidence, verdict });
                        assert_eq!((log.len() > before, log.len() <= Log::LONGEST), (added, true));
                        assert_eq!(added, before < Log::LONGEST);
                    }
                }
                for side in Side::BOTH {
                    let unproven = log.transitions().filter(|t| t.side == side && t.is_believed());
                    let unproven: Vec<_> = unproven.filter(|t| !t.is_proven()).collect();
                    assert!(log.has_unproven(side) || unproven.is_empty());
                    for cue in cues {
                        let latest = unproven.iter().rev().find(|t| t.cue == cue).map(|t| t.time_ns);
                        assert_eq!(log.presumed_at(side, cue), latest);
                        assert!(log.doubts(side, cue) || latest.is_none());
                    }
                    assert_eq!(log.grounds(side), log.believed_backward(side).next());
                    let grounds = log.grounds(side).filter(|t| !t.is_proven() && t.cue == cue);
                    assert_eq!(log.unproven_grounds(side, cue), grounds);
                }
            }
            assert_eq!(log.len(), Log::LONGEST);
        }
    }

    #[test]
    fn unproven_transitions_are_counted() {
        let presumed = Transition {
            side: Side::High,
            from: State::SynRecv,
            to: State::Established,
            time_ns: 0,
            frame: 1,
            cue: Cue::ReceivedAckOfSyn,
            evidence: Evidence::Presumed,
            verdict: Verdict::Open,
        };
        let mut log = Log::default();
        log.add(&presumed);
        log.add(&Transition { evidence: Evidence::Seen, ..presumed });
        assert!(log.has_unproven(Side::High) && !log.has_unproven(Side::Low));
        log.settle(0, Verdict::Confirmed(2));
        assert!(!log.has_unproven(Side::High));
        log.add(&presumed);
        assert!(log.doubts(Side::High, Cue::ReceivedAckOfSyn) && log.doubts_opening(Side::High));
        assert_eq!(log.retract(Side::High, 3, |_, _| true), Some(State::SynRecv));
        assert!(!log.has_unproven(Side::High));
    }
    #[test]
    fn nothing_is_retracted_that_is_proven_or_lies_before_what_is() {
        let presumed = Transition {
            side: Side::Low,
            from: State::FinWait1,
            to: State::FinWait2,
            time_ns: 0,
            frame: 1,
            cue: Cue::ReceivedAckOfFin,
            evidence: Evidence::Presumed,
            verdict: Verdict::Open,
        };
        let later =
            Transition { from: State::FinWait2, to: State::TimeWait, cue: Cue::ReceivedFin, ..presumed };
        let of_ack = |cue, _| cue == Cue::ReceivedAckOfFin;
        for is_proven in [false, true] {
            let mut log = Log::default();
            log.add(&presumed);
            log.add(&later);
            if is_proven {
                assert!(log.confirm(Side::Low, Cue::ReceivedFin, 2));
            }
            let before = (!is_proven).then_some(State::FinWait1);
            assert_eq!(log.retract(Side::Low, 3, of_ack), before);
            assert_eq!(log.grounds(Side::Low).is_some(), is_proven);
        }
        let mut log = Log::default();
        log.add(&presumed);
        assert!(log.confirm(Side::Low, Cue::ReceivedAckOfFin, 2));
        assert_eq!(log.retract(Side::Low, 3, of_ack), None);
    }
}
