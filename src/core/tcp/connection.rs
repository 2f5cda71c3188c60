//! One connection: two endpoints, and the log of what happened to them.

use super::anew::Stray;
use super::cue::{Cue, Evidence};
use super::endpoint::Endpoint;
use super::entry::{Side, Sighting, Transition, Verdict};
use super::fact::Fact;
use super::log::Log;
use super::profile::{Profile, SECOND};
use super::state::State;
use super::table::{self, Step};
use crate::memory::ask_for;
use crate::segment::Segment;

/// When, and by which frame, something was learnt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Unix ns.
    pub time_ns: i64,
    /// Frame number.
    pub frame: u64,
}

/// What the tracker made of a segment, for a ladder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// Nothing out of the ordinary.
    #[default]
    Plain,
    /// The capture holds it twice.
    Duplicate,
    /// All of it was captured before.
    Retransmission,
    /// It fills a hole.
    OutOfOrder,
    /// Octets before it are missing.
    AfterHole,
    /// A keepalive probe.
    Keepalive,
    /// A probe of a zero window.
    WindowProbe,
    /// A SYN that changes nothing.
    Stray,
}

/// How the client was told from the server. The order is that of strength.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// It sent the first segment captured.
    #[default]
    FirstSender,
    /// It was sent a SYN,ACK, or its acknowledgement shows that.
    SynAck,
    /// It sent a SYN.
    Syn,
}

/// A silence of both ends.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    /// When it ended, in Unix ns.
    pub woke_ns: i64,
    /// How long it was, in ns.
    pub slept_ns: i64,
}

/// One connection. What segments ask for that only carry on comes first, up to the beginning of the log.
#[derive(Clone, Default)]
#[repr(C)]
pub struct Connection {
    /// The frame of its last segment.
    pub last_frame: u64,
    /// A SYN in its middle that may open the next connection.
    pub stray: Option<Box<Stray>>,
    /// The last pause of both ends.
    pub pause: Option<Box<Pause>>,
    /// Both ends; the flow key says which is which.
    pub ends: [Endpoint; 2],
    /// What happened.
    pub log: Log,
    /// The frame of its first segment.
    pub first_frame: u64,
    /// SYN to the acknowledgement of the SYN,ACK, in ns; 0 where it could not be measured.
    pub handshake_ns: i64,
    /// Which end is the client.
    pub client: u8,
    /// How that is known.
    pub direction: Direction,
}

impl Connection {
    /// When its last segment was captured, in Unix ns.
    #[must_use]
    pub fn last_ns(&self) -> i64 {
        self.ends[0].last_ns.max(self.ends[1].last_ns)
    }

    /// When its first segment was captured, in Unix ns.
    #[must_use]
    pub fn first_ns(&self) -> i64 {
        match (&self.ends[0], &self.ends[1]) {
            (a, b) if a.frames == 0 => b.first_ns,
            (a, b) if b.frames == 0 => a.first_ns,
            (a, b) => a.first_ns.min(b.first_ns),
        }
    }

    /// When the last pause of both ends ended, in Unix ns; 0 where there was none.
    #[must_use]
    pub fn woke_ns(&self) -> i64 {
        self.pause.as_ref().map_or(0, |pause| pause.woke_ns)
    }

    /// How long that pause was, in ns.
    #[must_use]
    pub fn slept_ns(&self) -> i64 {
        self.pause.as_ref().map_or(0, |pause| pause.slept_ns)
    }

