//! Both ends of a connection, as Zeek follows them: segment by segment, in the order of the capture.

use super::endpoint::Endpoint;
use super::history::History;
use super::state::{State, conn_state};
use crate::segment::{Segment, Sum};
use crate::tcp::reading::Reading;
use crate::tcp::side::Side;

/// Letters that are written only once for an end, as bits.
mod once {
    pub const SYN: u8 = 1;
    pub const FIN: u8 = 1 << 1;
    pub const RST: u8 = 1 << 2;
    pub const DATA: u8 = 1 << 3;
    pub const ACK: u8 = 1 << 4;
    pub const SEVERAL: u8 = 1 << 5;
    pub const FIN_AND_RST: u8 = 1 << 6;
}

const IPV4_HEADER: u64 = 20;
const IPV6_HEADER: u64 = 40;

/// A connection.
#[derive(Clone, Debug, Default)]
pub struct Dialogue {
    ends: [Endpoint; 2],
    /// The end that was taken for the originator.
    originator: Side,
    history: History,
    /// The times of the first segment, and of the last one before both ends were done, in Unix ns.
    times: Option<(i64, i64)>,
    missed: u64,
    is_partial: bool,
    /// The ends that have sent anything: the originator's bit is the first.
    heard: u8,
}

/// A connection as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its beginning, in Unix ns.
    pub start_ns: i64,
    /// Its duration, in ns.
    pub duration_ns: i64,
    /// The `conn_state`.
    pub conn_state: &'static str,
    /// The history: a letter for each kind of event.
    pub history: String,
    /// Octets of both ends that were not captured.
    pub missed_bytes: u64,
    /// The originator's figures, and the responder's.
    pub ends: [Figures; 2],
}

/// An end as the log has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Octets of payload, by sequence numbers.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
    /// Their octets with IP headers.
    pub ip_bytes: u64,
}

impl Dialogue {
    /// Takes in a segment. A wrong checksum counts only if the tracker believes that the receiver dropped the segment:
    /// offload leaves wrong checksums in captures taken on the sending host.
    pub fn observe(&mut self, from: Side, segment: &Segment, reading: Reading) {
        if self.times.is_none() {
            // The sender of a SYN-ACK is the responder, even if its segment is the first.
            let answers = segment.flags.syn() && segment.flags.ack();
            self.originator = if answers { from.other() } else { from };
            self.history = History::begun(answers);
            self.times = Some((segment.time_ns, segment.time_ns));
        }
        let is_refused = matches!(reading, Reading::Unacceptable | Reading::SetAside);
        if is_refused && segment.sum() == Sum::Wrong {
            if self.ends[from].damaged.count() {
                self.write(from, b'C');
            }
            return;
        }
        self.count(from, segment);
        self.judge_opening(from, segment);
        let flags = segment.flags;
        let control = u32::from(flags.syn()) + u32::from(flags.fin());
        let length = control + if flags.rst() { 0 } else { segment.payload };
        let behind = segment.seq.plus(length);
        self.ends[from].meet(flags.syn(), segment.seq, behind);
        let at = self.ends[from].relative(segment.seq);
        self.write_flags(from, segment, at);
        self.write_window(from, segment);
        if !(self.ends[Side::Low].is_done && self.ends[Side::High].is_done) {
            self.times = self.times.map(|(start, _)| (start, segment.time_ns));
        }
        if flags.fin() {
            self.ends[from].fin = Some(at + i64::from(length));
        }
        let acknowledged = self.acknowledge(from, segment);
        if self.ends[from].send(behind, flags.syn() || flags.rst(), flags.fin(), segment.payload)
            && self.ends[from].again.count()
        {
            self.write(from, b'T');
        }
        let closes = self.step(from, segment);
        if let Some(ack) = acknowledged {
            self.give_up_holes(from.other(), ack);
        }
        if segment.payload > 0 && !flags.rst() && at >= 0 {
            let from_octet = at.unsigned_abs() + u64::from(flags.syn());
            self.ends[from].stream.data(from_octet, from_octet + u64::from(segment.payload));
        }
        self.heard |= self.bit(from);
        self.finish(from, closes);
    }

