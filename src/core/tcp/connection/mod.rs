//! One connection: two endpoints, and the log of what happened to them.

use crate::segment::Segment;
use crate::tcp::connection::entry::{Sighting, Transition, Verdict};
use crate::tcp::connection::log::{Log, Room};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::marks::{mark, owns};
use crate::tcp::machine::cue::{Cue, Evidence};
use crate::tcp::machine::fact::{Fact, Facts};
use crate::tcp::machine::side::Side;
use crate::tcp::machine::state::State;
use crate::tcp::machine::table::{self, Step};
use crate::tcp::machine::thresholds::DISPROVED_OFTEN;
use serde::{Deserialize, Serialize};

owns!(Client, DoubtsBefore, StampWentBack);

mod doubts;
pub mod entry;
pub mod log;
mod memory;
mod pace;
mod packed;
pub mod parts;
mod pauses;
mod squeezed;
mod stamps;
pub mod stray;
#[cfg(test)]
mod testing;
pub mod turns;

pub use memory::KeptBeside;
pub use pace::Pace;
pub use parts::Parts;
pub use pauses::Pause;
pub use stray::Stray;
pub use turns::{LongestTurns, Turns};

/// When, and by which frame, something was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Unix ns.
    pub time_ns: i64,
    /// Frame number.
    pub frame: u64,
}

impl At {
    /// When, and in which frame, a segment was captured.
    #[must_use]
    #[inline]
    pub const fn of(segment: &Segment) -> Self {
        Self { time_ns: segment.time_ns, frame: segment.frame }
    }
}

/// How the client was told from the server, from the weakest way to the strongest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Direction {
    /// It sent the first segment captured.
    #[default]
    FirstSender,
    /// It was sent a SYN,ACK, or its acknowledgement shows that.
    SynAck,
    /// It sent a SYN.
    Syn,
}

/// One connection. The fields that a segment in order needs come first, up to the beginning of the log: a test holds
/// that they lie in five cache lines.
#[derive(Clone, Default, Serialize, Deserialize)]
#[repr(C)]
pub struct Connection {
    /// The frame of its last segment.
    last_frame: u64,
    /// A SYN in its middle that may open the next connection.
    stray: Option<Box<Stray>>,
    /// The last pause of both ends.
    pause: Option<Box<Pause>>,
    /// Both ends; the flow key says which is which.
    ends: [Endpoint; 2],
    /// How long both took to speak.
    turns: Turns,
    /// The latest time stamp of each end.
    stamps: [u32; 2],
    /// The log of both ends.
    log: Log,
    /// The frame of its first segment.
    first_frame: u64,
    /// SYN to the acknowledgement of the SYN,ACK, in ns; 0 where it could not be measured.
    handshake_ns: i64,
    /// The longest that each took to speak.
    longest_turns: LongestTurns,
    /// How the client is known; a mark says which end it is.
    direction: Direction,
}

impl Connection {
    /// A connection whose first segment `opener` sent, with an empty log to write to.
    #[must_use]
    pub fn begun_by(opener: Side, log: Log) -> Self {
        let mut connection = Self { log, ..Self::default() };
        connection.mark_client(opener);
        connection
    }

    /// One end.
    #[must_use]
    #[inline]
    pub const fn end(&self, side: Side) -> &Endpoint {
        &self.ends[side as usize]
    }

    /// Both ends.
    #[must_use]
    #[inline]
    pub const fn ends(&self) -> &[Endpoint; 2] {
        &self.ends
    }

    /// One end, to be changed.
    #[inline]
    pub(in crate::tcp) const fn end_mut(&mut self, side: Side) -> &mut Endpoint {
        &mut self.ends[side as usize]
    }

    /// Both ends, to be changed.
    pub(in crate::tcp) const fn ends_mut(&mut self) -> &mut [Endpoint; 2] {
        &mut self.ends
    }

