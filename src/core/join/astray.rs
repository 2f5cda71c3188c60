//! Segments that the captures count to different connections.
//!
//! Behind an address translator several clients share one address and port in turn. A capture there may count a SYN,
//! and the answer to it, to the connection before. Such a segment seems lost on the one connection and injected into
//! the other. If both are the same packet, by all of its numbers and within the delay of the stage, it arrived.

use super::fate::Fate;
use super::group::Role;
use super::kind::Kind;
use super::matching::Print;
use super::stage::Stage;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// A segment that seems lost or injected, or whose time seems outside the other capture.
#[derive(Clone, Copy, Debug)]
pub struct Stray {
    /// The place of its connection among the groups.
    pub group: usize,
    /// The end of that connection that sent it, or whose address it bears as source.
    pub role: Role,
    /// Its kind.
    pub kind: Kind,
    /// The point that captured it.
    pub point: usize,
    /// Its place among the observations there.
    pub place: u32,
    /// When it was captured, on the clock of the first point.
    pub time_ns: i64,
    /// The stage in which it seems lost, or injected.
    pub stage: Stage,
    /// The fate that it seems to have.
    pub seems: Fate,
    /// Its numbers, as captured.
    pub print: Print,
}

/// All segments that seem lost or injected.
#[derive(Debug, Default)]
pub struct Strays {
    by_number: HashMap<(Stage, Print), [Vec<Stray>; 2], RandomState>,
    count: usize,
}

/// The most segments to compare, which bounds memory. Captures with more hardly hold the same traffic.
const MOST: usize = 1 << 19;

impl Strays {
    /// Adds a segment that was captured only before or only behind its stage.
    pub fn add(&mut self, stray: Stray) {
        if self.count == MOST {
            return;
        }
        self.count += 1;
        let is_behind = usize::from(stray.stage.behind) == stray.point;
        self.by_number.entry((stray.stage, stray.print)).or_default()[usize::from(is_behind)].push(stray);
    }

    /// Pairs a segment that seems lost with one that seems injected if they are one packet. `longest` is the longest
    /// usual delay of a stage, in ns.
    #[must_use]
    pub fn pairs(self, longest: impl Fn(Stage) -> Option<i64>) -> Vec<[Stray; 2]> {
        let mut found = Vec::new();
        for ((stage, _), [lost, injected]) in self.by_number {
            if let Some(longest_ns) = longest(stage) {
                pair(lost, injected, longest_ns, &mut found);
            }
        }
        found
    }
}

/// Pairs segments with equal numbers, in the order of their times.
fn pair(mut lost: Vec<Stray>, mut injected: Vec<Stray>, longest_ns: i64, found: &mut Vec<[Stray; 2]>) {
    /// The clocks may be wrong by this much.
    const SLACK_NS: i64 = 1_000_000;
    for strays in [&mut lost, &mut injected] {
        strays.sort_unstable_by_key(|stray| stray.time_ns);
    }
    let mut waiting = lost.into_iter().peekable();
    for behind in injected {
        while waiting.next_if(|before| before.time_ns + longest_ns < behind.time_ns).is_some() {}
        if let Some(before) = waiting.next_if(|before| before.time_ns - SLACK_NS <= behind.time_ns) {
            found.push([before, behind]);
        }
    }
}