    /// Whether neither end has anything left of it.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.ends.iter().all(|end| matches!(end.state, State::Closed | State::Unknown | State::Listen))
            && self.ends.iter().any(|end| end.state == State::Closed)
    }

    /// Whether nothing but SYNs, FINs and resets was captured, from the opening on: a filter that keeps no more is common.
    /// Octets and acknowledgements are not missing then, but left out.
    #[must_use]
    pub fn holds_only_control(&self) -> bool {
        self.ends.iter().all(|end| end.marks.has_iss() && !end.marks.carried_on())
    }

    /// Names `side` the client, unless stronger evidence has named one already.
    pub fn is_client(&mut self, side: Side, direction: Direction) {
        if direction > self.direction {
            self.client = side as u8;
            self.direction = direction;
        }
    }

    /// Takes note of a fact, with its first sight.
    pub fn note(&mut self, side: Side, fact: Fact, at: At) {
        self.note_figure(side, fact, 0, at);
    }

    /// Takes note of a fact and of the number that belongs to it, of which the largest is kept.
    pub fn note_figure(&mut self, side: Side, fact: Fact, figure: u64, at: At) {
        let holder = if fact.is_of_connection() { 0 } else { side };
        if self.ends[holder].facts.add(fact) {
            self.log.note(&Sighting { side: holder, fact, time_ns: at.time_ns, frame: at.frame, figure });
        } else if figure > 0 {
            self.log.raise_figure(holder, fact, figure);
        }
    }

    /// Whether a fact about `side`, or about the connection as a whole, has been noted.
    #[must_use]
    pub fn has(&self, side: Side, fact: Fact) -> bool {
        self.ends[if fact.is_of_connection() { 0 } else { side }].facts.has(fact)
    }

    /// The transition that brought `side` to its state.
    #[must_use]
    pub fn grounds(&self, side: Side) -> Option<Transition> {
        self.log.grounds(side)
    }

    /// Whether `side` is believed to have moved by `cue`, and that is not proven.
    #[must_use]
    pub fn presumes(&self, side: Side, cue: Cue) -> bool {
        self.log.presumes(side, cue)
    }

    /// When what moved `side` by `cue` was captured, where that is believed and not proven.
    pub(super) fn presumed_at(&self, side: Side, cue: Cue) -> Option<i64> {
        self.log.presumed_at(side, cue)
    }

    /// Applies a cue to one end: the table says what follows. True where something did.
    #[inline(always)]
    pub fn cue(&mut self, side: Side, cue: Cue, at: At) -> bool {
        match table::step(self.ends[side].state, cue) {
            Step::Nothing => false,
            Step::Enter(to, evidence) => self.enter(side, to, cue, evidence, at),
            Step::Confirm(cause) => self.log.doubts(side, cause) && self.log.confirm(side, cause, at.frame),
            Step::Undo(cause) => self.log.doubts(side, cause) && self.disprove(side, cause, at),
            Step::UndoTimer => self.undo(side, at, |_, evidence| evidence == Evidence::Timer),
        }
    }

    /// Retracts what was presumed by `cause`, and remembers that the like of it has been disproved.
    #[cold]
    fn disprove(&mut self, side: Side, cause: Cue, at: At) -> bool {
        let undone = self.undo(side, at, |cue, _| cue == cause);
        if undone && matches!(cause, Cue::ReceivedAckOfSyn | Cue::ReceivedAckOfFin | Cue::ReceivedSynAck) {
            let rare = self.ends[side].rare();
            rare.undone = rare.undone.saturating_add(1);
        }
        undone
    }

    #[inline(never)]
    fn enter(&mut self, side: Side, to: State, cue: Cue, evidence: Evidence, at: At) -> bool {
        let end = &mut self.ends[side];
        let first_move = end.state == State::Unknown;
        if first_move {
            // Only who was listening answers a SYN, and only who had nothing sends one.
            end.first_state = match to {
                State::SynRecv => State::Listen,
                State::SynSent => State::Closed,
                _ => State::Unknown,
            };
            end.state = end.first_state;
        }
        let from = end.state;
        end.state = to;
        // What follows from a state that is not proven is not certain either.
        let certain = evidence != Evidence::Seen || self.log.stands_proven(side);
        let evidence = if certain { evidence } else { Evidence::Presumed };
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

    /// Retracts what `is_cause` picks: see [`Log::retract`]. True where there was something to retract.
    fn undo(&mut self, side: Side, at: At, is_cause: impl Fn(Cue, Evidence) -> bool) -> bool {
        let before = self.log.retract(side, at.frame, is_cause);
        self.ends[side].state = before.unwrap_or(self.ends[side].state);
        before.is_some()
    }

    /// Presumes that `side` received what moves it by `cue`, unless the like has been disproved too often: then the
    /// presumption waits until silence speaks for it.
    pub fn presume(&mut self, side: Side, cue: Cue, at: At) {
        self.presume_unless(false, side, cue, at);
    }

    /// The same, with a reason of one's own to doubt.
    pub fn presume_unless(&mut self, doubtful: bool, side: Side, cue: Cue, at: At) {
        const DISPROOFS: u8 = 2;
        if !doubtful && self.ends[side].undone() < DISPROOFS {
            self.cue(side, cue, at);
        } else if table::step(self.ends[side].state, cue) != Step::Nothing {
            self.ends[side].rare().doubt.get_or_insert((at.time_ns, at.frame));
        }
    }

    /// Reads one segment: what it means to its sender, `from`, and to the other end.
    pub fn observe(&mut self, from: Side, segment: &Segment, profile: &Profile) -> Reading {
        match self.read_in_order(from, segment) {
            Some(reading) => reading,
            None => self.observe_in_full(from, segment, profile),
        }
    }

    /// The same, whatever it may be.
    pub(super) fn observe_in_full(&mut self, from: Side, segment: &Segment, profile: &Profile) -> Reading {
        let from = from & 1; // so that the compiler knows, too
        let at = At { time_ns: segment.time_ns, frame: segment.frame };
        if self.is_duplicate(from, segment) {
            self.note(from, Fact::FramesDuplicated, at);
            self.ends[from].rare().duplicate_frames += 1;
            return Reading::Duplicate;
        }
        self.pass_time(segment.time_ns, profile);
        if segment.flags.rst() {
            self.resets_in_one_breath(from, segment, at);
        }
        self.hear_of(from, segment, at, profile);
        let reading = if segment.flags.rst() {
            self.reset(from, segment, at, profile);
            Reading::Plain
        } else if segment.flags.syn() {
            self.opening(from, segment, at)
        } else {
            self.stream(from, segment, at)
        };
        self.remember(from, segment);
        reading
    }

    /// Whether the capture holds this segment twice. Two copies of one IPv4 packet carry the same identification;
    /// without one, only copies that follow at once and agree in everything, time stamp included, are told from
    /// retransmissions. A host without a socket answers every segment alike, by resets without an identification.
    fn is_duplicate(&mut self, from: Side, segment: &Segment) -> bool {
        let other_spoke_ns = self.ends[1 - from].last_ns;
        let end = &mut self.ends[from];
        let print = fingerprint(segment);
        let is_counted = segment.ip_id.is_some_and(|id| id != 0);
        let is_answer = segment.flags.rst() && !is_counted && other_spoke_ns > end.last_ns;
        if end.recent.contains(&print) && !is_answer && is_recent(segment, segment.time_ns - end.last_ns) {
            return true;
        }
        end.recent = [print, end.recent[0]];
        false
    }

    /// Counts the segment, and ends a silence.
    fn hear_of(&mut self, from: Side, segment: &Segment, at: At, profile: &Profile) {
        if self.first_frame == 0 {
            self.first_frame = at.frame;
        } else {
            self.end_pause(from, at, profile);
        }
        let end = &mut self.ends[from];
        if end.frames == 0 {
            end.first_ns = at.time_ns;
            end.last_ns = at.time_ns;
        }
        self.count(from, segment, at);
        if let Some(rare) = &mut self.ends[1 - from].rare {
            rare.probes = 0;
        }
    }

    #[inline]
    pub(super) fn count(&mut self, from: Side, segment: &Segment, at: At) {
        self.last_frame = at.frame;
        let end = &mut self.ends[from];
        end.count_frame();
        end.bytes += u64::from(segment.payload);
        end.last_ns = end.last_ns.max(at.time_ns);
    }

    /// A pause is a silence of both ends that people and timers make, not networks; one longer than the profile's
    /// limit is an idle gap.
    fn end_pause(&mut self, from: Side, at: At, profile: &Profile) {
        const PAUSE: i64 = SECOND / 2;
        let slept = at.time_ns - self.last_ns();
        if slept < PAUSE {
            return;
        }
        self.pause = Some(Box::new(Pause { woke_ns: at.time_ns, slept_ns: slept }));
        if slept > profile.idle_gap {
            self.note_figure(from, Fact::IdleGap, slept.unsigned_abs(), at);
        }
    }

    /// Whether a packet lacks what those of its sender have had in common: the count that is carried on, or the label.
    pub(super) fn looks_foreign(&self, from: Side, segment: &Segment) -> bool {
        self.breaks_count(from, segment) || self.lacks_label(from, segment)
    }

    /// Whether a packet has no flow label, as those of its sender have.
    pub(super) fn lacks_label(&self, from: Side, segment: &Segment) -> bool {
        self.ends[from].marks.labels() && !segment.labelled
    }

    /// Whether a packet does not carry on the count that its sender keeps in the IPv4 identification. Where a host
    /// counts the packets of all its sockets together, that says nothing.
    pub(super) fn breaks_count(&self, from: Side, segment: &Segment) -> bool {
        let sender = &self.ends[from];
        let counts_for_itself = sender.marks.counts_ip_id() && !sender.shares_count();
        counts_for_itself && !self.counts_on(from, segment)
    }

    /// Whether a packet is the one that its sender sent next after the last one captured.
    pub(super) fn follows(&self, from: Side, segment: &Segment) -> bool {
        let sender = &self.ends[from];
        sender.marks.has_ip_id() && segment.ip_id == Some(sender.ip_id.wrapping_add(1))
    }

    /// Whether a packet carries on that count.
    pub(super) fn counts_on(&self, from: Side, segment: &Segment) -> bool {
        segment.ip_id.is_some_and(|id| self.ends[from].is_close_behind(id))
    }

    /// Keeps what later segments are compared with.
    #[inline]
    pub(super) fn remember(&mut self, from: Side, segment: &Segment) {
        let end = &mut self.ends[from];
        if segment.flags.rst() {
            return;
        }
        end.ttl = segment.ttl;
        // BSD labels what a socket sends for its application, but not all of its acknowledgements and probes.
        if segment.labelled || segment.payload > 0 || segment.flags.syn() || segment.flags.fin() {
            end.marks.set_labels(segment.labelled);
        }
        if let Some(id) = segment.ip_id {
            let consecutive = end.marks.has_ip_id() && id.wrapping_sub(end.ip_id) == 1;
            if !consecutive && end.marks.has_ip_id() && !end.is_close_behind(id) {
                end.marks.set_count_has_jumped(true);
            }
            end.marks.set_counts_ip_id(consecutive);
            end.marks.set_ip_id(true);
            end.ip_id = id;
        }
    }

    /// Asks for the memory of what is kept beside the connection, and does not wait for it.
    pub fn ask_for_heap(&self) {
        self.log.ask_for_heap();
        for rare in self.ends.iter().filter_map(|end| end.rare.as_ref()) {
            ask_for(&rare.holes);
            ask_for(&rare.zero_window_since);
        }
        if let Some(pause) = &self.pause {
            ask_for(&pause.woke_ns);
        }
    }

    /// Bytes of heap in use beside the connection itself.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.log.heap_bytes()
            + self.ends[0].heap_bytes()
            + self.ends[1].heap_bytes()
            + self.stray.as_ref().map_or(0, |_| size_of::<Stray>())
            + self.pause.as_ref().map_or(0, |_| size_of::<Pause>())
    }
}

