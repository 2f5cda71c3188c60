//! A copy has the frames and the blocks of the original, and more comments.

use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, io::Cursor, process};

use super::super::bytes::Order::{Big, Little};
use super::super::copy::{Copied, Copier, Counts, Note};
use super::super::{Format, Input};
use super::build::{Blocks, sample_pcap, sample_pcapng};
use super::{error, oddities, read};

/// Copies a capture with comments. Returns the copy, the counts, and the error that stopped the reading.
fn copy(bytes: &[u8], notes: &[(u64, &str)]) -> (Vec<u8>, Counts, String) {
    static COPIES: AtomicU32 = AtomicU32::new(0);
    let number = COPIES.fetch_add(1, Ordering::Relaxed);
    let to = env::temp_dir().join(format!("wirestat-copy-{}-{number}", process::id()));
    let input = Input::Stream { name: "test".to_owned(), stream: Box::new(Cursor::new(bytes.to_vec())) };
    let notes: Vec<Note> = notes.iter().map(|&(frame, text)| (frame, text.to_owned())).collect();
    let mut copier = Copier::open(input, &to, "wirestat", notes).expect("opens");
    while copier.copy(1).expect("copies") == Copied::More {}
    let copied = fs::read(&to).expect("is there");
    fs::remove_file(to).expect("can go");
    (copied, copier.counts(), error(&copier.info()))
}

#[test]
fn without_new_comments_every_byte_is_the_same() {
    for order in [Little, Big] {
        let original = sample_pcapng(order);
        let (copied, counts, error) = copy(&original, &[]);
        assert_eq!(copied, original);
        assert_eq!((counts.frames, counts.comments, counts.without_room), (4, 0, 0));
        assert_eq!(error, "");
    }
}

#[test]
fn new_comments_follow_old_ones_and_nothing_else_changes() {
    for order in [Little, Big] {
        let original = sample_pcapng(order);
        let notes =
            [(4, "older too"), (2, "first"), (2, "odd"), (3, "no room"), (2, "second ä"), (9, "no frame")];
        let (copied, counts, error) = copy(&original, &notes);
        assert_eq!(error, "");
        assert_eq!((counts.frames, counts.comments, counts.without_room), (4, 3, 1));
        let ((before, info_before), (after, info_after)) = (read(&original), read(&copied));
        assert_eq!(after, before);
        assert_eq!(info_after.interfaces, info_before.interfaces);
        assert_eq!(oddities(&info_after), oddities(&info_before));
        let comments: Vec<_> = info_after.comments.iter().map(ToString::to_string).collect();
        assert_eq!(
            comments,
            [
                "a capture",
                "interface 1: a tunnel",
                "frame 2: odd",
                "frame 2: first",
                "frame 2: second ä",
                "frame 4: older too"
            ]
        );
        // A second copy changes nothing.
        assert_eq!(copy(&copied, &notes).0, copied);
    }
}

#[test]
fn a_block_of_unknown_type_is_copied_unless_it_forbids_that() {
    let b = Blocks(Little);
    let (head, own, packet) = (
        [b.section(&[]), b.interface(1, 0, &[])].concat(),
        b.block(0x4000_0bad, &[7; 3 << 20]),
        b.enhanced(0, 1, 1, b"a", &[]),
    );
    let unknown = b.block(0x0bad_cafe, &[9; 3 << 20]);
    let (copied, ..) = copy(&[&head[..], &own, &unknown, &packet].concat(), &[]);
    assert!(copied == [&head[..], &unknown, &packet].concat());
}

#[test]
fn a_copied_section_has_no_length() {
    let b = Blocks(Big);
    let mut file = [b.section(&[]), b.interface(1, 0, &[]), b.enhanced(0, 1, 1, b"a", &[])].concat();
    file[16..24].copy_from_slice(&60_u64.to_be_bytes());
    let (copied, ..) = copy(&file, &[(1, "longer")]);
    assert_eq!(copied[16..24], [0xff; 8]);
    assert_eq!(read(&copied).1.comments.len(), 1);
}

#[test]
fn pcap_becomes_pcapng_with_the_same_frames() {
    let original = sample_pcap();
    let (copied, counts, _) = copy(&original, &[(2, "snapped")]);
    let ((before, _), (after, info)) = (read(&original), read(&copied));
    assert_eq!(after, before);
    assert_eq!((info.format, counts.comments), (Some(Format::Pcapng), 1));
    assert_eq!(info.interfaces[0].snaplen, Some(65_535));
    assert_eq!(info.comments[0].to_string(), "frame 2: snapped");
}

#[test]
fn whole_frames_of_a_file_cut_short_are_copied() {
    for original in [sample_pcapng(Big), sample_pcap()] {
        for length in 60..original.len() {
            let (copied, counts, _) = copy(&original[..length], &[(1, "one")]);
            let ((before, _), (after, info)) = (read(&original[..length]), read(&copied));
            assert_eq!(after, before);
            assert_eq!((counts.frames, error(&info)), (before.len() as u64, String::new()));
        }
    }
}

#[test]
fn readable_frames_of_a_damaged_file_are_copied() {
    for order in [Little, Big] {
        let original = sample_pcapng(order);
        for place in 12..original.len() {
            for flip in [0x01, 0xff] {
                let mut damaged = original.clone();
                damaged[place] ^= flip;
                let (copied, counts, _) =
                    copy(&damaged, &[(1, "one"), (2, "two"), (3, "three"), (4, "four")]);
                let (before, info) = read(&damaged);
                if before.is_empty() {
                    continue; // a damaged section header is not copied
                }
                let (after, _) = read(&copied);
                assert_eq!(after, before, "byte {place} flipped by {flip:#x}: {:?}", info.error);
                assert_eq!(counts.frames, before.len() as u64);
            }
        }
    }
}
