//! Any bytes, read as a capture: in one piece and in small ones, alone and merged with a copy.
//!
//! The reader does not panic or hang. Frames stay within the bytes of the input (unless these are compressed). Small
//! reads and large ones give the same frames.

#![no_main]

use std::io::{self, Cursor, Read};

use libfuzzer_sys::fuzz_target;
use wirestat_core::file::{CaptureInfo, Input, Next, Reader, ReaderLimits};

/// Small limits, so that inputs reach them often.
const LIMITS: ReaderLimits =
    ReaderLimits { buffer: 64, block: 1 << 16, window: 1 << 20, comments: 4, text: 16, interfaces: 16 };

/// No more frames than this are read: a few compressed bytes can stand for very many.
const ENOUGH: usize = 100_000;

/// A stream whose reads bring a few bytes each, and are interrupted now and then.
struct Trickle(Cursor<Vec<u8>>, usize);

impl Read for Trickle {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.1 += 1;
        if self.1 % 5 == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = into.len().min(1 + self.1 % 13);
        self.0.read(&mut into[..length])
    }
}

fn input(stream: impl Read + Send + 'static) -> Input {
    Input::Stream { name: "fuzz".to_owned(), stream: Box::new(stream) }
}

type Frames = Vec<(i64, u16, u32, Vec<u8>)>;

fn read(inputs: Vec<Input>) -> Option<(Frames, Vec<CaptureInfo>)> {
    let mut reader = Reader::open(inputs, LIMITS).ok()?;
    let mut frames = Vec::new();
    while frames.len() < ENOUGH {
        match reader.next() {
            Next::Frame(frame) => {
                frames.push((frame.time_ns, frame.link.0, frame.orig_len, frame.data.to_vec()));
            }
            Next::Pending => {}
            Next::End => break,
        }
    }
    Some((frames, reader.captures()))
}

fuzz_target!(|bytes: &[u8]| {
    let whole = read(vec![input(Cursor::new(bytes.to_vec()))]);
    if let Some((frames, infos)) = &whole {
        let held: usize = frames.iter().map(|frame| frame.3.len()).sum();
        assert!(held <= bytes.len() || infos[0].compression.is_some());
        assert!(frames.iter().all(|frame| frame.3.len() <= frame.2 as usize));
        if frames.len() < ENOUGH && infos[0].compression.is_none() {
            let copy = || input(Cursor::new(bytes.to_vec()));
            let (twice, _) = read(vec![copy(), copy()]).expect("opens twice");
            assert!(twice.len() == 2 * frames.len() || twice.len() == ENOUGH);
        }
    }
    let small = read(vec![input(Trickle(Cursor::new(bytes.to_vec()), 0))]);
    if small.is_some() || whole.is_some() {
        // An interrupted trickle may open before the reader has seen anything, and fail later.
        let frames = |read: Option<(Frames, _)>| read.map(|(frames, _)| frames).unwrap_or_default();
        assert_eq!(frames(small), frames(whole));
    }
});
