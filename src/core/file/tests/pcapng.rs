//! Sections, interfaces and blocks of pcapng.

use super::super::bytes::Order::{Big, Little};
use super::super::{Format, Oddity, ReaderLimits};
use super::build::{Blocks, Bytes, sample_pcapng};
use super::{drain, error, oddities, open_with, read, refusal};

const B: Blocks = Blocks(Little);

#[test]
fn every_kind_of_block_in_both_byte_orders() {
    for order in [Little, Big] {
        let (frames, info) = read(&sample_pcapng(order));
        let seen: Vec<_> = frames
            .iter()
            .map(|f| (f.time_ns - 1_700_000_000_000_000_000, f.link, f.orig_len, &f.data[..]))
            .collect();
        assert_eq!(
            seen,
            [
                (1000, 1, 4, &b"abcd"[..]),
                (2000, 101, 60, b"xyz"),
                // A packet block without a time and without padding.
                (2000, 1, 2, b"hi"),
                (3000, 1, 5, b"older"),
            ]
        );
        assert_eq!(info.format, Some(Format::Pcapng));
        assert_eq!(oddities(&info), [(Oddity::NoTime, 1)]);
        assert_eq!(info.error, None);
        let [first, second] = &info.interfaces[..] else { panic!("{:?}", info.interfaces) };
        assert_eq!((first.frames, first.received, first.dropped), (3, Some(1000), Some(20)));
        assert_eq!((second.name.as_deref(), second.snaplen), (Some("tun0"), Some(96)));
        assert_eq!((second.frames, second.received, second.dropped), (1, None, Some(7)));
        let comments: Vec<_> = info.comments.iter().map(ToString::to_string).collect();
        assert_eq!(comments, ["a capture", "interface 1: a tunnel", "frame 2: odd"]);
    }
}

#[test]
fn each_section_has_its_own_interfaces_and_byte_order() {
    let other = Blocks(Big);
    let file = [
        B.section(&[]),
        B.interface(1, 0, &B.option(2, b"eth0")),
        B.enhanced(0, 1, 1, b"a", &[]),
        B.statistics(0, &B.number(5, 1)),
        other.section(&[]),
        other.interface(1, 0, &other.option(2, b"eth0")),
        other.enhanced(0, 2, 1, b"b", &[]),
        other.statistics(0, &other.number(5, 2)),
        B.section(&[]),
        B.interface(113, 0, &[]),
        B.enhanced(0, 3, 1, b"c", &[]),
    ];
    let (frames, info) = read(&file.concat());
    assert_eq!(frames.iter().map(|f| f.link).collect::<Vec<_>>(), [1, 1, 113]);
    // Two sections that describe an interface alike have one interface.
    let interfaces: Vec<_> = info.interfaces.iter().map(|i| (i.link.0, i.frames, i.dropped)).collect();
    assert_eq!(interfaces, [(1, 2, Some(3)), (113, 1, None)]);
}

#[test]
fn a_packet_needs_an_interface() {
    let file = [B.section(&[]), B.enhanced(0, 1, 1, b"a", &[])].concat();
    let (frames, info) = read(&file);
    assert!(frames.is_empty());
    assert_eq!(error(&info), "test: at byte 28: a packet comes before any interface is described");

    let file = [
        B.section(&[]),
        B.interface(1, 0, &[]),
        B.enhanced(7, 1, 1, b"a", &[]),
        B.enhanced(0, 1, 1, b"b", &[]),
        B.statistics(9, &[]),
    ];
    let (frames, info) = read(&file.concat());
    assert_eq!(frames[0].data, b"b");
    assert_eq!(oddities(&info), [(Oddity::UnknownInterface, 2)]);
}

#[test]
fn the_interface_or_the_packet_gives_the_length_of_the_fcs() {
    let flags = B.option(2, &Bytes::new(Little).u32(2 << 5).bytes);
    for (option, fcs_len) in [(vec![], 0), (B.option(13, &[4]), 4), (B.option(13, &[32]), 4)] {
        let file = [
            B.section(&[]),
            B.interface(1, 0, &option),
            B.enhanced(0, 1, 1, b"a", &[]),
            B.enhanced(0, 1, 1, b"a", &flags),
        ];
        let (frames, _) = read(&file.concat());
        assert_eq!(frames.iter().map(|f| f.fcs_len).collect::<Vec<_>>(), [fcs_len, 2]);
    }
}

#[test]
fn options_may_be_cut_repeated_or_wrong() {
    let cases = [
        (B.option(9, &[9]), vec![], 5),
        ([B.option(9, &[9]), B.option(0, &[]), B.option(9, &[6])].concat(), vec![], 5),
        ([B.option(9, &[9]), B.option(9, &[6])].concat(), vec![(Oddity::OptionRepeated, 1)], 5),
        (B.option(9, &[9, 9]), vec![(Oddity::OptionLength, 1)], 5000),
        (B.option(14, &[1]), vec![(Oddity::OptionLength, 1)], 5000),
        (B.number(14, u64::MAX), vec![], 5000 - 1_000_000_000),
        ([B.option(9, &[9]), vec![2, 0, 0xff, 0]].concat(), vec![(Oddity::OptionCut, 1)], 5),
        ([B.option(9, &[9]), vec![2, 0, 0, 0, 1, 0, 0, 0][..4].to_vec()].concat(), vec![], 5),
    ];
    for (options, odd, time) in cases {
        let file = [B.section(&[]), B.interface(1, 0, &options), B.enhanced(0, 5, 1, b"a", &[])].concat();
        let (frames, info) = read(&file);
        assert_eq!((frames[0].time_ns, oddities(&info)), (time, odd), "{options:?}");
    }
}