/// Whether a copy of a packet may come so long after the one before of the same sender.
pub(super) fn is_recent(segment: &Segment, age_ns: i64) -> bool {
    const SAME_PACKET: i64 = 1_000_000_000;
    const SAME_CLOCK_TICK: i64 = 20_000_000;
    const AT_ONCE: i64 = 2_000_000;
    let patience = match (segment.ip_id, segment.options.timestamps) {
        (Some(_), _) => SAME_PACKET,
        (None, Some(_)) => SAME_CLOCK_TICK,
        (None, None) => AT_ONCE,
    };
    (0..patience).contains(&age_ns)
}

/// A number that copies of one packet share, and that a retransmission hardly ever has.
#[inline]
pub(super) fn fingerprint(segment: &Segment) -> u32 {
    let stamp = segment.options.timestamps.map_or(0, |(value, _)| value);
    let words = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
    let halves = |high: u16, low: u16| u32::from(high) << 16 | u32::from(low);
    let numbers = words(segment.seq.0, segment.ack.0).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let header = words(segment.payload, halves(segment.flags.0, segment.window));
    let packet = words(stamp, halves(segment.ip_id.unwrap_or(0), segment.checksum));
    let others = header.wrapping_mul(0xc2b2_ae3d_27d4_eb4f) ^ packet.wrapping_mul(0x1656_67b1_9e37_79f9);
    let sum = numbers ^ others.rotate_left(32);
    ((sum ^ sum >> 29).wrapping_mul(0x9fb2_1c65_1e98_df25) >> 32) as u32
}
