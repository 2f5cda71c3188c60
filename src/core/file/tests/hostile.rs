//! Prefixes and random damage: never a panic, never a hang, never more memory than the limits.

use std::io::Cursor;
use std::ops::RangeInclusive;

use super::super::bytes::Order::{Big, Little};
use super::super::{Kind, Limits};
use super::build::{MODIFIED, Pcap, SAMPLE, sample_pcap, sample_pcapng};
use super::{Owned, drain, open_with, read};

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
    ]
}

/// Which of the samples have longer record headers.
const MODIFIED_HEADERS: RangeInclusive<usize> = 1..=2;

fn try_to_read(bytes: &[u8], limits: Limits) -> Option<(Vec<Owned>, Option<Kind>)> {
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
        // Which of the two modified headers it has shows only where the second record begins.
        let shortest = if MODIFIED_HEADERS.contains(&index) { 24 + 28 + SAMPLE[0].4.len() + 16 } else { 0 };
        for length in shortest..=sample.len() {
            let Some((frames, kind)) = try_to_read(&sample[..length], Limits::default()) else { continue };
            assert_eq!(frames, all[..frames.len()]);
            assert!(frames.len() >= most, "a longer prefix has fewer frames");
            most = frames.len();
            assert!(matches!(kind, None | Some(Kind::CutShort)), "{kind:?} at {length}");
        }
        assert_eq!(most, all.len());
    }
}

/// A small generator of numbers that look random: xorshift.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }
}

#[test]
fn random_damage_ends_in_a_value() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let limits = Limits { buffer: 64, block: 4096, ..Limits::default() };
    for sample in samples() {
        for _ in 0..3000 {
            let mut damaged = sample.clone();
            for _ in 0..=dice.roll(4) {
                let at = dice.roll(damaged.len());
                damaged[at] = match dice.roll(4) {
                    0 => 0,
                    1 => 0xff,
                    2 => damaged[at] ^ 1 << dice.roll(8),
                    _ => dice.roll(256) as u8,
                };
            }
            if let Some((frames, _)) = try_to_read(&damaged, limits) {
                let bytes: usize = frames.iter().map(|frame| frame.data.len()).sum();
                assert!(bytes <= damaged.len());
                assert!(frames.iter().all(|frame| frame.data.len() <= frame.orig_len as usize));
            }
        }
    }
}