    /// The facts about the connection as a whole: one end keeps them.
    #[must_use]
    pub fn whole_facts(&self) -> Facts {
        self.ends[0].facts().and(Facts::OF_CONNECTION)
    }

    /// The log of both ends.
    #[must_use]
    #[inline]
    pub const fn log(&self) -> &Log {
        &self.log
    }

    /// SYN to the acknowledgement of the SYN,ACK, in ns; 0 where it could not be measured.
    #[must_use]
    pub const fn handshake_ns(&self) -> i64 {
        self.handshake_ns
    }

    /// Sets the time of the handshake to that from the SYN to its answer, in ns.
    pub(in crate::tcp) fn measure_handshake(&mut self, rtt_ns: i64) {
        self.handshake_ns = rtt_ns.max(0);
    }

    /// Adds the time from the SYN,ACK to its answer, in ns.
    pub(in crate::tcp) fn lengthen_handshake(&mut self, rtt_ns: i64) {
        self.handshake_ns += rtt_ns.max(0);
    }

    /// Which end is the client.
    #[must_use]
    #[inline]
    pub const fn client(&self) -> Side {
        Side::high_if(self.ends[Side::High as usize].marks().is_client())
    }

    fn mark_client(&mut self, side: Side) {
        self.ends[side].set_mark(mark::Client, true, ME);
        self.ends[side.other()].set_mark(mark::Client, false, ME);
    }

    /// How that is known.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// Whether both ends are open.
    #[must_use]
    #[inline]
    pub const fn is_open(&self) -> bool {
        let [low, high] = &self.ends;
        low.state().differs(State::Established) | high.state().differs(State::Established) == 0
    }

    /// Squeezes its log once both ends are over. Returns the room that this leaves, for another log.
    pub fn squeeze_log(&mut self) -> Option<Room> {
        let is_over = self.ends.iter().all(|end| end.state().is_over());
        if is_over { self.log.squeeze() } else { None }
    }

    /// Gives each entry of its log room of its own again, in the room given if there is any. Returns the room that is not
    /// needed.
    pub fn loosen_log(&mut self, room: Option<Room>) -> Option<Room> {
        self.log.loosen(room)
    }

