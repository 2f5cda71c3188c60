//! A separate thread for work that may block or take long.
//!
//! The work is decompression, or reading from a pipe. A reader that waits for a pipe still returns now and then, so
//! that its caller can handle signals, timers and displays. Decompression and tracking run on two cores. A decoder
//! that panics ends only its own capture.

use std::io::{BufReader, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use super::arrival::Arrival;
use super::compression::{self, Compression, Decode, Problem};
use super::error::Reason;
use super::patient::{Patient, Patiently};

/// The size of a chunk in bytes, and the most chunks that may wait for the reader.
const CHUNK: usize = 64 << 10;
const CHUNKS_AHEAD: usize = 4;

/// How long the reader waits before it reports that nothing has arrived.
const PATIENCE: Duration = Duration::from_millis(100);
/// The wait after something has arrived: shorter, so that the caller can show it before more comes.
const LULL: Duration = Duration::from_millis(5);

/// The receiving end.
#[derive(Debug)]
pub(super) struct Aside {
    /// `None` for uncompressed bytes.
    kind: Option<Compression>,
    window: u64,
    chunks: Receiver<Chunk>,
    chunk: Vec<u8>,
    /// How much of `chunk` was read.
    read: usize,
    ended: bool,
    /// Whether bytes have arrived since the reader was last told that none had.
    is_flowing: bool,
}

enum Chunk {
    Bytes(Vec<u8>),
    End,
    Failed(Problem),
}

impl Aside {
    /// Starts to pass on `source` unchanged.
    pub fn pass_on(source: impl Read + Send + 'static) -> Result<Self, Reason> {
        Self::start(None, Patient::new(Vec::new(), source), 0)
    }

    /// Starts to decode `source`, of which the bytes in `begun` have been read.
    pub fn decode(
        kind: Compression,
        begun: Vec<u8>,
        source: impl Read + Send + 'static,
        window: u64,
    ) -> Result<Self, Reason> {
        Self::start(Some(kind), Patient::new(begun, source), window)
    }

    fn start(kind: Option<Compression>, source: Patient, window: u64) -> Result<Self, Reason> {
        let (sender, chunks) = sync_channel(CHUNKS_AHEAD);
        let input = BufReader::with_capacity(CHUNK, source);
        thread::Builder::new()
            .name(kind.map_or("read", Compression::name).to_owned())
            .spawn(move || match kind {
                None => pass_chunks(AsItIs(input), &sender),
                Some(Compression::Gzip) => pass_chunks(compression::Gzip::new(input), &sender),
                Some(Compression::Zstd) => pass_chunks(compression::Zstd::new(input, window), &sender),
                Some(Compression::Lz4) => pass_chunks(compression::Lz4::new(input), &sender),
                Some(Compression::Xz) => pass_chunks(compression::Xz::new(input, window), &sender),
            })
            .map_err(|error| Reason::of(&error))?;
        Ok(Self { kind, window, chunks, chunk: Vec::new(), read: 0, ended: false, is_flowing: false })
    }

    pub fn read(&mut self, into: &mut [u8]) -> Result<Arrival, Reason> {
        if self.ended {
            return Ok(Arrival::End);
        }
        if self.read == self.chunk.len() {
            let patience = if self.is_flowing { LULL } else { PATIENCE };
            let arrived = self.chunks.recv_timeout(patience);
            self.is_flowing = arrived.is_ok();
            match arrived {
                Ok(Chunk::Bytes(bytes)) => (self.chunk, self.read) = (bytes, 0),
                Ok(Chunk::End) => {
                    self.ended = true;
                    return Ok(Arrival::End);
                }
                Ok(Chunk::Failed(problem)) => return Err(self.failed(problem)),
                Err(RecvTimeoutError::Timeout) => return Ok(Arrival::Later),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.failed(Problem::Damaged("the decoder gave up".to_owned())));
                }
            }
        }
        let rest = &self.chunk[self.read..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.read += count;
        Ok(Arrival::Bytes(count))
    }

    fn failed(&mut self, problem: Problem) -> Reason {
        self.ended = true;
        match (problem, self.kind) {
            (Problem::Read(error), _) => Reason::of(&error),
            (Problem::CutShort, Some(kind)) => Reason::CompressionCutShort(kind),
            (Problem::TooLarge, Some(kind)) => Reason::CompressionTooLarge(kind, self.window),
            (Problem::Damaged(how), Some(kind)) => Reason::CompressionDamaged(kind, how),
            (problem, None) => Reason::Io(format!("{problem:?}")),
        }
    }
}

/// Decodes until the end, or until the receiver is gone.
fn pass_chunks(mut decoder: impl Decode, sender: &SyncSender<Chunk>) {
    loop {
        let mut bytes = vec![0; CHUNK];
        let chunk = match decoder.decode(&mut bytes) {
            Ok(0) => Chunk::End,
            Ok(count) => {
                bytes.truncate(count);
                Chunk::Bytes(bytes)
            }
            Err(problem) => Chunk::Failed(problem),
        };
        let last = !matches!(chunk, Chunk::Bytes(_));
        if sender.send(chunk).is_err() || last {
            return;
        }
    }
}

/// Bytes that are not compressed.
struct AsItIs(Patiently);

impl Decode for AsItIs {
    fn decode(&mut self, into: &mut [u8]) -> Result<usize, Problem> {
        self.0.read(into).map_err(Problem::Read)
    }
}
