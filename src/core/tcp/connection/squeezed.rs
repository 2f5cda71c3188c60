//! The entries of a log in as few bytes as they take, for a connection that is over and will hardly add another: a
//! fourth of what they take otherwise, and most of that they share.
//!
//! ```text
//! once           all times are whole microseconds 1 byte
//! entry          as the entry before: same instant 1 | side 1 | is a fact 1 | verdict 2 | states are told 1 | evidence 2
//!                number of the cue or fact: 1 byte below 128
//!                | from 4 | to 4, where they are told: they do not follow from the entry before and the table
//!                time, frame: by how much they differ from those before, where they do
//!                settled by which frame, where it is; of a fact, its figure
//! ```
//!
//! Numbers are in groups of seven bits, the lowest first; the eighth bit says that another follows.

use crate::tcp::connection::entry::{Entry, Sighting, Transition, Verdict};
use crate::tcp::connection::packed::Packed;
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::fact::Fact;
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::table::{self, Step};

const SAME_INSTANT: u8 = 1;
const SIDE: u8 = 1 << 1;
const IS_FACT: u8 = 1 << 2;
const VERDICT: u32 = 3;
const STATES: u8 = 1 << 5;
const EVIDENCE: u32 = 6;

const MICROSECOND: i64 = 1000;

/// The context in which an entry is read: the instant of the entry before, and the state of each end after its last one.
#[derive(Clone, Copy, Default)]
struct Before {
    time: i64,
    frame: u64,
    states: [State; 2],
}

/// The bytes of a log.
pub(super) struct Squeezed {
    bytes: [u8; Self::MOST],
    length: usize,
}

impl Squeezed {
    /// More than the log of a connection takes that follows the document.
    const MOST: usize = 7 * Packed::BYTES;

    /// The bytes of some entries; `None` if they exceed the room that there is.
    pub fn of(entries: impl Iterator<Item = Packed> + Clone) -> Option<Self> {
        let in_microseconds = entries.clone().all(|packed| packed.time_ns() % MICROSECOND == 0);
        let unit = if in_microseconds { MICROSECOND } else { 1 };
        let mut squeezed = Self { bytes: [0; Self::MOST], length: 0 };
        let mut before = Before::default();
        squeezed.put(u8::from(in_microseconds))?;
        for packed in entries {
            match packed.unpack() {
                Entry::Transition(t) => squeezed.put_transition(&mut before, &t, t.time_ns / unit)?,
                Entry::Sighting(s) => squeezed.put_sighting(&mut before, &s, s.time_ns / unit)?,
            }
        }
        Some(squeezed)
    }

    #[inline]
    fn put(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.length)? = byte;
        self.length += 1;
        Some(())
    }

    #[inline]
    fn put_number(&mut self, mut number: u64) -> Option<()> {
        while number > 0x7f {
            self.put(number as u8 | 0x80)?;
            number >>= 7;
        }
        self.put(number as u8)
    }

    /// Small if the difference is small, whichever of them is larger.
    #[inline]
    fn put_difference(&mut self, than: i64, number: i64) -> Option<()> {
        let more = number.wrapping_sub(than);
        self.put_number((more << 1 ^ more >> 63).cast_unsigned())
    }

    #[inline]
    fn put_instant(&mut self, before: &mut Before, time: i64, frame: u64) -> Option<()> {
        if (before.time, before.frame) != (time, frame) {
            self.put_difference(before.time, time)?;
            self.put_difference(before.frame.cast_signed(), frame.cast_signed())?;
            (before.time, before.frame) = (time, frame);
        }
        Some(())
    }

    #[inline]
    fn put_transition(&mut self, before: &mut Before, t: &Transition, time: i64) -> Option<()> {
        let follows = before.states[t.side] == t.from
            && matches!(table::step(t.from, t.cue), Step::Enter(to, _) if to == t.to);
        let (verdict, settled) = match t.verdict {
            Verdict::Open => (0, None),
            Verdict::Confirmed(frame) => (1, Some(frame)),
            Verdict::Undated => (3, None),
            Verdict::Retracted(frame) => (2, Some(frame)),
        };
        let states = if follows { 0 } else { STATES };
        let head = (t.evidence as u8) << EVIDENCE | verdict << VERDICT | states;
        self.put(head | shared_bits(before, t.side, time, t.frame))?;
        self.put_number(u64::from(t.cue.number()))?;
        if !follows {
            self.put((t.from as u8) << 4 | t.to as u8)?;
        }
        before.states[t.side] = t.to;
        self.put_instant(before, time, t.frame)?;
        match settled {
            Some(frame) => self.put_difference(t.frame.cast_signed(), frame.cast_signed()),
            None => Some(()),
        }
    }

    fn put_sighting(&mut self, before: &mut Before, s: &Sighting, time: i64) -> Option<()> {
        self.put(IS_FACT | shared_bits(before, s.side, time, s.frame))?;
        self.put_number(u64::from(s.fact.number()))?;
        self.put_instant(before, time, s.frame)?;
        self.put_number(s.figure)
    }

    /// The room for entries that they are kept in.
    pub fn units(&self) -> impl ExactSizeIterator<Item = Packed> + '_ {
        let whole = self.length.next_multiple_of(Packed::BYTES);
        self.bytes[..whole].chunks_exact(Packed::BYTES).map(Packed::holding)
    }

    /// The entries whose bytes are kept in such room, one after the other: as many as were put in, followed by any number of
    /// others.
    pub fn entries<'a>(units: impl Iterator<Item = &'a Packed>) -> Entries {
        let mut bytes = [0; Self::MOST];
        for (room, unit) in bytes.chunks_exact_mut(Packed::BYTES).zip(units) {
            unit.give_back(room);
        }
        let unit = if bytes[0] == 1 { MICROSECOND } else { 1 };
        Entries { bytes, at: 1, unit, before: Before::default() }
    }
}

