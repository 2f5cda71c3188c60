//! Streams that arrive in small parts, pause, are interrupted, or grow.

use std::collections::VecDeque;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read, Write};

use super::super::bytes::Order::{Big, Little};
use super::super::{Input, Next, Reader, ReaderLimits};
use super::build::{Pcap, SAMPLE, sample_pcap, sample_pcapng};
use super::opening::TempFile;
use super::{drain, open, open_with, read};

/// The results of the reads of a stream, in order.
struct Script(VecDeque<Result<Vec<u8>, ErrorKind>>);

impl Read for Script {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.pop_front() {
            None => Ok(0),
            Some(Err(kind)) => Err(kind.into()),
            Some(Ok(bytes)) => {
                let count = bytes.len().min(into.len());
                into[..count].copy_from_slice(&bytes[..count]);
                if count < bytes.len() {
                    self.0.push_front(Ok(bytes[count..].to_vec()));
                }
                Ok(count)
            }
        }
    }
}

fn in_pieces(bytes: &[u8], length: usize) -> Script {
    Script(bytes.chunks(length).map(|piece| Ok(piece.to_vec())).collect())
}

fn samples() -> Vec<Vec<u8>> {
    let modified = Pcap { magic: super::build::MODIFIED, after_record: 12, ..Pcap::default() };
    vec![sample_pcap(), modified.file(&SAMPLE), sample_pcapng(Little), sample_pcapng(Big)]
}

#[test]
fn short_reads_equal_whole_reads() {
    for sample in samples() {
        let whole = read(&sample);
        for length in [1, 2, 3, 7, 16, 100] {
            for buffer in [1, 13, 64, 4096] {
                let limits = ReaderLimits { buffer, ..ReaderLimits::default() };
                let mut reader = open_with(in_pieces(&sample, length), limits).expect("opens");
                assert_eq!(drain(&mut reader), whole.0);
                assert_eq!(reader.captures()[0], whole.1);
            }
        }
    }
}

#[test]
fn an_interrupted_read_loses_nothing() {
    for sample in samples() {
        let whole = read(&sample);
        let mut script = VecDeque::new();
        for &byte in &sample {
            script.extend([Err(ErrorKind::Interrupted), Ok(vec![byte]), Err(ErrorKind::WouldBlock)]);
        }
        let mut reader = open(Script(script)).expect("opens");
        let mut pauses = 0;
        let mut frames = 0;
        loop {
            match reader.next() {
                Next::Frame(_) => frames += 1,
                Next::Pending => pauses += 1,
                Next::End => break,
            }
        }
        assert_eq!(frames, whole.0.len());
        assert!(pauses >= sample.len());
        assert_eq!(reader.captures()[0], whole.1);
    }
}

#[test]
fn a_frame_is_returned_as_soon_as_it_is_complete() {
    let bytes = sample_pcap();
    // The file header and the first frame; then a pause in the middle of the next.
    let script = [Ok(bytes[..50].to_vec()), Err(ErrorKind::WouldBlock), Ok(bytes[50..].to_vec())];
    let mut reader = open(Script(script.into())).expect("opens");
    assert!(matches!(reader.next(), Next::Frame(_)));
    assert!(matches!(reader.next(), Next::Pending));
    assert!(matches!(reader.next(), Next::Frame(_)));
    assert!(matches!(reader.next(), Next::Frame(_)));
    assert!(matches!(reader.next(), Next::End));
    assert!(matches!(reader.next(), Next::End));
}

#[test]
fn frames_before_a_failed_read_are_kept() {
    let script = [Ok(sample_pcap()), Err(ErrorKind::ConnectionReset)];
    let mut reader = open(Script(script.into())).expect("opens");
    assert_eq!(drain(&mut reader).len(), 3);
    let error = reader.captures()[0].error.clone().expect("has failed");
    assert_eq!(error.to_string(), "test: at byte 79: connection reset");
}

#[test]
fn a_growing_file_can_be_followed() {
    let bytes = sample_pcap();
    let file = TempFile::new("growing", &bytes[..50]);
    let mut reader = Reader::open(vec![file.input()], ReaderLimits::default()).expect("opens");
    reader.follow(true);
    assert!(matches!(reader.next(), Next::Frame(_)));
    assert!(matches!(reader.next(), Next::Pending));
    let mut more = OpenOptions::new().append(true).open(&file.0).expect("opens for writing");
    more.write_all(&bytes[50..]).expect("writes");
    assert!(matches!(reader.next(), Next::Frame(_)));
    assert!(matches!(reader.next(), Next::Frame(_)));
    assert!(matches!(reader.next(), Next::Pending));
    reader.follow(false);
    assert!(matches!(reader.next(), Next::End));
    assert_eq!(reader.captures()[0].error, None);
}

#[test]
#[cfg(target_os = "linux")]
fn a_silent_pipe_does_not_block_the_reader() {
    use std::os::fd::AsRawFd;

    let (receiver, mut sender) = io::pipe().expect("makes a pipe");
    let path = format!("/proc/self/fd/{}", receiver.as_raw_fd());
    let mut reader = Reader::open(vec![Input::Path(path.into())], ReaderLimits::default()).expect("opens");
    assert!(matches!(reader.next(), Next::Pending));
    let bytes = sample_pcap();
    sender.write_all(&bytes[..50]).expect("writes");
    assert_eq!(next_data(&mut reader).as_deref(), Some(&b"abcd"[..]));
    assert!(matches!(reader.next(), Next::Pending));
    sender.write_all(&bytes[50..]).expect("writes");
    drop((receiver, sender));
    assert_eq!(next_data(&mut reader).as_deref(), Some(&b"xyz"[..]));
    assert_eq!(next_data(&mut reader).as_deref(), Some(&b""[..]));
    assert_eq!(next_data(&mut reader), None);
    assert_eq!(reader.progress(), (bytes.len() as u64, None));
}

/// The bytes of the next frame, however long it takes to come.
#[cfg(target_os = "linux")]
fn next_data(reader: &mut Reader) -> Option<Vec<u8>> {
    loop {
        match reader.next() {
            Next::Frame(frame) => return Some(frame.data.to_vec()),
            Next::Pending => {}
            Next::End => return None,
        }
    }
}
