//! The octets of one direction: their number, and those that were not captured.

/// The captured part of a stream. Numbers are relative to the SYN, so the first octet is 1.
#[derive(Clone, Debug)]
pub struct Stream {
    /// All octets before this one were captured, or given up.
    pub delivered: u64,
    /// All octets before this one are acknowledged.
    acknowledged: u64,
    /// Captured ranges beyond the first hole, in order, without overlaps.
    beyond: Vec<(u64, u64)>,
}

impl Default for Stream {
    fn default() -> Self {
        Self { delivered: 1, acknowledged: 1, beyond: Vec::new() }
    }
}

/// The maximum number of ranges beyond holes.
const MOST: usize = 1000;

impl Stream {
    /// Takes in octets.
    pub fn data(&mut self, from: u64, to: u64) {
        if from <= self.delivered {
            self.delivered = self.delivered.max(to);
            self.join();
        } else if self.beyond.len() < MOST {
            let place = self.beyond.partition_point(|(start, _)| *start < from);
            self.beyond.insert(place, (from, to));
        }
    }

    /// Takes in an acknowledgement: calls `gap` with the length of each hole that it covers.
    pub fn acknowledge(&mut self, up_to: u64, is_partial: bool, mut gap: impl FnMut(u64)) {
        if up_to <= self.acknowledged {
            return;
        }
        self.acknowledged = up_to;
        // The first acknowledgement of a stream whose beginning was not captured proves no hole.
        if up_to <= self.delivered || (is_partial && up_to <= 2) {
            return;
        }
        while let Some((start, _)) = self.beyond.first().copied().filter(|(start, _)| *start < up_to) {
            gap(start - self.delivered);
            self.delivered = start;
            self.join();
        }
        if up_to > self.delivered {
            gap(up_to - self.delivered);
            self.delivered = up_to;
        }
    }

    /// Advances through ranges that follow without a hole.
    fn join(&mut self) {
        let reached = self.beyond.iter().take_while(|(start, end)| {
            let joins = *start <= self.delivered;
            if joins {
                self.delivered = self.delivered.max(*end);
            }
            joins
        });
        let reached = reached.count();
        self.beyond.drain(..reached);
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;

    fn holes(stream: &mut Stream, up_to: u64) -> Vec<u64> {
        let mut holes = Vec::new();
        stream.acknowledge(up_to, false, |length| holes.push(length));
        holes
    }

    #[test]
    fn octets_acknowledged_and_not_captured_are_a_hole() {
        let mut stream = Stream::default();
        stream.data(1, 11);
        stream.data(21, 31);
        stream.data(41, 51);
        assert_eq!(holes(&mut stream, 31), [10]);
        assert_eq!(stream.delivered, 31);
        stream.data(31, 36);
        assert_eq!(holes(&mut stream, 61), [5, 10]);
        assert_eq!(holes(&mut stream, 61), [0; 0]);
    }

    #[test]
    fn late_octets_fill_their_hole() {
        let mut stream = Stream::default();
        stream.data(11, 21);
        stream.data(5, 15);
        stream.data(1, 5);
        assert_eq!((stream.delivered, holes(&mut stream, 21)), (21, vec![]));
    }
}
