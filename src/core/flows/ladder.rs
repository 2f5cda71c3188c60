//! Every segment of the connections that are traced: of one, or of all, those in trouble before others.

use crate::segment::{Flags, Segment};
use crate::seq::Seq;
use crate::tcp::reading::Reading;
use crate::tcp::side::Side;
use hashbrown::HashMap;

/// One segment of a ladder, and how the tracker read it.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// When its frame was captured: nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// The number of that frame.
    pub frame: u64,
    /// Sequence number.
    pub seq: Seq,
    /// Acknowledgement number; counts only where the ACK bit is set.
    pub ack: Seq,
    /// Payload length in bytes.
    pub payload: u32,
    /// Window field, unscaled.
    pub window: u16,
    /// Control bits.
    pub flags: Flags,
    /// Who sent it.
    pub from: Side,
    /// How the tracker read it.
    pub reading: Reading,
}

impl Line {
    /// The line of a segment.
    #[must_use]
    pub const fn of(segment: &Segment, from: Side, reading: Reading) -> Self {
        let Segment { time_ns, frame, seq, ack, payload, window, flags, .. } = *segment;
        Self { time_ns, frame, seq, ack, payload, window, flags, from, reading }
    }
}

/// Which connections are traced.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Traced {
    /// None.
    #[default]
    Nobody,
    /// The one of this id.
    One(u64),
    /// All, as far as there is room.
    Everybody,
}

impl Traced {
    /// So many segments are kept, at 40 bytes each.
    const fn most(self) -> usize {
        match self {
            Self::Nobody => 0,
            Self::One(_) => 100_000,
            Self::Everybody => 1_000_000,
        }
    }
}

/// The segments of a connection.
#[derive(Debug, Default)]
struct Lines {
    lines: Vec<Line>,
    /// Whether they were given up: further segments are not kept either, for they would look like all there were.
    given_up: bool,
}

impl Lines {
    /// Whether the connection was closed by both ends, and nothing about it was out of the ordinary.
    fn are_plain(&self) -> bool {
        let closes = |side| self.lines.iter().any(|line| line.from == side && line.flags.fin());
        self.lines.iter().all(|line| line.reading == Reading::Plain && !line.flags.rst())
            && Side::BOTH.into_iter().all(closes)
    }
}

/// The segments of connections, up to a limit.
#[derive(Default)]
pub struct Ladder {
    /// Which are kept.
    pub traced: Traced,
    /// How many segments of the one requested connection were not kept. If all connections are traced, nobody has asked for
    /// every segment: how many each has is counted with it.
    pub beyond: u64,
    of: HashMap<u64, Lines, foldhash::fast::FixedState>,
    kept: usize,
    /// Whether making room failed: nearly all segments kept are of connections in trouble.
    is_full: bool,
}

impl Ladder {
    /// Whether the segments of a connection are to be kept.
    #[inline]
    pub fn is_wanted(&self, id: u64) -> bool {
        match self.traced {
            Traced::Nobody => false,
            Traced::One(one) => one == id,
            Traced::Everybody => true,
        }
    }

    /// Keeps a segment of a connection that is traced.
    pub fn keep(&mut self, id: u64, line: Line) {
        if self.kept >= self.traced.most() && self.traced == Traced::Everybody && !self.is_full {
            self.make_room();
        }
        if self.kept < self.traced.most() {
            let own = self.of.entry(id).or_default();
            if !own.given_up {
                own.lines.push(line);
                self.kept += 1;
            }
        } else if self.traced != Traced::Everybody {
            self.beyond += 1;
        }
    }

    /// Gives up the segments of connections without trouble: whoever draws a ladder looks for trouble.
    fn make_room(&mut self) {
        for own in self.of.values_mut().filter(|own| own.are_plain()) {
            self.kept -= own.lines.len();
            *own = Lines { lines: Vec::new(), given_up: true };
        }
        self.is_full = self.kept > self.traced.most() / 8 * 7;
    }

    /// The segments of a connection that were kept.
    pub fn of(&self, id: u64) -> &[Line] {
        self.of.get(&id).map_or(&[], |own| own.lines.as_slice())
    }

    /// The connections that segments were kept of, in the order of their ids.
    pub fn ids(&self) -> Vec<u64> {
        let kept = self.of.iter().filter(|(_, own)| !own.lines.is_empty());
        let mut ids: Vec<u64> = kept.map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::{Ladder, Line, Traced};
    use crate::segment::Flags;
    use crate::seq::Seq;
    use crate::tcp::reading::Reading;
    use crate::tcp::side::Side;

    fn line(from: Side, flags: u16, reading: Reading) -> Line {
        let (seq, ack) = (Seq(0), Seq(0));
        Line { time_ns: 0, frame: 1, seq, ack, payload: 0, window: 0, flags: Flags(flags), from, reading }
    }

    /// Keeps a connection that both ends close, with a segment that was read so.
    fn close(ladder: &mut Ladder, id: u64, reading: Reading) {
        ladder.keep(id, line(Side::Low, Flags::SYN, reading));
        ladder.keep(id, line(Side::Low, Flags::FIN, Reading::Plain));
        ladder.keep(id, line(Side::High, Flags::FIN, Reading::Plain));
    }

    fn everybody() -> Ladder {
        Ladder { traced: Traced::Everybody, ..Ladder::default() }
    }

    #[test]
    fn trouble_is_kept_however_late_it_comes() {
        let mut ladder = everybody();
        let most = Traced::Everybody.most();
        close(&mut ladder, 1, Reading::Retransmission);
        close(&mut ladder, 2, Reading::Plain);
        while ladder.kept < most {
            ladder.keep(2, line(Side::High, Flags::ACK, Reading::Plain));
        }
        close(&mut ladder, 3, Reading::Stray);
        assert_eq!((ladder.of(1).len(), ladder.of(2).len(), ladder.of(3).len()), (3, 0, 3));
        assert_eq!((ladder.kept, ladder.ids()), (6, vec![1, 3]));
    }

    #[test]
    fn after_a_ladder_given_up_there_is_no_ladder() {
        let mut ladder = everybody();
        close(&mut ladder, 1, Reading::Plain);
        ladder.make_room();
        ladder.keep(1, line(Side::Low, Flags::ACK, Reading::Stray));
        assert!(ladder.of(1).is_empty());
        assert_eq!((ladder.kept, ladder.ids().len()), (0, 0));
    }

    #[test]
    fn where_all_is_trouble_the_first_stay() {
        let mut ladder = everybody();
        let most = Traced::Everybody.most();
        for _ in 0..most + 10 {
            ladder.keep(1, line(Side::Low, Flags::SYN, Reading::Plain));
        }
        ladder.keep(2, line(Side::Low, Flags::SYN, Reading::Plain));
        assert_eq!((ladder.of(1).len(), ladder.of(2).len()), (most, 0));
    }
}
