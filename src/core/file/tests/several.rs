//! Several captures as one.

use super::super::{Input, Next, Reader, ReaderLimits};
use super::build::{Pcap, Record};
use super::drain;
use super::opening::TempFile;

/// A capture with frames at these seconds, each with `mark` as its only byte.
fn capture(mark: u8, seconds: &[u32]) -> Vec<u8> {
    let data = [mark];
    let records: Vec<Record<'_>> = seconds.iter().map(|&second| (second, 0, 1, 1, &data[..])).collect();
    Pcap::default().file(&records)
}

fn stream(bytes: Vec<u8>) -> Input {
    Input::Stream { name: "stream".to_owned(), stream: Box::new(std::io::Cursor::new(bytes)) }
}

fn order(inputs: Vec<Input>) -> String {
    let mut reader = Reader::open(inputs, ReaderLimits::default()).expect("opens");
    let frames = drain(&mut reader);
    assert!(frames.iter().zip(1..).all(|(frame, number)| frame.number == number));
    frames.iter().map(|frame| char::from(frame.data[0])).collect()
}

#[test]
fn frames_come_in_the_order_of_their_times() {
    for (captures, expected) in [
        ([&[1, 2, 3][..], &[4, 5, 6], &[7, 8]], "aaabbbcc"),
        ([&[4, 5, 6], &[7, 8], &[1, 2, 3]], "cccaaabb"),
        ([&[1, 4, 7], &[2, 5, 8], &[3, 6, 9]], "abcabcabc"),
        // Ties go to the input that was named first.
        ([&[1, 2], &[1, 2], &[1, 2]], "abcabc"),
        ([&[1, 9], &[], &[2]], "aca"),
        // Time may run backward within one.
        ([&[5, 1, 6], &[2], &[7]], "baaac"),
    ] {
        let files: Vec<_> =
            captures.iter().zip(*b"abc").map(|(seconds, mark)| capture(mark, seconds)).collect();
        assert_eq!(order(files.iter().cloned().map(stream).collect()), expected);
        let name = |mark: usize| format!("several-{expected}-{mark}");
        let paths: Vec<_> =
            files.iter().enumerate().map(|(mark, file)| TempFile::new(&name(mark), file)).collect();
        assert_eq!(order(paths.iter().map(TempFile::input).collect()), expected);
    }
}

#[test]
fn hundreds_of_rotated_files_are_open_one_at_a_time() {
    let count = 300;
    let files: Vec<_> = (0..count)
        .map(|i| TempFile::new(&format!("rotated-{i}"), &capture(b'x', &[10 * i, 10 * i + 5])))
        .collect();
    // Named in the wrong order.
    let inputs = files.iter().rev().map(TempFile::input).collect();
    let mut reader = Reader::open(inputs, ReaderLimits::default()).expect("opens");
    let mut last = 0;
    while let Next::Frame(frame) = reader.next() {
        assert!(frame.time_ns >= last);
        last = frame.time_ns;
        assert!(open_files() < 100);
    }
    let infos = reader.captures();
    assert!(infos.iter().all(|info| info.frames == 2 && info.error.is_none()));
    let (consumed, total) = reader.progress();
    assert_eq!(Some(consumed), total);
}

/// How many descriptors this process has, where the system tells.
fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count)
}

#[test]
fn a_capture_cut_short_does_not_stop_the_others() {
    let mut cut = capture(b'a', &[1, 3]);
    cut.pop();
    let mut reader = Reader::open(vec![stream(cut), stream(capture(b'b', &[2, 4]))], ReaderLimits::default())
        .expect("opens");
    let marks: Vec<_> = drain(&mut reader).iter().map(|frame| frame.data[0]).collect();
    assert_eq!(marks, b"abb");
    assert!(reader.captures()[0].error.is_some());
    assert!(reader.captures()[1].error.is_none());
}
