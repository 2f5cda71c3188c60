//! Every segment of the one connection that is traced.

use crate::segment::Segment;
use crate::tcp::reading::Reading;
use crate::tcp::side::Side;

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

/// The segments of one connection, up to a limit.
#[derive(Default)]
pub struct Ladder {
    /// The connection's id; 0 where none is traced.
    pub id: u64,
    /// Its segments.
    pub lines: Vec<Line>,
    /// How many more there were.
    pub beyond: u64,
}

impl Ladder {
    const MOST: usize = 100_000;

    /// Keeps a segment of the connection that is traced.
    pub fn keep(&mut self, line: Line) {
        if self.lines.len() < Self::MOST {
            self.lines.push(line);
        } else {
            self.beyond += 1;
        }
    }
}