    fn bit(&self, side: Side) -> u8 {
        if side == self.originator { 1 } else { 2 }
    }

    fn write(&mut self, by: Side, letter: u8) {
        self.history.add(letter, by == self.originator);
    }

    fn count(&mut self, from: Side, segment: &Segment) {
        let ip = if segment.scope.is_ipv6() { IPV6_HEADER } else { IPV4_HEADER };
        let tcp = u64::from(segment.control >> 12) * 4;
        self.ends[from].packets += 1;
        self.ends[from].ip_bytes += ip + tcp + u64::from(segment.payload);
    }

    /// Decides with the first segment of an end whether the connection is partial: its opening was not captured.
    fn judge_opening(&mut self, from: Side, segment: &Segment) {
        let (syn, ack) = (segment.flags.syn(), segment.flags.ack());
        if self.heard & self.bit(from) != 0 {
            return;
        }
        if from == self.originator {
            self.is_partial = !syn || ack;
        } else if !self.is_partial {
            self.is_partial = !syn;
        }
    }

    fn write_flags(&mut self, from: Side, segment: &Segment, at: i64) {
        let flags = segment.flags;
        match (flags.syn(), flags.fin(), flags.rst()) {
            (_, true, true) => self.write_once(from, once::FIN_AND_RST, b'I'),
            (true, true, _) | (true, _, true) => self.write_once(from, once::SEVERAL, b'Q'),
            (true, ..) => self.write_anew(from, (once::SYN, 0), if flags.ack() { b'H' } else { b'S' }, at),
            (_, true, _) => self.write_anew(from, (once::FIN, 1), b'F', at + i64::from(segment.payload)),
            (.., true) => self.write_anew(from, (once::RST, 2), b'R', at),
            _ if segment.payload > 0 => self.write_once(from, once::DATA, b'D'),
            _ if flags.ack() => self.write_once(from, once::ACK, b'A'),
            _ => {}
        }
    }

    fn write_once(&mut self, from: Side, bit: u8, letter: u8) {
        if self.ends[from].letters & bit == 0 {
            self.ends[from].letters |= bit;
            self.write(from, letter);
        }
    }

    /// Writes a letter the first time, and again if the sequence number differs from the last one's.
    fn write_anew(&mut self, from: Side, (bit, place): (u8, usize), letter: u8, number: i64) {
        let end = &mut self.ends[from];
        let is_first = end.letters & bit == 0;
        end.letters |= bit;
        let before = std::mem::replace(&mut end.last[place], number);
        if is_first || before != number {
            self.write(from, letter);
        }
    }

    fn write_window(&mut self, from: Side, segment: &Segment) {
        let matters = !segment.flags.rst()
            && self.ends[from.other()].state != State::Closed
            && self.ends[from].state != State::Reset;
        if segment.window == 0 && matters && self.ends[from].shut.count() {
            self.write(from, b'W');
        }
    }

    /// Takes in an acknowledgement of the other end's data; returns it relative to that end's SYN.
    fn acknowledge(&mut self, from: Side, segment: &Segment) -> Option<u64> {
        if !segment.flags.ack() {
            return None;
        }
        let peer = &mut self.ends[from.other()];
        if peer.state == State::Inactive {
            peer.begin(segment.ack.minus(1), segment.ack.minus(1));
            return Some(1);
        }
        let ack = peer.relative_ack(segment.ack);
        if ack >= 0 && !segment.flags.rst() {
            peer.acknowledge(segment.ack);
        }
        Some(u64::try_from(ack).unwrap_or(0))
    }

    /// Updates the sender's state; returns whether that end is done.
    fn step(&mut self, from: Side, segment: &Segment) -> bool {
        match self.ends[from].state {
            State::Inactive => return self.step_first(from, segment),
            State::SynSent => {}
            State::Established | State::Partial => self.step_open(from, segment),
            State::Closed => {
                let closes = segment.flags.rst() && self.ends[from.other()].state != State::Closed;
                if closes {
                    self.ends[from].go(State::Reset);
                }
                return closes;
            }
            State::Reset => return false,
        }
        if segment.flags.fin() && !(segment.flags.rst() && self.ends[from].state != State::SynSent) {
            self.ends[from].go(State::Closed);
        }
        if segment.flags.rst() {
            self.ends[from].go(State::Reset);
        }
        segment.flags.fin() || segment.flags.rst()
    }

