//! Checksums of an end's segments: whether they tell anything.

use crate::segment::{Segment, Sum};
use crate::tcp::end::endpoint::Endpoint;
use crate::tcp::end::marks::{mark, owns};

owns!(SumsRight, SumsTellNothing, SynSumWrong);

impl Endpoint {
    /// Learns from its first segments whether its checksums tell anything: a right one shows that they do; a wrong one, or one
    /// that offload has left to the network card, shows that they do not.
    pub(in crate::tcp) fn learn_sum(&mut self, segment: &Segment) {
        if self.marks().sums_are_right() || self.marks().sums_tell_nothing() {
            return;
        }
        match segment.sum() {
            Sum::Unknown => {}
            Sum::Right => self.set_mark(mark::SumsRight, true, ME),
            Sum::Partial => self.note_mark(mark::SumsTellNothing, ME),
            Sum::Wrong => {
                self.note_mark(mark::SumsTellNothing, ME);
                self.set_mark(mark::SynSumWrong, segment.flags.syn(), ME);
            }
        }
    }

    /// Assumes that its checksums are right, or that nobody has looked at them yet.
    pub(in crate::tcp) const fn trust_sums(&mut self, are_right: bool) {
        self.set_mark(mark::SumsRight, are_right, ME);
    }

    /// Notes that its checksums tell nothing: a segment with a wrong one was accepted.
    pub(in crate::tcp) const fn distrust_sums(&mut self) {
        self.set_mark(mark::SumsRight, false, ME);
        self.note_mark(mark::SumsTellNothing, ME);
    }
}
