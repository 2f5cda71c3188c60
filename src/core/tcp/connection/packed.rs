//! An entry of the log in 20 bytes: logs are short, and there may be millions.
//!
//! ```text
//! time      64 bits                                                   when
//! frame     32 bits                                                   by which frame
//! other     32 bits                                                   settled by which frame, or the figure of the fact
//! kind      is a fact 1 | side 1 | number of the cue or fact 8 | frame, more of it 5
//!           | from 4 | to 4 | evidence 2 | verdict 2 | settled, more of it 5
//! ```
//!
//! A fact has neither states nor evidence nor verdict: its figure goes on over those 17 bits. Of more than 256 cues or facts the
//! numbers take more bits, and those of the frames fewer.

use crate::tcp::connection::entry::{Entry, Move, Sighting, Standing, Transition, Verdict};
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::number::Number;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use serde::{Deserialize, Serialize};

const OPEN: u32 = 0;
const CONFIRMED: u32 = 1;
const RETRACTED: u32 = 2;
/// Frames are counted from one: a transition that is confirmed by this one is only certain to have happened, then or later.
const NO_FRAME: u64 = 0;

/// How many bits of a frame number are kept: enough for a million frames a second all day long. A larger number is kept as the
/// largest.
const FRAME: u32 = 32 + MORE_FRAME;
const MORE_FRAME: u32 = FOR_WHY_AND_FRAME - WHY_BITS;
/// How many bits of a fact's figure are kept.
const FIGURE: u32 = 32 + MORE_FIGURE;
const MORE_FIGURE: u32 = 17;

/// The bits of `kind` that the number of a cue or fact and the rest of a frame number share.
const FOR_WHY_AND_FRAME: u32 = 13;
/// The bits of such a number.
const WHY_BITS: u32 = {
    let most = if Cue::ALL.len() > Fact::ALL.len() { Cue::ALL.len() } else { Fact::ALL.len() };
    let needed = (most - 1).ilog2() + 1;
    if needed > u8::BITS { needed } else { u8::BITS }
};
const WHY_MASK: u32 = (1 << WHY_BITS) - 1;

// Where the parts of `kind` begin.
const VERDICT: u32 = 5;
const EVIDENCE: u32 = 7;
const TO: u32 = 9;
const FROM: u32 = 13;
const FRAME_TOP: u32 = MORE_FIGURE;
const WHY: u32 = FRAME_TOP + MORE_FRAME;
const SIDE: u32 = WHY + WHY_BITS;
const IS_FACT: u32 = SIDE + 1;

const _: () = assert!(size_of::<Packed>() == 20 && IS_FACT == 31);

/// A verdict takes two bits, evidence too. Only retracted entries have the upper bit set, and entries that were seen
/// have none.
const TWO_BITS: u32 = 0b11;
const RETRACTED_BIT: u32 = 0b10 << VERDICT;
const _: () = assert!(RETRACTED == 0b10 && OPEN == 0 && CONFIRMED == 0b01 && Evidence::Seen as u32 == 0);

/// The standing of a transition by its verdict and, above that, its evidence.
const STANDINGS: [Standing; 16] = {
    let open = [Standing::Seen, Standing::Presumed, Standing::Implied, Standing::Timer];
    let mut standings = [Standing::Retracted; 16];
    let mut evidence = 0;
    while evidence < open.len() {
        standings[evidence << 2 | OPEN as usize] = open[evidence];
        standings[evidence << 2 | CONFIRMED as usize] = Standing::Confirmed;
        evidence += 1;
    }
    standings
};
const _: () = assert!(EVIDENCE == VERDICT + 2);

/// The entry.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Packed {
    /// Lower and upper half of the time: as a whole it would take up more room.
    time: [u32; 2],
    frame: u32,
    other: u32,
    kind: u32,
}

/// The lower 32 bits of a number, and those above. A number of more than `bits` bits counts as the largest that has so many.
const fn halves(number: u64, bits: u32) -> (u32, u32) {
    let most = (1 << bits) - 1;
    let number = if number > most { most } else { number };
    (number as u32, (number >> 32) as u32)
}

const fn whole(low: u32, high: u32) -> u64 {
    (high as u64) << 32 | low as u64
}

impl Packed {
    /// The bytes of one.
    pub const BYTES: usize = size_of::<Self>();

