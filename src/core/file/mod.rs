//! From bytes to frames.
//!
//! A [`Reader`] takes one or several [`Input`]s and gives their frames as one stream, ordered by time.
//!
//! ```text
//! input        a path, standard input, or any stream of bytes; what cannot be opened is said by name
//! aside        what may block or take long, in a thread beside the reader: pipes and decompression
//! compression  gzip, zstd, lz4 and xz, recognised by content
//! stretch      some bytes of a large file, as a capture of their own
//! buffer       bytes refilled by read(2); knows at which offset of the stream it is
//! magic        which format the first bytes announce; stranger: what else a file looks like
//! pcap         records of a pcap file and its relatives
//! pcapng       blocks, sections and interfaces of a pcapng file
//! snoop        records of a snoop file of Solaris
//! capture      one input from its first byte to its last, with all that is to be said about it
//! reader       several captures as one
//! write        the way back: frames to pcapng
//! copy         a capture as it is, with more comments on its frames
//! record       the same while tracking: rotated files, whole even on a full disk; sink: where its bytes go
//! ```
//!
//! Reading is honest in part: damage ends the capture it is in, every whole frame before it is kept, and a
//! [`Failure`] says which file, which byte and why. An oddity that can be read past is counted as a [`Defect`].
//! Nothing holds a whole file, every allocation is bounded by [`ReaderLimits`] and by what has really arrived.

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

pub use comments::{Comment, Place};
pub use compression::Compression;
pub use defects::{Defect, Oddity};
pub use error::{Failure, Kind, OpenError, Reason};
pub use info::{CaptureInfo, Format, InterfaceInfo};
pub use input::Input;
pub use limits::ReaderLimits;
pub use reader::{Next, Reader};
pub use stretch::Stretch;
