//! One end, as Zeek follows it.

use super::history::Count;
use super::state::State;
use super::stream::Stream;
use crate::seq::Seq;

/// A sequence number, and how often it has wrapped around: a number of 64 bits.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted {
    number: u32,
    wraps: u32,
}

impl Counted {
    /// Starts over at a number.
    pub fn set(&mut self, number: Seq) {
        *self = Self { number: number.0, wraps: 0 };
    }

    /// Advances to a later number.
    pub fn update(&mut self, number: Seq) {
        self.wraps += u32::from(number.0 < self.number);
        self.number = number.0;
    }

    /// The number.
    #[must_use]
    pub const fn seq(self) -> Seq {
        Seq(self.number)
    }

    fn whole(self) -> i64 {
        i64::from(self.wraps) << 32 | i64::from(self.number)
    }
}

/// A SYN or RST whose sequence number jumps further than this is not believed.
const TOO_FAR: i32 = 1 << 20;

/// One end.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// Its state.
    pub state: State,
    /// Its state before that.
    pub before: State,
    /// Whether it is done.
    pub is_done: bool,
    /// Packets that it sent.
    pub packets: u64,
    /// Their octets with IP headers.
    pub ip_bytes: u64,
    /// The octets that it sent.
    pub stream: Stream,
    /// Its letters in the history.
    pub letters: u8,
    /// The sequence numbers of its last SYN, FIN and RST.
    pub last: [i64; 3],
    /// Retransmissions.
    pub again: Count,
    /// Holes.
    pub gaps: Count,
    /// Closed windows.
    pub shut: Count,
    /// Wrong checksums.
    pub damaged: Count,
    /// The number after its last FIN.
    pub fin: Option<i64>,
    start: u32,
    sent: Counted,
    acknowledged: Counted,
}

impl Endpoint {
    /// Enters another state.
    pub fn go(&mut self, state: State) {
        if self.state != state {
            self.before = std::mem::replace(&mut self.state, state);
        }
    }

    /// Starts the sequence numbers, as if a SYN with the number `syn` had been captured.
    pub fn begin(&mut self, syn: Seq, sent: Seq) {
        self.start = syn.0;
        self.acknowledged.set(syn);
        self.sent.set(sent);
    }

    /// Takes in the first sequence number of the end, or a SYN that starts it over.
    pub fn meet(&mut self, is_syn: bool, first: Seq, behind: Seq) {
        let begins_anew = match self.state {
            State::Inactive if !is_syn => return self.begin(first.minus(1), first),
            State::Inactive => true,
            State::SynSent => first.0 != self.start,
            State::Established | State::Partial => true,
            State::Reset => self.before == State::Inactive,
            State::Closed => false,
        };
        if is_syn && begins_anew {
            self.begin(first, behind);
        }
    }

    /// A number of a segment that it sent, relative to its SYN.
    #[must_use]
    pub fn relative(&self, number: Seq) -> i64 {
        self.relative_to(number, self.sent)
    }

    /// An acknowledgement of its data, relative to its SYN; negative if it is older than the SYN.
    #[must_use]
    pub fn relative_ack(&self, number: Seq) -> i64 {
        self.relative_to(number, self.acknowledged)
    }

    fn relative_to(&self, number: Seq, last: Counted) -> i64 {
        let delta = number.since(last.seq());
        let mut wraps = i64::from(last.wraps);
        if delta < 0 && wraps > 0 && number.0 > last.number {
            wraps -= 1;
        } else if delta > 0 && number.0 < last.number {
            wraps += 1;
        }
        if wraps == 0 {
            return i64::from(number.since(Seq(self.start)));
        }
        (wraps << 32) + i64::from(number.0) - i64::from(self.start)
    }

    /// Takes in an acknowledgement.
    pub fn acknowledge(&mut self, ack: Seq) {
        let delta = ack.since(self.acknowledged.seq());
        let is_broken = ack.0 == 0 && delta > TOO_FAR;
        if delta > 0 && !is_broken {
            self.acknowledged.update(ack);
        }
    }

    /// Takes in the number after a segment; returns whether the segment is a retransmission.
    pub fn send(&mut self, behind: Seq, is_syn_or_rst: bool, is_fin: bool, payload: u32) -> bool {
        let delta = behind.since(self.sent.seq());
        if is_syn_or_rst && !(-TOO_FAR..=TOO_FAR).contains(&delta) {
            return false;
        }
        let only_syn = self.sent.number == Seq(self.start).plus(1).0;
        if is_fin && only_syn {
            self.sent.update(behind);
        } else if self.state != State::Reset {
            if delta > 0 {
                self.sent.update(behind);
            } else {
                return payload > 0;
            }
        }
        false
    }

    /// Whether some of its data before the FIN is not delivered yet.
    #[must_use]
    pub fn has_pending_data(&self) -> bool {
        let sent = self.sent.whole() - i64::from(self.start) - i64::from(self.fin.is_some());
        sent > self.stream.delivered.cast_signed()
    }

    /// The octets that it sent, by sequence numbers. `peer` is the state of the other end.
    #[must_use]
    pub fn size(&self, peer: State) -> u64 {
        let start = i64::from(self.start);
        let [sent, acknowledged] = [self.sent, self.acknowledged].map(|number| number.whole() - start);
        // The end found a half-open connection and aborted it: the acknowledged numbers belong to another connection.
        let was_aborted = self.before == State::SynSent && self.state == State::Reset && acknowledged > 1;
        if was_aborted && peer == State::Inactive {
            return 0;
        }
        let without_syn = sent.max(acknowledged) - 1;
        let size = without_syn - i64::from(self.fin.is_some() && without_syn > 0);
        u64::try_from(size).unwrap_or(0)
    }
}