#[test]
fn a_packet_ends_with_its_block() {
    let mut packet = B.enhanced(0, 1, 4, b"abcd", &[]);
    packet[20] = 200;
    let file = [B.section(&[]), B.interface(1, 0, &[]), packet].concat();
    let (frames, info) = read(&file);
    assert_eq!((frames[0].data.as_slice(), frames[0].orig_len), (&b"abcd"[..], 4));
    assert_eq!(oddities(&info), [(Oddity::CapturedBeyondBlock, 1)]);

    let short = B.block(6, &[0; 16]);
    let (frames, info) = read(&[B.section(&[]), B.interface(1, 0, &[]), short].concat());
    assert!(frames.is_empty());
    assert_eq!(oddities(&info), [(Oddity::BlockTooShort, 1)]);
}

#[test]
fn the_snaplen_bounds_a_packet_without_a_length() {
    let file = [B.section(&[]), B.interface(1, 2, &[]), B.simple(60, b"hi")].concat();
    let (frames, _) = read(&file);
    assert_eq!((frames[0].data.as_slice(), frames[0].orig_len, frames[0].time_ns), (&b"hi"[..], 60, 0));
}

#[test]
fn lengths_of_blocks_are_not_trusted() {
    let head = [B.section(&[]), B.interface(1, 0, &[])].concat();
    let at = head.len();
    let with_length = |length: u32| {
        let mut packet = B.enhanced(0, 1, 4, b"abcd", &[]);
        packet[4..8].copy_from_slice(&length.to_le_bytes());
        [head.clone(), packet, B.enhanced(0, 2, 1, b"z", &[])].concat()
    };
    for (length, words) in [
        (0, "a block claims a length of 0, 12 is the least"),
        (11, "a block claims a length of 11, 12 is the least"),
        (35, "a block claims a length of 35, which is not a multiple of 4"),
        (17 << 20, "a block claims 17825792 bytes, 16777216 is the most it can have"),
        (1 << 20, "cut short inside a block: 72 of 1048576 bytes are there"),
    ] {
        let (frames, info) = read(&with_length(length));
        assert!(frames.is_empty());
        assert_eq!(error(&info), format!("test: at byte {at}: {words}"));
    }
    // The trailer is wrong, the length is right.
    let mut file = with_length(36);
    file[at + 32] = 99;
    let (frames, info) = read(&file);
    assert_eq!(frames.len(), 2);
    assert_eq!(oddities(&info), [(Oddity::TrailerMismatch, 1)]);
}

#[test]
fn the_padding_of_a_block_may_or_may_not_count() {
    let head = [B.section(&[]), B.interface(1, 0, &[])].concat();
    let body = Bytes::new(Little).u32(0).u64(0).u32(3).u32(3).raw(b"xyz");
    for padding in [0, 1] {
        let length = 35_u32;
        let block = Bytes::new(Little).u32(6).u32(length).raw(&body.bytes);
        let block = block.raw(&[0; 1][..padding]).u32(length).bytes;
        let file = [head.clone(), block, B.enhanced(0, 0, 1, b"z", &[])].concat();
        let (frames, info) = read(&file);
        assert_eq!(error(&info), "");
        assert_eq!(frames[0].data, b"xyz");
        assert_eq!(frames[1].data, b"z");
        assert_eq!(oddities(&info), [(Oddity::UnalignedBlock, 1)]);
    }
}

#[test]
fn unknown_blocks_are_passed_over_whatever_their_length() {
    let head = [B.section(&[]), B.interface(1, 0, &[])].concat();
    let huge = B.block(0x8000_0001, &vec![7; 1 << 20]);
    let file = [head.clone(), huge, B.enhanced(0, 1, 1, b"a", &[])].concat();
    let limits = ReaderLimits { buffer: 64, block: 1 << 10, ..ReaderLimits::default() };
    let mut reader = open_with(std::io::Cursor::new(file), limits).expect("opens");
    assert_eq!(drain(&mut reader)[0].data, b"a");

    let cut = [head, Bytes::new(Little).u32(0x8000_0001).u32(u32::MAX).bytes].concat();
    let (_, info) = read(&cut);
    assert_eq!(error(&info), "test: at byte 48: cut short inside a block: 8 of 4294967296 bytes are there");
}

#[test]
fn comments_and_interfaces_are_bounded() {
    let mut file = B.section(&B.option(1, "ä".repeat(9).as_bytes()));
    for _ in 0..5 {
        file.extend(B.interface(1, 0, &B.option(1, b"again")));
    }
    let limits = ReaderLimits { comments: 3, text: 5, interfaces: 4, ..ReaderLimits::default() };
    let mut reader = open_with(std::io::Cursor::new(file), limits).expect("opens");
    drain(&mut reader);
    let info = reader.captures().remove(0);
    assert_eq!(info.comments[0].text, "ää…");
    assert_eq!((info.comments.len(), info.comments_left_out), (3, 2));
    assert_eq!(info.interfaces.len(), 4);
    assert!(error(&info).ends_with("more than 4 interfaces"), "{}", error(&info));
}

#[test]
fn versions_and_byte_orders_are_checked() {
    let mut file = [B.section(&[]), B.interface(1, 0, &[]), B.enhanced(0, 1, 1, b"a", &[])].concat();
    file[14] = 7;
    assert_eq!(oddities(&read(&file).1), [(Oddity::UnknownMinorVersion, 1)]);
    file[12] = 2;
    assert_eq!(error(&read(&file).1), "test: pcapng version 2.7 is not read");
    file[8] = 0;
    assert_eq!(refusal(&file), "test: at byte 0: it begins like pcapng, but has no byte-order mark");
    assert_eq!(
        refusal(&file[..9]),
        "test: at byte 0: cut short inside the first section header: 9 of 28 bytes are there"
    );
}
