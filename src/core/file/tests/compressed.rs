//! Compressed captures: whole, several put together, cut, damaged, too large.

use std::io::{Cursor, Write};

use lz4_flex::frame::{BlockSize, FrameEncoder, FrameInfo};
use lzma_rust2::{XzOptions, XzWriter};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::super::{Compression, Kind, ReaderLimits};
use super::build::{Pcap, Record, SAMPLE, sample_pcap};
use super::{drain, error, open_with, read, refusal};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("encodes");
    encoder.finish().expect("encodes")
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let info = FrameInfo::new().block_size(BlockSize::Max64KB).content_checksum(true);
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).expect("encodes");
    encoder.finish().expect("encodes")
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = XzWriter::new(Vec::new(), XzOptions::with_preset(0)).expect("encodes");
    encoder.write_all(bytes).expect("encodes");
    encoder.finish().expect("encodes")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

type Encode = fn(&[u8]) -> Vec<u8>;
const ALL: [(Compression, Encode); 4] =
    [(Compression::Gzip, gzip), (Compression::Zstd, zstd), (Compression::Lz4, lz4), (Compression::Xz, xz)];

/// Enough frames to fill several blocks of every format: half noise, half zeros.
fn long_pcap() -> Vec<u8> {
    let mut state = 1_u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    let data: Vec<Vec<u8>> =
        (0..400).map(|_| (0..1000).map(|at| if at < 500 { noise() } else { 0 }).collect()).collect();
    let records: Vec<Record<'_>> = (0..).zip(&data).map(|(i, data)| (i, 0, 1000, 1000, &data[..])).collect();
    Pcap::default().file(&records)
}

#[test]
fn every_kind_is_recognised_by_content() {
    for (kind, encode) in ALL {
        let (frames, info) = read(&encode(&sample_pcap()));
        assert_eq!((frames.len(), info.compression, error(&info)), (3, Some(kind), String::new()));
        let (frames, info) = read(&encode(&long_pcap()));
        assert_eq!((frames.len(), error(&info)), (400, String::new()));
    }
}

#[test]
fn concatenated_streams_are_one() {
    let file = long_pcap();
    let (first, second) = file.split_at(file.len() / 3);
    for (kind, encode) in ALL {
        let (frames, info) = read(&[encode(first), encode(second)].concat());
        assert_eq!((frames.len(), error(&info)), (400, String::new()), "{kind}");
    }
    let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &zstd(&file)].concat();
    assert_eq!(read(&skipped).0.len(), 400);
    let padded = [gzip(&file), vec![0; 100]].concat();
    assert_eq!((read(&padded).0.len(), error(&read(&padded).1)), (400, String::new()));
}

#[test]
fn frames_before_a_cut_are_kept() {
    for (kind, encode) in ALL {
        let encoded = encode(&long_pcap());
        let mut last = 0;
        for eighths in 4..8 {
            let (frames, info) = read(&encoded[..encoded.len() * eighths / 8]);
            let reason = info.error.expect("is cut").reason;
            assert_eq!(reason.kind(), Kind::CutShort, "{kind}");
            assert!(frames.len() >= last, "{kind}");
            last = frames.len();
        }
        assert!(last > 100, "{kind}: only {last} frames before the cut");
    }
}

#[test]
fn damage_is_reported() {
    for (kind, encode) in ALL {
        let mut encoded = encode(&long_pcap());
        let middle = encoded.len() / 2;
        encoded[middle..middle + 40].fill(0xff);
        let (_, info) = read(&encoded);
        assert!(info.error.is_some(), "{kind}");
    }
    let trailing = [gzip(&sample_pcap()), b"rubbish".to_vec()].concat();
    let (frames, info) = read(&trailing);
    assert_eq!(frames.len(), 3);
    assert!(error(&info).contains("the gzip stream is damaged"), "{}", error(&info));
}

#[test]
fn the_content_must_be_a_capture() {
    for (kind, encode) in ALL {
        assert_eq!(
            refusal(&encode(b"just text")),
            format!("test: not a capture file: decompressed from {kind}, it looks like text")
        );
        let twice = refusal(&encode(&encode(&sample_pcap())));
        assert!(twice.contains("compressed twice"), "{twice}");
    }
}

#[test]
fn a_window_beyond_the_limit_is_refused() {
    let limits = ReaderLimits { window: 1 << 16, ..ReaderLimits::default() };
    // A frame whose header asks for a window of 2 MiB.
    let large_window = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58, 0, 0, 0, 0];
    for (bytes, kind) in [(large_window, "zstd"), (xz(&SAMPLE[0].4.repeat(9)), "xz")] {
        let error = open_with(Cursor::new(bytes), limits).expect_err("is refused");
        let words = error.to_string();
        assert!(words.contains(kind) && words.contains("MiB of memory"), "{words}");
        assert_eq!(error.failures[0].reason.kind(), Kind::Unsupported);
    }
}

#[test]
fn a_reader_may_be_dropped_in_the_middle() {
    let mut reader =
        open_with(Cursor::new(gzip(&long_pcap().repeat(20))), ReaderLimits::default()).expect("opens");
    reader.next();
    drop(reader);
}

#[test]
fn progress_counts_compressed_bytes() {
    let encoded = gzip(&long_pcap());
    let length = encoded.len() as u64;
    let mut reader = open_with(Cursor::new(encoded), ReaderLimits::default()).expect("opens");
    drain(&mut reader);
    assert_eq!(reader.progress(), (length, None));
}