    fn step_open(&mut self, from: Side, segment: &Segment) {
        let flags = segment.flags;
        let [end, peer] = [self.ends[from].state, self.ends[from.other()].state];
        if flags.syn() && !flags.ack() && end == State::Partial && peer == State::Inactive {
            self.ends[from].go(State::SynSent);
        }
        // A FIN followed by a RST counts as a regular close.
        let other = &mut self.ends[from.other()];
        if flags.fin() && !flags.rst() && other.state == State::Reset && other.before == State::Closed {
            other.go(State::Closed);
        }
    }

    /// The first segment of an end.
    fn step_first(&mut self, from: Side, segment: &Segment) -> bool {
        let flags = segment.flags;
        let by_originator = from == self.originator;
        if flags.syn() {
            if by_originator {
                self.ends[from].go(State::SynSent);
            } else {
                if self.ends[from.other()].state == State::SynSent {
                    self.ends[from.other()].go(State::Established);
                }
                self.ends[from].go(State::Established);
            }
        }
        if flags.fin() {
            self.ends[from].go(State::Closed);
        }
        if flags.rst() {
            self.ends[from].go(State::Reset);
        }
        if self.ends[from].state == State::Inactive {
            let peer = self.ends[from.other()].state;
            if !by_originator && segment.payload == 0 && peer == State::SynSent {
                // Some stacks acknowledge a SYN before they send their own.
            } else if flags.ack() && peer == State::Established {
                // Only the SYN of this end was missed.
                self.ends[from].go(State::Established);
                self.is_partial = false;
            } else {
                self.ends[from].go(State::Partial);
            }
        }
        flags.fin() || flags.rst()
    }

    /// Gives up holes in the data of `side` that the other end has acknowledged, up to `ack`.
    fn give_up_holes(&mut self, side: Side, ack: u64) {
        let is_clean = |end: &Endpoint| {
            end.state == State::Established
                || (end.state == State::Closed && end.before == State::Established)
        };
        let tells = self.ends.iter().all(is_clean);
        let end = &mut self.ends[side];
        let fin = end.fin.and_then(|fin| u64::try_from(fin).ok());
        let up_to = fin.filter(|fin| ack >= *fin).map_or(ack, |fin| fin.saturating_sub(1));
        let (mut letters, mut missed) = (0, 0);
        end.stream.acknowledge(up_to, self.is_partial, |length| {
            missed += length;
            letters += u32::from(tells && end.gaps.count());
        });
        if tells {
            self.missed += missed;
        }
        for _ in 0..letters {
            self.write(side, b'G');
        }
    }

    /// Marks the sender as done if it closes or has closed, and none of its data is pending.
    fn finish(&mut self, from: Side, closes: bool) {
        let is_closed = |end: &Endpoint| matches!(end.state, State::Closed | State::Reset);
        if closes || is_closed(&self.ends[from]) {
            let is_done = !self.ends[from].has_pending_data();
            self.ends[from].is_done |= is_done;
        }
    }

    /// The connection as the log has it; without a captured opening, `client` is the originator.
    #[must_use]
    pub fn told(&self, client: Side) -> Option<Told> {
        let (start_ns, end_ns) = self.times?;
        let mut history = self.history.clone();
        let opened = self.ends.iter().any(|end| end.letters & once::SYN != 0);
        let originator = if opened { self.originator } else { client };
        if originator != self.originator {
            history.turn();
        }
        let [first, second] = [originator, originator.other()].map(|side| &self.ends[side]);
        let figures = |end: &Endpoint, peer: &Endpoint| Figures {
            bytes: end.size(peer.state),
            packets: end.packets,
            ip_bytes: end.ip_bytes,
        };
        let ends = [figures(first, second), figures(second, first)];
        let empty = ends.iter().all(|end| end.bytes == 0);
        Some(Told {
            start_ns,
            duration_ns: end_ns - start_ns,
            conn_state: conn_state(first.state, second.state, empty, history.is_reset_early()),
            history: history.text(),
            missed_bytes: self.missed,
            ends,
        })
    }
}