    /// The room of an entry with other bytes in it.
    pub fn holding(bytes: &[u8]) -> Self {
        let mut words =
            bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
        let mut next = || words.next().unwrap_or_default();
        Self { time: [next(), next()], frame: next(), other: next(), kind: next() }
    }

    /// Gives back the bytes that such room holds.
    pub fn give_back(self, bytes: &mut [u8]) {
        let words = [self.time[0], self.time[1], self.frame, self.other, self.kind];
        for (room, word) in bytes.chunks_exact_mut(4).zip(words) {
            room.copy_from_slice(&word.to_le_bytes());
        }
    }

    #[inline]
    fn new(time_ns: i64, frame: u64, side: Side, why: Number) -> Self {
        let (frame, frame_top) = halves(frame, FRAME);
        let kind = frame_top << FRAME_TOP | u32::from(why) << WHY | (side as u32) << SIDE;
        Self { time: [time_ns as u32, (time_ns >> 32) as u32], frame, other: 0, kind }
    }

    #[inline]
    pub fn transition(t: &Transition) -> Self {
        let mut packed = Self::new(t.time_ns, t.frame, t.side, t.cue.number());
        packed.kind |= (t.from as u32) << FROM | (t.to as u32) << TO | (t.evidence as u32) << EVIDENCE;
        packed.settle(t.verdict);
        packed
    }

    pub fn sighting(s: &Sighting) -> Self {
        let mut packed = Self::new(s.time_ns, s.frame, s.side, s.fact.number());
        let (figure, figure_top) = halves(s.figure, FIGURE);
        packed.other = figure;
        packed.kind |= 1 << IS_FACT | figure_top;
        packed
    }

    const fn part(self, at: u32, bits: u32) -> u32 {
        self.kind >> at & ((1 << bits) - 1)
    }

    const fn why(self) -> usize {
        self.part(WHY, WHY_BITS) as usize
    }

    pub const fn side(self) -> Side {
        Side::high_if(self.part(SIDE, 1) == 1)
    }

    pub const fn is_sighting(self) -> bool {
        self.part(IS_FACT, 1) == 1
    }

    /// Whether it is a believed transition of `side`.
    #[inline]
    pub const fn is_believed_of(self, side: Side) -> bool {
        self.kind & (1 << IS_FACT | 1 << SIDE | RETRACTED_BIT) == (side as u32) << SIDE
    }

    /// Whether it is a transition that is believed and not proven.
    #[inline]
    pub const fn is_unproven(self) -> bool {
        self.kind & (1 << IS_FACT | TWO_BITS << VERDICT) == 0 && self.kind & TWO_BITS << EVIDENCE != 0
    }

    /// Whether it is a transition by `cue`.
    #[inline]
    pub const fn is_by(self, cue: Cue) -> bool {
        self.kind & (1 << IS_FACT | WHY_MASK << WHY) == (cue as u32) << WHY
    }

    /// Whether it is a believed transition of `side` by `cue`.
    #[inline]
    pub const fn is_believed_by(self, side: Side, cue: Cue) -> bool {
        let asked = 1 << IS_FACT | 1 << SIDE | WHY_MASK << WHY | RETRACTED_BIT;
        self.kind & asked == (side as u32) << SIDE | (cue as u32) << WHY
    }

    /// When, in Unix ns.
    pub const fn time_ns(self) -> i64 {
        whole(self.time[0], self.time[1]).cast_signed()
    }

    /// The state left.
    pub fn from(self) -> State {
        State::from_number(self.part(FROM, 4) as u8)
    }

    /// The cue that caused it.
    pub fn cue(self) -> Cue {
        Cue::ALL[self.why()]
    }

    /// How it is known.
    pub fn evidence(self) -> Evidence {
        Evidence::from_number(self.part(EVIDENCE, 2) as u8)
    }

    pub fn settle(&mut self, verdict: Verdict) {
        const THESE: u32 = (1 << EVIDENCE) - 1;
        let (verdict, frame) = match verdict {
            Verdict::Open => (OPEN, 0),
            Verdict::Confirmed(frame) => (CONFIRMED, frame),
            Verdict::Undated => (CONFIRMED, NO_FRAME),
            Verdict::Retracted(frame) => (RETRACTED, frame),
        };
        let (settled, settled_top) = halves(frame, FRAME);
        self.other = settled;
        self.kind = self.kind & !THESE | verdict << VERDICT | settled_top;
    }

