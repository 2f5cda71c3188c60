//! What is remembered of one connection: transitions, believed or retracted, and the first sight of each fact.
//!
//! A log is short and there may be millions, so an entry is packed into 24 bytes: frame numbers have 48 bits.

use super::cue::{Cue, Evidence};
use super::fact::Fact;
use super::state::State;

/// Which of the two ends; how the ends are numbered is the flow key's affair.
pub type Side = usize;

/// What became of a transition since it was inferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing more is known.
    Open,
    /// A later frame proved it.
    Confirmed(u64),
    /// A later frame disproved it.
    Retracted(u64),
}

/// A change of state of one end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Which end.
    pub side: Side,
    /// The state left.
    pub from: State,
    /// The state entered.
    pub to: State,
    /// When, in Unix ns.
    pub time_ns: i64,
    /// The frame that showed it.
    pub frame: u64,
    /// What it meant to the end.
    pub cue: Cue,
    /// How it is known.
    pub evidence: Evidence,
    /// What became of it.
    pub verdict: Verdict,
}

impl Transition {
    /// Whether it is believed now.
    #[must_use]
    pub const fn is_believed(&self) -> bool {
        !matches!(self.verdict, Verdict::Retracted(_))
    }

    /// Whether it is proven: nothing may disprove it later.
    #[must_use]
    pub const fn is_proven(&self) -> bool {
        matches!((self.evidence, self.verdict), (Evidence::Seen, Verdict::Open) | (_, Verdict::Confirmed(_)))
    }
}

/// The first sight of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The end that did it; meaningless for a fact about the connection as a whole.
    pub side: Side,
    /// What was seen.
    pub fact: Fact,
    /// When, in Unix ns.
    pub time_ns: i64,
    /// The frame that showed it.
    pub frame: u64,
    /// The number that belongs to it, up to 2^48; 0 where none does.
    pub figure: u64,
}

/// Either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A transition.
    Transition(Transition),
    /// A fact.
    Sighting(Sighting),
}

const FRAME_BITS: u32 = 48;
const FRAME_MASK: u64 = (1 << FRAME_BITS) - 1;

const OPEN: u64 = 0;
const CONFIRMED: u64 = 1;
const RETRACTED: u64 = 2;

/// What became of a transition, and the frame that showed it.
const fn verdict_in_bits(verdict: Verdict) -> (u64, u64) {
    match verdict {
        Verdict::Open => (OPEN, 0),
        Verdict::Confirmed(frame) => (CONFIRMED, frame),
        Verdict::Retracted(frame) => (RETRACTED, frame),
    }
}

/// 24 bytes: time; frame and what happened; the frame of the verdict and why.
#[derive(Clone, Copy)]
struct Packed {
    time_ns: i64,
    /// frame | side (1 bit) | from (4) | to (4) | evidence (2) | verdict (2) | is a fact (1)
    what: u64,
    /// frame of the verdict | cue or fact (8)
    why: u64,
}

impl Packed {
    fn transition(t: &Transition) -> Self {
        let (verdict, settled) = verdict_in_bits(t.verdict);
        let bits = (t.side as u64 & 1)
            | (t.from as u64) << 1
            | (t.to as u64) << 5
            | (t.evidence as u64) << 9
            | verdict << 11;
        Self {
            time_ns: t.time_ns,
            what: (t.frame & FRAME_MASK) | bits << FRAME_BITS,
            why: (settled & FRAME_MASK) | (t.cue as u64) << FRAME_BITS,
        }
    }

    fn sighting(s: &Sighting) -> Self {
        Self {
            time_ns: s.time_ns,
            what: (s.frame & FRAME_MASK) | ((s.side as u64 & 1) | 1 << 13) << FRAME_BITS,
            why: s.figure.min(FRAME_MASK) | (s.fact as u64) << FRAME_BITS,
        }
    }

    const fn bits(self) -> u64 {
        self.what >> FRAME_BITS
    }

    const fn side(self) -> Side {
        (self.bits() & 1) as Side
    }

    const fn is_sighting(self) -> bool {
        self.bits() >> 13 & 1 == 1
    }

    /// Whether it is a transition of `side` that is believed.
    const fn is_believed_of(self, side: Side) -> bool {
        self.side() == side && self.verdict_bits() != RETRACTED && !self.is_sighting()
    }

    /// Whether it is a transition that is believed and not proven.
    const fn is_unproven(self) -> bool {
        let is_open = self.verdict_bits() == OPEN && !self.is_sighting();
        is_open && self.bits() >> 9 & 3 != Evidence::Seen as u64
    }

    const fn verdict_bits(self) -> u64 {
        self.bits() >> 11 & 3
    }

    fn settle(&mut self, verdict: Verdict) {
        let (verdict, settled) = verdict_in_bits(verdict);
        self.what = self.what & !(3 << (FRAME_BITS + 11)) | verdict << (FRAME_BITS + 11);
        self.why = self.why & !FRAME_MASK | settled & FRAME_MASK;
    }

    fn unpack(&self) -> Entry {
        let bits = self.bits();
        let (side, frame) = (self.side(), self.what & FRAME_MASK);
        let (settled, why) = (self.why & FRAME_MASK, (self.why >> FRAME_BITS) as usize);
        if self.is_sighting() {
            return Entry::Sighting(Sighting {
                side,
                fact: Fact::ALL[why],
                time_ns: self.time_ns,
                frame,
                figure: settled,
            });
        }
        Entry::Transition(Transition {
            side,
            from: State::from_number((bits >> 1 & 15) as u8),
            to: State::from_number((bits >> 5 & 15) as u8),
            time_ns: self.time_ns,
            frame,
            cue: Cue::ALL[why],
            evidence: Evidence::from_number((bits >> 9 & 3) as u8),
            verdict: match self.verdict_bits() {
                OPEN => Verdict::Open,
                CONFIRMED => Verdict::Confirmed(settled),
                _ => Verdict::Retracted(settled),
            },
        })
    }
}

