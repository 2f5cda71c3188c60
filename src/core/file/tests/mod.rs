//! Captures built byte by byte, and the frames and errors that the reader gives for them.

mod build;
mod compressed;
mod copy;
mod hostile;
mod live;
mod opening;
mod pcap;
mod pcapng;
mod several;
mod snoop;
mod write;

use std::io::Read;

use super::{CaptureInfo, Input, Next, Oddity, OpenError, Reader, ReaderLimits};

/// A frame that outlives its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    number: u64,
    time_ns: i64,
    link: u16,
    fcs_len: u8,
    orig_len: u32,
    data: Vec<u8>,
}

fn open(stream: impl Read + Send + 'static) -> Result<Reader, OpenError> {
    open_with(stream, ReaderLimits::default())
}

fn open_with(stream: impl Read + Send + 'static, limits: ReaderLimits) -> Result<Reader, OpenError> {
    Reader::open(vec![Input::Stream { name: "test".to_owned(), stream: Box::new(stream) }], limits)
}

/// All frames, however often the reader has to be asked.
fn drain(reader: &mut Reader) -> Vec<Owned> {
    let mut frames = Vec::new();
    loop {
        match reader.next() {
            Next::Frame(frame) => frames.push(Owned {
                number: frame.number,
                time_ns: frame.time_ns,
                link: frame.link.0,
                fcs_len: frame.fcs_len,
                orig_len: frame.orig_len,
                data: frame.data.to_vec(),
            }),
            Next::Pending => {}
            Next::End => return frames,
        }
    }
}

/// Reads a capture from memory.
fn read(bytes: &[u8]) -> (Vec<Owned>, CaptureInfo) {
    let mut reader = open(std::io::Cursor::new(bytes.to_vec())).expect("opens");
    let frames = drain(&mut reader);
    (frames, reader.captures().remove(0))
}

/// The one reason why it cannot be opened, in words.
fn refusal(bytes: &[u8]) -> String {
    let error = open(std::io::Cursor::new(bytes.to_vec())).expect_err("is refused");
    error.failures[0].to_string()
}

fn oddities(info: &CaptureInfo) -> Vec<(Oddity, u64)> {
    info.defects.iter().map(|defect| (defect.oddity, defect.count)).collect()
}

fn error(info: &CaptureInfo) -> String {
    info.error.as_ref().map(ToString::to_string).unwrap_or_default()
}
