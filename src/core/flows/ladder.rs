//! Every segment of the connections that are traced: of one, or of all until there are many.

use crate::segment::Segment;
use crate::tcp::reading::Reading;
use crate::tcp::side::Side;
use std::collections::BTreeMap;

/// One segment, and what the tracker made of it.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The segment.
    pub segment: Segment,
    /// Who sent it.
    pub from: Side,
    /// What the tracker made of it.
    pub reading: Reading,
}

/// Which connections are traced.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Traced {
    /// None.
    #[default]
    Nobody,
    /// The one of this id.
    One(u64),
    /// All, until there are as many segments as a page shows.
    Everybody,
}

impl Traced {
    /// So many segments are kept; a page takes fewer, since it is to be handed round.
    const fn most(self) -> usize {
        match self {
            Self::Nobody => 0,
            Self::One(_) => 100_000,
            Self::Everybody => 40_000,
        }
    }
}

/// The segments of connections, up to a limit.
#[derive(Default)]
pub struct Ladder {
    /// Which are kept.
    pub traced: Traced,
    /// How many were not kept of the one connection that was asked for. Of all connections nobody asked for every
    /// segment: how many each has is counted with it.
    pub beyond: u64,
    lines: BTreeMap<u64, Vec<Line>>,
    kept: usize,
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
        if self.kept < self.traced.most() {
            self.lines.entry(id).or_default().push(line);
            self.kept += 1;
        } else if self.traced != Traced::Everybody {
            self.beyond += 1;
        }
    }

    /// The segments of a connection that were kept.
    pub fn of(&self, id: u64) -> &[Line] {
        self.lines.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The connections that segments were kept of.
    pub fn ids(&self) -> impl Iterator<Item = u64> {
        self.lines.keys().copied()
    }
}