    /// The frame that proved or disproved it.
    #[inline]
    const fn settled_by(self) -> u64 {
        whole(self.other, self.part(0, MORE_FRAME))
    }

    /// As much of a transition as counting needs.
    #[inline]
    pub fn in_short(self) -> Move {
        let known = STANDINGS[self.part(VERDICT, 4) as usize];
        let is_undated = known == Standing::Confirmed && self.settled_by() == NO_FRAME;
        let standing = if is_undated { Standing::Undated } else { known };
        let to = State::from_number(self.part(TO, 4) as u8);
        Move { time_ns: self.time_ns(), side: self.side(), from: self.from(), to, standing }
    }

    pub fn unpack(&self) -> Entry {
        let side = self.side();
        let time_ns = self.time_ns();
        let frame = whole(self.frame, self.part(FRAME_TOP, MORE_FRAME));
        if self.is_sighting() {
            let figure = whole(self.other, self.part(0, MORE_FIGURE));
            return Entry::Sighting(Sighting { side, fact: Fact::ALL[self.why()], time_ns, frame, figure });
        }
        let settled = self.settled_by();
        Entry::Transition(Transition {
            side,
            from: self.from(),
            to: State::from_number(self.part(TO, 4) as u8),
            time_ns,
            frame,
            cue: self.cue(),
            evidence: self.evidence(),
            verdict: match self.part(VERDICT, 2) {
                OPEN => Verdict::Open,
                CONFIRMED if settled == NO_FRAME => Verdict::Undated,
                CONFIRMED => Verdict::Confirmed(settled),
                _ => Verdict::Retracted(settled),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_verdict() -> [Verdict; 4] {
        let most = (1 << FRAME) - 1;
        [Verdict::Open, Verdict::Confirmed(77), Verdict::Confirmed(most), Verdict::Retracted(most - 1)]
    }

    #[test]
    fn transitions_survive_packing() {
        for (index, cue) in Cue::ALL.iter().enumerate() {
            for verdict in every_verdict() {
                let transition = Transition {
                    side: Side::BOTH[index & 1],
                    from: State::ALL[index % State::ALL.len()],
                    to: State::ALL[(index / 2) % State::ALL.len()],
                    time_ns: [-5, 0, i64::MAX, i64::MIN][index % 4],
                    frame: [0, 1, (1 << FRAME) - 1][index % 3],
                    cue: *cue,
                    evidence: Evidence::ALL[index % 4],
                    verdict,
                };
                let mut packed = Packed::transition(&transition);
                assert_eq!(packed.unpack(), Entry::Transition(transition));
                let short = packed.in_short();
                assert_eq!((short.time_ns, short.side), (transition.time_ns, transition.side));
                assert_eq!((short.from, short.to), (transition.from, transition.to));
                assert_eq!(short.standing == Standing::Confirmed, matches!(verdict, Verdict::Confirmed(_)));
                assert_eq!(short.is_believed_of(transition.side), transition.is_believed());
                assert!(!short.is_believed_of(transition.side.other()));
                packed.settle(Verdict::Open);
                let open = Transition { verdict: Verdict::Open, ..transition };
                assert_eq!(packed.unpack(), Entry::Transition(open));
                assert_eq!(packed.in_short().standing as u8, transition.evidence as u8);
            }
        }
    }

    #[test]
    fn sightings_survive_packing() {
        for (index, fact) in Fact::ALL.iter().enumerate() {
            let figure = [0, 12, (1 << FIGURE) - 1][index % 3];
            let sighting =
                Sighting { side: Side::BOTH[index & 1], fact: *fact, time_ns: i64::MAX, frame: 3, figure };
            let packed = Packed::sighting(&sighting);
            assert_eq!(packed.unpack(), Entry::Sighting(sighting));
            assert!(!packed.is_believed_of(sighting.side) && !packed.is_unproven());
        }
    }

    #[test]
    fn a_figure_too_large_is_kept_as_the_largest() {
        let sighting =
            Sighting { side: Side::Low, fact: Fact::IdleGap, time_ns: 0, frame: u64::MAX, figure: u64::MAX };
        let Entry::Sighting(kept) = Packed::sighting(&sighting).unpack() else { panic!("a fact is a fact") };
        assert_eq!((kept.frame, kept.figure), ((1 << FRAME) - 1, (1 << FIGURE) - 1));
    }
}