#[inline]
fn shared_bits(before: &Before, side: Side, time: i64, frame: u64) -> u8 {
    let is_same = (before.time, before.frame) == (time, frame);
    (if is_same { SAME_INSTANT } else { 0 }) | if side == Side::High { SIDE } else { 0 }
}

/// The entries of a squeezed log.
pub(super) struct Entries {
    bytes: [u8; Squeezed::MOST],
    at: usize,
    unit: i64,
    before: Before,
}

impl Entries {
    #[inline]
    fn take(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn take_number(&mut self) -> Option<u64> {
        let (mut number, mut bits) = (0, 0);
        loop {
            let byte = self.take()?;
            number |= u64::from(byte & 0x7f).checked_shl(bits)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
            bits += 7;
        }
    }

    #[inline]
    fn take_difference(&mut self, than: i64) -> Option<i64> {
        let told = self.take_number()?;
        Some(than.wrapping_add((told >> 1).cast_signed() ^ -(told & 1).cast_signed()))
    }

    fn take_sighting(&mut self, side: Side, why: usize) -> Option<Packed> {
        let (fact, figure) = (*Fact::ALL.get(why)?, self.take_number()?);
        let (time_ns, frame) = (self.before.time.wrapping_mul(self.unit), self.before.frame);
        Some(Packed::sighting(&Sighting { side, fact, time_ns, frame, figure }))
    }

    /// The states of a transition: told, or by the table.
    #[inline]
    fn read_states(&mut self, side: Side, cue: Cue, told: Option<u8>) -> Option<(State, State)> {
        let from = told.map_or(self.before.states[side], |told| State::from_number(told >> 4));
        let to = match (told, table::step(from, cue)) {
            (Some(told), _) => State::from_number(told & 0xf),
            (None, Step::Enter(to, _)) => to,
            (None, _) => return None,
        };
        self.before.states[side] = to;
        Some((from, to))
    }
}

impl Iterator for Entries {
    type Item = Packed;

    #[inline]
    fn next(&mut self) -> Option<Packed> {
        let (head, why) = (self.take()?, usize::try_from(self.take_number()?).ok()?);
        let side = Side::high_if(head & SIDE != 0);
        let told = if head & STATES != 0 { Some(self.take()?) } else { None };
        if head & SAME_INSTANT == 0 {
            self.before.time = self.take_difference(self.before.time)?;
            self.before.frame = self.take_difference(self.before.frame.cast_signed())?.cast_unsigned();
        }
        if head & IS_FACT != 0 {
            return self.take_sighting(side, why);
        }
        let cue = *Cue::ALL.get(why)?;
        let (from, to) = self.read_states(side, cue, told)?;
        let (time_ns, frame) = (self.before.time.wrapping_mul(self.unit), self.before.frame);
        let verdict = match head >> VERDICT & 3 {
            0 => Verdict::Open,
            3 => Verdict::Undated,
            kind => {
                let settled = self.take_difference(frame.cast_signed())?.cast_unsigned();
                if kind == 1 { Verdict::Confirmed(settled) } else { Verdict::Retracted(settled) }
            }
        };
        let evidence = Evidence::from_number(head >> EVIDENCE);
        Some(Packed::transition(&Transition { side, from, to, time_ns, frame, cue, evidence, verdict }))
    }
}
