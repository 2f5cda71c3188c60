//! Prefixes and random damage: never a panic, never a hang, never more memory than the limits.

use std::io::{self, Cursor, Read};
use std::ops::RangeInclusive;

use super::super::bytes::Order::{self, Big, Little};
use super::super::{Kind, ReaderLimits};
use super::build::{Blocks, MODIFIED, Pcap, SAMPLE, sample_pcap, sample_pcapng};
use super::{Owned, drain, open, open_with, read};
use crate::testing::Random;

fn samples() -> Vec<Vec<u8>> {
    let variant = |magic, after_header, after_record| {
        Pcap { magic, after_header, after_record, ..Pcap::default() }.file(&SAMPLE)
    };
    vec![
        sample_pcap(),
        variant(MODIFIED, 0, 8),
        variant(MODIFIED, 0, 12),
        variant(0x1c00_01ac, 4, 0),
        sample_pcapng(Little),
        sample_pcapng(Big),
        packets_in_a_row(Little),
        packets_in_a_row(Big),
    ]
}

/// Packets in a row, and a block of unknown type that holds what looks like a packet block.
fn packets_in_a_row(order: Order) -> Vec<u8> {
    let b = Blocks(order);
    let packet = |ticks| b.enhanced(0, ticks, 6, b"abcde", &[]);
    let hidden = b.block(0x0bad_cafe, &packet(4));
    [b.section(&[]), b.interface(1, 0, &[]), packet(1), packet(2), packet(3), hidden, packet(5), packet(6)]
        .concat()
}

/// The samples with longer record headers.
const MODIFIED_HEADERS: RangeInclusive<usize> = 1..=2;

fn try_to_read(bytes: &[u8], limits: ReaderLimits) -> Option<(Vec<Owned>, Option<Kind>)> {
    let mut reader = open_with(Cursor::new(bytes.to_vec()), limits).ok()?;
    let frames = drain(&mut reader);
    let kind = reader.captures()[0].error.as_ref().map(|error| error.reason.kind());
    Some((frames, kind))
}

#[test]
fn every_prefix_gives_its_whole_frames() {
    for (index, sample) in samples().into_iter().enumerate() {
        let (all, _) = read(&sample);
        let mut most = 0;
        // The length of a modified header shows only where the second record begins.
        let shortest = if MODIFIED_HEADERS.contains(&index) { 24 + 28 + SAMPLE[0].4.len() + 16 } else { 0 };
        for length in shortest..=sample.len() {
            let Some((frames, kind)) = try_to_read(&sample[..length], ReaderLimits::default()) else {
                continue;
            };
            assert_eq!(frames, all[..frames.len()]);
            assert!(frames.len() >= most, "a longer prefix has fewer frames");
            most = frames.len();
            assert!(matches!(kind, None | Some(Kind::CutShort)), "{kind:?} at {length}");
        }
        assert_eq!(most, all.len());
    }
}

/// The same bytes, some of them changed.
fn damage(sample: &[u8], random: &mut Random) -> Vec<u8> {
    let mut damaged = sample.to_vec();
    for _ in 0..=random.below(4) {
        let at = random.below(damaged.len());
        damaged[at] = match random.below(4) {
            0 => 0,
            1 => 0xff,
            2 => damaged[at] ^ 1 << random.below(8),
            _ => random.below(256) as u8,
        };
    }
    damaged
}

#[test]
fn random_damage_ends_in_frames_or_an_error() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let limits = ReaderLimits { buffer: 64, block: 4096, ..ReaderLimits::default() };
    for sample in samples() {
        for _ in 0..3000 {
            let damaged = damage(&sample, &mut random);
            if let Some((frames, _)) = try_to_read(&damaged, limits) {
                let bytes: usize = frames.iter().map(|frame| frame.data.len()).sum();
                assert!(bytes <= damaged.len());
                assert!(frames.iter().all(|frame| frame.data.len() <= frame.orig_len as usize));
            }
        }
    }
}

/// A stream whose reads bring one byte each, or an interruption. No record is ever in the buffer as a whole at first.
struct Trickle(Cursor<Vec<u8>>, bool);

impl Read for Trickle {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = into.len().min(1);
        self.0.read(&mut into[..length])
    }
}

#[test]
fn buffered_bytes_are_read_like_bytes_that_trickle_in() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for sample in samples() {
        for _ in 0..1000 {
            let damaged = damage(&sample, &mut random);
            // A stream that makes the reader wait is opened, whatever it turns out to hold.
            let Ok(mut at_hand) = open(Cursor::new(damaged.clone())) else { continue };
            let mut waited_for = open(Trickle(Cursor::new(damaged), false)).expect("opens");
            assert_eq!(drain(&mut at_hand), drain(&mut waited_for));
            assert_eq!(at_hand.captures(), waited_for.captures());
        }
    }
}