    /// Whether neither end has anything left of the connection.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.ends.iter().all(|end| matches!(end.state(), State::Closed | State::Unknown | State::Listen))
            && self.ends.iter().any(|end| end.state() == State::Closed)
    }

    /// Whether both ends began with the numbers that they began `other` with.
    #[must_use]
    pub fn has_numbers_of(&self, other: &Self) -> bool {
        let same = |end: &Endpoint, then: &Endpoint| {
            end.marks().has_iss() && then.marks().has_iss() && end.iss() == then.iss()
        };
        self.ends.iter().zip(&other.ends).all(|(end, then)| same(end, then))
    }

    /// Whether only SYNs, FINs and resets were captured since the opening: filters that keep no more are common. Octets and
    /// acknowledgements are then left out, not missing.
    #[must_use]
    pub fn holds_only_control(&self) -> bool {
        self.ends.iter().all(|end| end.marks().has_iss() && !end.marks().carried_on())
    }

    /// Whether acknowledged octets are missing though both directions are captured. If only one direction is captured, all of
    /// the other is missing, and that is no loss.
    #[must_use]
    pub fn lacks_frames(&self) -> bool {
        self.has(Side::Low, Fact::FramesMissing) && self.ends.iter().all(|end| end.frames() > 0)
    }

    /// Names `side` the client, unless stronger evidence has already named one.
    pub fn name_client(&mut self, side: Side, direction: Direction) {
        if direction > self.direction {
            self.mark_client(side);
            self.direction = direction;
        }
    }

    /// Notes that the time stamp of the SYN of `side` is older than that of the last SYN of its host to the same other.
    pub fn take_stamp_for_older(&mut self, side: Side) {
        self.ends[side].note_mark(mark::StampWentBack, ME);
    }

    /// Notes that `side` has sent a SYN, though not in this incarnation.
    pub fn take_as_opener(&mut self, side: Side) {
        self.ends[side].note_active_open();
    }

    /// Takes over from the incarnation before, of the same hosts, whose checksums are known to be right.
    pub fn judge_sums_as(&mut self, before: &Self) {
        for side in Side::BOTH {
            let are_right = before.ends[side].marks().sums_are_right();
            self.ends[side].trust_sums(are_right);
        }
    }

    /// Notes whether the further segments of `side` may yet prove that its SYN ended the incarnation before.
    pub fn take_before_as_doubted(&mut self, side: Side, is_doubted: bool) {
        self.ends[side].set_mark(mark::DoubtsBefore, is_doubted, ME);
    }

    /// Notes a fact, with its first sight.
    pub fn note(&mut self, side: Side, fact: Fact, at: At) {
        self.note_figure(side, fact, 0, at);
    }

    /// Notes a fact and its number, of which the largest is kept. Most segments show none.
    #[cold]
    #[inline(never)]
    pub fn note_figure(&mut self, side: Side, fact: Fact, figure: u64, at: At) {
        let holder = holder(side, fact);
        if self.ends[holder].add_fact(fact) {
            self.log.note(&Sighting { side: holder, fact, time_ns: at.time_ns, frame: at.frame, figure });
        } else if figure > 0 {
            self.log.raise_figure(holder, fact, figure);
        }
    }

    /// The same, if the least number counts.
    pub fn note_least(&mut self, side: Side, fact: Fact, figure: u64, at: At) {
        if self.has(side, fact) && figure > 0 {
            self.log.lower_figure(holder(side, fact), fact, figure);
        } else {
            self.note_figure(side, fact, figure, at);
        }
    }

    /// Whether a fact about `side`, or about the connection as a whole, has been noted.
    #[must_use]
    pub fn has(&self, side: Side, fact: Fact) -> bool {
        self.ends[holder(side, fact)].has_fact(fact)
    }

    /// The transition that brought `side` to its state.
    #[must_use]
    pub fn grounds(&self, side: Side) -> Option<Transition> {
        self.log.grounds(side)
    }

    /// Whether `side` is open or was, and that is proven.
    #[must_use]
    pub fn has_proven_open(&self, side: Side) -> bool {
        self.log.stands_proven(side) && self.ends[side].state().is_synchronized()
    }

    /// Whether `side` is believed to have moved by `cue`, and that is not proven.
    #[must_use]
    pub fn presumes(&self, side: Side, cue: Cue) -> bool {
        self.log.presumes(side, cue)
    }

    /// When the segment was captured that moved `side` by `cue`, if that is believed and not proven.
    pub(super) fn presumed_at(&self, side: Side, cue: Cue) -> Option<i64> {
        self.log.presumed_at(side, cue)
    }

    /// Applies a cue to one end: the table says what follows. True if anything did.
    #[inline(always)]
    pub fn apply(&mut self, side: Side, cue: Cue, at: At) -> bool {
        match table::step(self.ends[side].state(), cue) {
            Step::Nothing => false,
            Step::Enter(to, evidence) => self.enter(side, to, cue, evidence, at),
            Step::Confirm(cause) => {
                self.log.doubts(side, cause) && {
                    self.log.confirm(side, cause, Verdict::Confirmed(at.frame))
                }
            }
            step => self.undo_by(step, side, at),
        }
    }

    /// Notes that what was presumed of `side` by `cue` has happened, then or later.
    pub fn settle(&mut self, side: Side, cue: Cue) {
        self.log.confirm(side, cue, Verdict::Undated);
    }

    /// The steps that undo something. Few do, and callers are many: apart from what they all do, these keep their code short.
    #[cold]
    #[inline(never)]
    fn undo_by(&mut self, step: Step, side: Side, at: At) -> bool {
        match step {
            Step::Undo(cause) => self.log.doubts(side, cause) && self.disprove(side, cause, at),
            Step::UndoTimer => self.undo(side, at, |_, evidence| evidence == Evidence::Timer),
            Step::Nothing | Step::Enter(..) | Step::Confirm(_) => false,
        }
    }

    /// Downgrades the state of `side` to presumed, by `cause`: a segment had shown it, and its receiver has not taken that
    /// segment.
    pub fn doubt(&mut self, side: Side, seen: Cue, cause: Cue) {
        self.log.doubt(side, seen, cause);
    }

    /// Takes back the proof that `side` moved to its state by `cause`, or by `seen`: it is a presumption by `cause`.
    pub fn doubt_grounds(&mut self, side: Side, seen: Cue, cause: Cue) {
        self.log.doubt_grounds(side, seen, cause);
    }

    /// Retracts a presumption by `cause`, and remembers that one like it has been disproved.
    fn disprove(&mut self, side: Side, cause: Cue, at: At) -> bool {
        let undone = self.undo(side, at, |cue, _| cue == cause);
        if undone && matches!(cause, Cue::ReceivedAckOfSyn | Cue::ReceivedAckOfFin | Cue::ReceivedSynAck) {
            self.ends[side].count_undone();
        }
        if undone && cause == Cue::ReceivedRst {
            self.ends[side].count_undone_reset();
        }
        undone
    }

    #[inline(never)]
    fn enter(&mut self, side: Side, to: State, cue: Cue, evidence: Evidence, at: At) -> bool {
        let end = &mut self.ends[side];
        let first_move = end.state() == State::Unknown;
        if first_move {
            // Only an end that was listening answers a SYN, and only an end that had nothing sends one.
            end.begin_in(match to {
                State::SynRecv => State::Listen,
                State::SynSent => State::Closed,
                _ => State::Unknown,
            });
        }
        let from = end.state();
        end.enter(to);
        // A transition from a state that is not proven is not certain either.
        let is_in_doubt = evidence == Evidence::Seen && !self.log.stands_proven(side);
        let evidence = if is_in_doubt { Evidence::Presumed } else { evidence };
        self.log.add(&Transition {
            side,
            from,
            to,
            time_ns: at.time_ns,
            frame: at.frame,
            cue,
            evidence,
            verdict: Verdict::Open,
        });
        true
    }

    /// Retracts what `is_cause` picks: see [`Log::retract`]. True if there was something to retract.
    fn undo(&mut self, side: Side, at: At, is_cause: impl Fn(Cue, Evidence) -> bool) -> bool {
        let before = self.log.retract(side, at.frame, is_cause);
        if let Some(before) = before {
            self.ends[side].enter(before);
        }
        before.is_some()
    }

    /// Presumes that `side` received what moves it by `cue`, unless presumptions like it have been disproved too often: then
    /// the presumption waits until silence speaks for it.
    pub fn presume(&mut self, side: Side, cue: Cue, at: At) {
        self.presume_unless(false, side, cue, at);
    }

    /// The same, with the caller's own reason to doubt.
    pub fn presume_unless(&mut self, doubtful: bool, side: Side, cue: Cue, at: At) {
        if !doubtful && self.ends[side].undone() < DISPROVED_OFTEN {
            self.apply(side, cue, at);
        } else if table::step(self.ends[side].state(), cue) != Step::Nothing {
            self.ends[side].put_off(at.time_ns, at.frame);
        }
    }

    /// Presumes that `side` received a reset that it has to accept, unless resets have been disproved too often. One more
    /// reset, without a segment of `side` since the last, is believed again.
    pub fn presume_reset(&mut self, side: Side, at: At) {
        if self.ends[side].may_ignore_reset() {
            self.ends[side].ignore_reset(at.time_ns);
        } else {
            self.apply(side, Cue::ReceivedRst, at);
        }
    }
}

/// The end that keeps a fact about `side`: a fact about the connection as a whole has its own place.
const fn holder(side: Side, fact: Fact) -> Side {
    if fact.is_of_connection() { Side::Low } else { side }
}
