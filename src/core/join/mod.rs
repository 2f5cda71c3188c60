//! Several captures of the same traffic, taken at different points, as one.
//!
//! ```text
//! observations  every segment of one capture, packed
//! point         one capture: decoded, tracked, its observations kept
//! group         one connection in several captures
//! pairing       matches connections between captures, also through NAT
//! matching      matches segments; resegmented: those that offloading split or merged
//! crossing      the segments of one connection, each once
//! order         the order of the points from client to server
//! clock(s)      offset and drift of each capture's clock
//! fate          arrived, lost, injected, duplicated, missed by a capture
//! account       counts of fates, by stage, direction and kind
//! astray        segments that the captures count to different connections
//! whole         all of it, from frames to account
//! merge         each end's states from the capture nearest to it
//! ```
//!
//! Each capture is read once. All of its segments are kept, in 48 bytes each and up to a limit; beyond it they are
//! counted, and the connections that they belong to are not compared. Joining takes time in proportion to the
//! segments.

pub mod account;
pub mod astray;
pub mod changes;
pub mod clock;
pub mod clocks;
pub mod crossing;
pub mod delays;
pub mod fate;
pub mod group;
pub mod kind;
pub mod matching;
pub mod merge;
pub mod observations;
pub mod order;
pub mod pairing;
pub mod point;
pub mod resegmented;
pub mod stage;
mod whole;

pub use whole::Join;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
