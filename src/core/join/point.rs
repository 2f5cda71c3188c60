//! One capture point: decodes its frames, tracks its connections, keeps its segments.

use super::observations::Observations;
use crate::file::Reader;
use crate::flows::ahead::Seen;
use crate::flows::table::Flows;
use crate::frame::Frame;
use crate::intake::Table;
use crate::intake::gate::Fault;
use crate::intake::line::{Line, Status};
use crate::segment::Decoded;

/// The capture of one point of the path.
pub struct Point {
    /// The connections, as this capture alone shows them.
    pub flows: Flows,
    /// The segments.
    pub observations: Observations,
    line: Line,
}

/// The consumer of a point's frames: it updates the connections, and keeps the segments.
struct Kept<'a> {
    flows: &'a mut Flows,
    observations: &'a mut Observations,
}

impl Table for Kept<'_> {
    fn observe_all(&mut self, seen: &[Seen]) {
        self.flows.observe_each(seen, |seen, last_read| {
            if let (Decoded::Segment(segment), Some((id, from, reading))) = (&seen.decoded, last_read.take())
            {
                self.observations.keep(id, from, reading, segment);
            }
        });
    }
}

impl Point {
    /// An empty point.
    #[must_use]
    pub fn new(flows: Flows, most_observations: usize) -> Self {
        Self { flows, observations: Observations::new(most_observations), line: Line::default() }
    }

    /// Takes in up to `frames` frames of a reader.
    ///
    /// # Errors
    ///
    /// See [`Line::read`].
    pub fn read(&mut self, reader: &mut Reader, frames: u64) -> Result<Status, Fault> {
        let mut kept = Kept { flows: &mut self.flows, observations: &mut self.observations };
        self.line.read(reader, frames, &mut kept)
    }

    /// Takes in a frame.
    ///
    /// # Errors
    ///
    /// See [`Line::take`].
    pub fn take(&mut self, frame: &Frame<'_>) -> Result<(), Fault> {
        let mut kept = Kept { flows: &mut self.flows, observations: &mut self.observations };
        let taken = self.line.take(0, frame, &mut kept);
        self.line.hand_over(&mut kept);
        taken
    }

    /// Takes a decoded frame.
    pub fn observe(&mut self, time_ns: i64, frame: u64, decoded: Decoded) {
        let mut kept = Kept { flows: &mut self.flows, observations: &mut self.observations };
        self.line.take_dissected(Seen { time_ns, frame, decoded }, &mut kept);
        self.line.hand_over(&mut kept);
    }

    /// Takes the line out, with its decoder's state, and puts a new one in its place.
    pub fn take_line(&mut self) -> Line {
        std::mem::take(&mut self.line)
    }
}
