//! A source that never returns "not yet", because decoders lose their state over a pause.

use std::io::{self, BufReader, Cursor, Read};
use std::thread;
use std::time::Duration;

/// How long the thread sleeps when a non-blocking input has no bytes.
const PAUSE: Duration = Duration::from_millis(10);

/// The input of a thread that reads ahead.
pub(super) type Patiently = BufReader<Patient>;

/// A source that waits during pauses.
pub(super) struct Patient {
    begun: Cursor<Vec<u8>>,
    source: Box<dyn Read + Send>,
}

impl Patient {
    /// The bytes `begun` come before those of `source`.
    pub fn new(begun: Vec<u8>, source: impl Read + Send + 'static) -> Self {
        Self { begun: Cursor::new(begun), source: Box::new(source) }
    }
}

impl Read for Patient {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.begun.read(into)?;
        if count > 0 || into.is_empty() {
            return Ok(count);
        }
        loop {
            match self.source.read(into) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(PAUSE),
                done => return done,
            }
        }
    }
}
