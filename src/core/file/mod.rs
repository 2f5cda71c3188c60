//! From bytes to frames.
//!
//! A [`Reader`] takes one or several [`Input`]s and gives their frames as one stream, ordered by time.
//!
//! ```text
//! input        a path, standard input, or any stream of bytes; how they are opened
//! aside        a thread for work that may block or take long: pipes and decompression
//! compression  gzip, zstd, lz4 and xz, recognised by content
//! stretch      a range of a large file, as a separate capture
//! buffer       bytes refilled by read(2), with the stream offset
//! magic        recognises formats by the first bytes; stranger names other kinds of files
//! pcap         records of a pcap file and its relatives
//! pcapng       blocks, sections and interfaces of a pcapng file
//! snoop        records of a snoop file of Solaris
//! capture      one input from its first byte to its last, with its facts and defects
//! reader       several captures as one
//! write        frames to pcapng
//! copy         copies a capture, adding comments to frames
//! record       writes while tracking: rotated files, valid even on a full disk; sink: its output
//! ```
//!
//! Partial results are kept: damage ends only its capture, every complete frame before it is kept, and a
//! [`Failure`] names the file, the offset and the reason. Defects that do not stop reading are counted as [`Defect`].
//! No file is held in memory as a whole; every allocation is bounded by [`ReaderLimits`] and by the bytes that arrived.

mod arrival;
mod aside;
mod buffer;
mod bytes;
mod capture;
mod comments;
mod compression;
pub mod copy;
mod defects;
mod error;
mod info;
mod input;
mod limits;
mod magic;
mod patient;
mod pcap;
mod pcapng;
mod reader;
pub mod record;
mod sink;
mod snoop;
mod source;
mod step;
mod stranger;
mod stretch;
mod tally;
#[cfg(test)]
mod tests;
pub mod write;

const NS_PER_SECOND: i64 = 1_000_000_000;

pub use comments::{Comment, Place};
pub use compression::Compression;
pub use defects::{Defect, Oddity};
pub use error::{Failure, Kind, OpenError, Reason};
pub use info::{CaptureInfo, Format, InterfaceInfo};
pub use input::Input;
pub use limits::ReaderLimits;
pub use reader::{Next, Reader};
pub use stretch::Stretch;
