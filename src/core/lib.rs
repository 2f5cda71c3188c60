//! The per-packet hot path of wirestat, and its table of contents.
//!
//! ```text
//! file/  bytes  -> frames      pcap, pcapng, compression, several files as one
//! ring   bytes  -> packets     blocks of the kernel's capture ring
//! bpf/   which frames are wanted: filter expressions, compiled to programs
//! checksum  whether TCP checksums are right, if asked
//! wire/  frame  -> segment     one header, one file
//! tcp/   segment -> cues -> transitions, for both ends
//! flows/ which connection a segment belongs to; capacity; time
//! columns/ what the table holds, in typed columns
//! zeek/  the fields of Zeek's conn.log, if asked
//! filter/ which connections a query selects
//! intake/ a frame's only way to the table: gate, decoder, look-ahead
//! pieces/ a capture in pieces, each read by another process, as one
//! join/  several captures of the same traffic, as one
//! at_once  work that several threads do at the same time
//! py/    the only room that knows Python
//! ```
//!
//! Nothing here reads a clock, prints, or panics on input: input that cannot be understood becomes a value.

#![forbid(unsafe_code)]

pub mod address;
pub mod at_once;
pub mod bpf;
pub mod checksum;
pub mod columns;
pub mod file;
pub mod filter;
pub mod flows;
pub mod frame;
pub mod intake;
pub mod join;
mod memory;
pub mod pieces;
pub mod ring;
pub mod segment;
pub mod seq;
pub mod tcp;
#[cfg(test)]
mod testing;
pub mod wire;
pub mod zeek;

#[cfg(feature = "python")]
mod py;