/// The log of one connection.
#[derive(Clone, Default)]
pub struct Log {
    entries: Vec<Packed>,
    /// How many transitions of each end are believed and not proven. Mostly none is: then nobody need look for one.
    unproven: [u8; 2],
}

impl Log {
    /// No connection that lives as the document says needs a tenth of this; a hostile one gets no more.
    const LONGEST: usize = 200;
    /// Opening takes four entries, and closing about eight more. Doubling would waste a third of all memory.
    const OPENING: usize = 4;
    const STEP: usize = 8;

    fn push(&mut self, packed: Packed) -> bool {
        if self.entries.len() >= Self::LONGEST {
            return false;
        }
        if self.entries.len() == self.entries.capacity() {
            self.entries.reserve_exact(if self.entries.is_empty() { Self::OPENING } else { Self::STEP });
        }
        self.entries.push(packed);
        true
    }

    /// Adds a transition. False where the log is full.
    pub fn add(&mut self, transition: &Transition) -> bool {
        let packed = Packed::transition(transition);
        let added = self.push(packed);
        self.unproven[packed.side()] += u8::from(added && packed.is_unproven());
        added
    }

    /// Adds the first sight of a fact. False where the log is full.
    pub fn note(&mut self, sighting: &Sighting) -> bool {
        self.push(Packed::sighting(sighting))
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Entry> {
        self.entries.get(index).map(Packed::unpack)
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = Entry> + '_ {
        self.entries.iter().map(Packed::unpack)
    }

    /// The transitions, oldest first.
    pub fn transitions(&self) -> impl DoubleEndedIterator<Item = Transition> + '_ {
        self.entries().filter_map(|entry| match entry {
            Entry::Transition(transition) => Some(transition),
            Entry::Sighting(_) => None,
        })
    }

    /// The believed transitions of one end with their places in the log, newest first.
    pub fn believed_backward(&self, side: Side) -> impl Iterator<Item = (usize, Transition)> + '_ {
        let believed = self.entries.iter().enumerate().rev().filter(move |(_, p)| p.is_believed_of(side));
        believed.filter_map(|(index, packed)| match packed.unpack() {
            Entry::Transition(transition) => Some((index, transition)),
            Entry::Sighting(_) => None,
        })
    }

    /// Whether a believed transition of `side` may still be disproved.
    #[must_use]
    pub const fn has_unproven(&self, side: Side) -> bool {
        self.unproven[side] > 0
    }

    /// Whether all that is believed is proven.
    #[must_use]
    #[inline]
    pub const fn is_proven(&self) -> bool {
        self.unproven[0] == 0 && self.unproven[1] == 0
    }

    /// Sets what became of the transition at `index`.
    pub fn settle(&mut self, index: usize, verdict: Verdict) {
        if let Some(packed) = self.entries.get_mut(index)
            && !packed.is_sighting()
        {
            let count = &mut self.unproven[packed.side()];
            *count -= u8::from(packed.is_unproven());
            packed.settle(verdict);
            *count += u8::from(packed.is_unproven());
        }
    }

    /// Raises the number that belongs to a fact noted before.
    pub fn raise_figure(&mut self, side: Side, fact: Fact, figure: u64) {
        for packed in &mut self.entries {
            if let Entry::Sighting(mut sighting) = packed.unpack()
                && (sighting.side, sighting.fact) == (side, fact)
            {
                sighting.figure = sighting.figure.max(figure);
                *packed = Packed::sighting(&sighting);
            }
        }
    }

    /// Has the memory of the log fetched. The sum means nothing.
    #[must_use]
    pub fn touch(&self) -> u64 {
        const A_LINE: usize = 2;
        self.entries.iter().step_by(A_LINE).fold(0, |sum, entry| sum ^ entry.what)
    }

    /// Bytes of heap in use.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Packed>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_survive_packing() {
        assert_eq!(size_of::<Packed>(), 24);
        let transition = Transition {
            side: 1,
            from: State::LastAck,
            to: State::Closed,
            time_ns: -5,
            frame: (1 << 48) - 1,
            cue: *Cue::ALL.last().unwrap(),
            evidence: Evidence::Timer,
            verdict: Verdict::Retracted(77),
        };
        let sighting =
            Sighting { side: 1, fact: *Fact::ALL.last().unwrap(), time_ns: i64::MAX, frame: 3, figure: 12 };
        let mut log = Log::default();
        assert!(log.add(&transition) && log.note(&sighting));
        assert_eq!(
            log.entries().collect::<Vec<_>>(),
            [Entry::Transition(transition), Entry::Sighting(sighting)]
        );
        log.settle(0, Verdict::Confirmed(9));
        assert_eq!(log.transitions().next().unwrap().verdict, Verdict::Confirmed(9));
    }

    #[test]
    fn what_is_not_proven_is_counted() {
        let presumed = Transition {
            side: 1,
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
        assert!(log.has_unproven(1) && !log.has_unproven(0));
        log.settle(0, Verdict::Confirmed(2));
        assert!(!log.has_unproven(1));
        log.settle(0, Verdict::Open);
        assert!(log.has_unproven(1));
        log.settle(0, Verdict::Retracted(3));
        assert!(!log.has_unproven(1));
    }
}
