//! Decoding beside the reader.
//!
//! A thread of its own has three merits. Decoding and tracking share two cores. A reader that waits for a
//! compressed pipe can still look at signals, since it never blocks for long. And a decoder that fails in a
//! way it should not takes only its own capture with it.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::super::error::Reason;
use super::super::source::{Arrival, Source, is_a_pause};
use super::{Compression, Decode, Problem, gzip, lz4, xz, zstd};

/// Decoded bytes in one piece, and how many pieces may wait for the reader.
const PIECE: usize = 64 << 10;
const PIECES_AHEAD: usize = 4;

/// How long the reader waits before it says that nothing has arrived.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long the decoder waits for an input that does not block.
const PAUSE: Duration = Duration::from_millis(10);

/// The receiving end of a decoder.
#[derive(Debug)]
pub(in super::super) struct Decoded {
    kind: Compression,
    window: u64,
    pieces: Receiver<Piece>,
    piece: Vec<u8>,
    /// How much of `piece` was read.
    read: usize,
    ended: bool,
}

enum Piece {
    Bytes(Vec<u8>),
    End,
    Failed(Problem),
}

/// What decoders read.
pub(super) type Compressed = BufReader<Patient>;

impl Decoded {
    /// Starts to decode `source`, of which the bytes in `begun` have been read.
    pub fn start(kind: Compression, begun: Vec<u8>, source: Source, window: u64) -> Result<Source, Reason> {
        let (sender, pieces) = sync_channel(PIECES_AHEAD);
        let input = BufReader::with_capacity(PIECE, Patient { begun: Cursor::new(begun), source });
        thread::Builder::new()
            .name(format!("decode {kind}"))
            .spawn(move || match kind {
                Compression::Gzip => decode(gzip::Gzip::new(input), &sender),
                Compression::Zstd => decode(zstd::Zstd::new(input, window), &sender),
                Compression::Lz4 => decode(lz4::Lz4::new(input), &sender),
                Compression::Xz => decode(xz::Xz::new(input, window), &sender),
            })
            .map_err(|error| Reason::of(&error))?;
        Ok(Source::Decoded(Self { kind, window, pieces, piece: Vec::new(), read: 0, ended: false }))
    }

    pub fn read(&mut self, into: &mut [u8]) -> Result<Arrival, Reason> {
        if self.ended {
            return Ok(Arrival::End);
        }
        if self.read == self.piece.len() {
            match self.pieces.recv_timeout(PATIENCE) {
                Ok(Piece::Bytes(bytes)) => (self.piece, self.read) = (bytes, 0),
                Ok(Piece::End) => {
                    self.ended = true;
                    return Ok(Arrival::End);
                }
                Ok(Piece::Failed(problem)) => return Err(self.failed(problem)),
                Err(RecvTimeoutError::Timeout) => return Ok(Arrival::Later),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.failed(Problem::Damaged("the decoder gave up".to_owned())));
                }
            }
        }
        let rest = &self.piece[self.read..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.read += count;
        Ok(Arrival::Bytes(count))
    }

    fn failed(&mut self, problem: Problem) -> Reason {
        self.ended = true;
        match problem {
            Problem::CutShort => Reason::CompressionCutShort(self.kind),
            Problem::Damaged(how) => Reason::CompressionDamaged(self.kind, how),
            Problem::TooLarge => Reason::CompressionTooLarge(self.kind, self.window),
            Problem::Read(error) => Reason::of(&error),
        }
    }
}

/// Decodes until the end, or until nobody listens any more.
fn decode(mut decoder: impl Decode, sender: &SyncSender<Piece>) {
    loop {
        let mut bytes = vec![0; PIECE];
        let piece = match decoder.decode(&mut bytes) {
            Ok(0) => Piece::End,
            Ok(count) => {
                bytes.truncate(count);
                Piece::Bytes(bytes)
            }
            Err(problem) => Piece::Failed(problem),
        };
        let last = !matches!(piece, Piece::Bytes(_));
        if sender.send(piece).is_err() || last {
            return;
        }
    }
}

/// The compressed bytes: a source whose pauses are waited for, since decoders lose their state over them.
pub(super) struct Patient {
    begun: Cursor<Vec<u8>>,
    source: Source,
}

impl Read for Patient {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.begun.read(into)?;
        if count > 0 || into.is_empty() {
            return Ok(count);
        }
        let Source::Raw(raw) = &mut self.source else { return Ok(0) };
        loop {
            match raw.read(into) {
                Err(error) if is_a_pause(&error) => {
                    if error.kind() == io::ErrorKind::WouldBlock {
                        thread::sleep(PAUSE);
                    }
                }
                done => return done,
            }
        }
    }
}
