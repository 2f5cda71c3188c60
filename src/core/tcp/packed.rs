//! An entry of the log in 24 bytes: logs are short, and there may be millions. Frame numbers have 48 bits.

use super::cue::{Cue, Evidence};
use super::fact::Fact;
use super::log::{Entry, Side, Sighting, Transition, Verdict};
use super::state::State;

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
#[derive(Clone, Copy, Default)]
pub(super) struct Packed {
    time_ns: i64,
    /// frame | side (1 bit) | from (4) | to (4) | evidence (2) | verdict (2) | is a fact (1)
    what: u64,
    /// frame of the verdict | cue or fact (8)
    why: u64,
}

impl Packed {
    pub fn transition(t: &Transition) -> Self {
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

    pub fn sighting(s: &Sighting) -> Self {
        Self {
            time_ns: s.time_ns,
            what: (s.frame & FRAME_MASK) | ((s.side as u64 & 1) | 1 << 13) << FRAME_BITS,
            why: s.figure.min(FRAME_MASK) | (s.fact as u64) << FRAME_BITS,
        }
    }

    const fn bits(self) -> u64 {
        self.what >> FRAME_BITS
    }

    pub const fn side(self) -> Side {
        (self.bits() & 1) as Side
    }

    pub const fn is_sighting(self) -> bool {
        self.bits() >> 13 & 1 == 1
    }

    /// Whether it is a transition of `side` that is believed.
    pub const fn is_believed_of(self, side: Side) -> bool {
        self.side() == side && self.verdict_bits() != RETRACTED && !self.is_sighting()
    }

    /// Whether it is a transition that is believed and not proven.
    pub const fn is_unproven(self) -> bool {
        let is_open = self.verdict_bits() == OPEN && !self.is_sighting();
        is_open && self.bits() >> 9 & 3 != Evidence::Seen as u64
    }

    /// The state left.
    pub fn from(self) -> State {
        State::from_number((self.bits() >> 1 & 15) as u8)
    }

    /// What it meant to the end.
    pub fn cue(self) -> Cue {
        Cue::ALL[(self.why >> FRAME_BITS) as usize]
    }

    /// How it is known.
    pub fn evidence(self) -> Evidence {
        Evidence::from_number((self.bits() >> 9 & 3) as u8)
    }

    const fn verdict_bits(self) -> u64 {
        self.bits() >> 11 & 3
    }

    pub fn settle(&mut self, verdict: Verdict) {
        let (verdict, settled) = verdict_in_bits(verdict);
        self.what = self.what & !(3 << (FRAME_BITS + 11)) | verdict << (FRAME_BITS + 11);
        self.why = self.why & !FRAME_MASK | settled & FRAME_MASK;
    }

    pub fn unpack(&self) -> Entry {
        let bits = self.bits();
        let (side, frame) = (self.side(), self.what & FRAME_MASK);
        let settled = self.why & FRAME_MASK;
        if self.is_sighting() {
            return Entry::Sighting(Sighting {
                side,
                fact: Fact::ALL[(self.why >> FRAME_BITS) as usize],
                time_ns: self.time_ns,
                frame,
                figure: settled,
            });
        }
        Entry::Transition(Transition {
            side,
            from: self.from(),
            to: State::from_number((bits >> 5 & 15) as u8),
            time_ns: self.time_ns,
            frame,
            cue: self.cue(),
            evidence: self.evidence(),
            verdict: match self.verdict_bits() {
                OPEN => Verdict::Open,
                CONFIRMED => Verdict::Confirmed(settled),
                _ => Verdict::Retracted(settled),
            },
        })
    }
}

const _: () = assert!(size_of::<Packed>() == 24);
