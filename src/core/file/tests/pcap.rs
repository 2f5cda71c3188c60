//! Every variant of pcap.

use super::super::bytes::Order::{Big, Little};
use super::super::{Format, Oddity};
use super::build::{MICROSECONDS, MODIFIED, NANOSECONDS, Pcap, Record, SAMPLE, sample_pcap};
use super::{error, oddities, read, refusal};

const SECOND: i64 = 1_000_000_000;

#[test]
fn both_resolutions_in_both_byte_orders() {
    for order in [Little, Big] {
        for (magic, tick) in [(MICROSECONDS, 1000), (NANOSECONDS, 1)] {
            let (frames, info) = read(&Pcap { order, magic, ..Pcap::default() }.file(&SAMPLE));
            let times: Vec<_> = frames.iter().map(|frame| frame.time_ns).collect();
            let start = 1_700_000_000 * SECOND;
            assert_eq!(times, [start + tick, start + 999_999 * tick, start + 2 * SECOND]);
            let data: Vec<_> = frames.iter().map(|frame| frame.data.as_slice()).collect();
            assert_eq!(data, [&b"abcd"[..], b"xyz", b""]);
            let lengths: Vec<_> = frames.iter().map(|frame| frame.orig_len).collect();
            assert_eq!(lengths, [4, 60, 5]);
            assert_eq!(frames.iter().map(|frame| frame.number).collect::<Vec<_>>(), [1, 2, 3]);
            assert_eq!((info.format, info.frames, info.snapped_frames), (Some(Format::Pcap), 3, 2));
            assert_eq!((info.first_time_ns, info.last_time_ns), (Some(times[0]), Some(times[2])));
            assert_eq!((info.interfaces[0].snaplen, info.interfaces[0].frames), (Some(65_535), 3));
            assert_eq!((info.defects, info.error), (vec![], None));
        }
    }
}

/// A file ends in zeros if space was reserved for it, or its writer lost power.
#[test]
fn records_of_zeros_alone_have_no_time() {
    let blank: Record<'_> = (0, 0, 0, 0, b"");
    for (records, seconds) in [
        ([SAMPLE[0], blank, blank, SAMPLE[2]], [1_700_000_000, 1_700_000_000, 1_700_000_000, 1_700_000_002]),
        ([blank, SAMPLE[0], SAMPLE[2], blank], [0, 1_700_000_000, 1_700_000_002, 1_700_000_002]),
    ] {
        let (frames, info) = read(&Pcap::default().file(&records));
        assert_eq!(frames.iter().map(|frame| frame.time_ns / SECOND).collect::<Vec<_>>(), seconds);
        assert_eq!(oddities(&info), [(Oddity::NoTime, 2)]);
    }
    let dated: Record<'_> = (1, 0, 0, 0, b"");
    let (frames, info) = read(&Pcap::default().file(&[SAMPLE[0], dated]));
    assert_eq!((frames[1].time_ns, info.defects), (SECOND, vec![]));
}

#[test]
fn longer_headers_of_modified_and_ixia_files() {
    for order in [Little, Big] {
        for (magic, after_header, after_record, tick) in [
            (MODIFIED, 0, 8, 1000),
            (MODIFIED, 0, 12, 1000),
            (0x1c00_01ac, 4, 0, 1),
            (0x1c00_01ab, 4, 0, 1000),
        ] {
            let variant = Pcap { order, magic, after_header, after_record, ..Pcap::default() };
            for records in [&SAMPLE[..], &SAMPLE[..1], &[]] {
                let (frames, info) = read(&variant.file(records));
                assert_eq!(error(&info), "", "{magic:x} {after_record} {}", records.len());
                assert_eq!(frames.len(), records.len());
                assert!(frames.iter().zip(records).all(|(frame, record)| frame.data == record.4));
                assert!(frames.iter().take(1).all(|frame| frame.time_ns % SECOND == tick));
            }
        }
    }
}

#[test]
fn the_two_lengths_of_a_record_have_three_orders() {
    let record: Record<'_> = (1, 0, 60, 3, b"xyz");
    for (version, lengths) in
        [((2, 2), (60, 3)), ((543, 0), (60, 3)), ((2, 3), (60, 3)), ((2, 3), (3, 60)), ((2, 4), (3, 60))]
    {
        let record = (record.0, record.1, lengths.0, lengths.1, record.4);
        let (frames, info) = read(&Pcap { version, ..Pcap::default() }.file(&[record]));
        assert_eq!((frames[0].data.len(), frames[0].orig_len), (3, 60), "{version:?}");
        assert_eq!(info.error, None);
    }
}

#[test]
fn the_link_type_word_has_the_length_of_the_fcs() {
    for (word, link, fcs_len, odd) in [
        (1, 1, 0, false),
        (0x2400_0001, 1, 4, false),
        (0x1400_0065, 101, 2, false),
        // A length of the FCS, but not the bit that makes it count.
        (0x2000_0001, 1, 0, false),
        (0x0001_0001, 1, 0, true),
        (0x0800_0001, 1, 0, true),
    ] {
        let (frames, info) = read(&Pcap { link: word, ..Pcap::default() }.file(&SAMPLE));
        assert_eq!((frames[0].link, frames[0].fcs_len), (link, fcs_len), "{word:x}");
        assert_eq!(oddities(&info), if odd { vec![(Oddity::ReservedLinkBits, 1)] } else { vec![] });
    }
}

#[test]
fn aix_has_link_types_of_its_own_and_nanoseconds() {
    let aix = Pcap { version: (2, 2), link: 6, ..Pcap::default() };
    let (frames, _) = read(&aix.file(&[(1, 999_999_999, 4, 4, b"abcd")]));
    assert_eq!((frames[0].link, frames[0].time_ns), (1, 2 * SECOND - 1));
}

#[test]
fn some_snaplens_mean_unlimited() {
    for (snaplen, expected) in [(96, Some(96)), (0, None), (u32::MAX, None), (1 << 31, None)] {
        let (_, info) = read(&Pcap { snaplen, ..Pcap::default() }.file(&SAMPLE));
        assert_eq!(info.interfaces[0].snaplen, expected);
    }
}

#[test]
fn odd_headers_are_counted_and_corrected() {
    let (frames, info) = read(&Pcap::default().file(&[
        (5, 0, 4, 2, b"long"),
        (4, 0, 4, 4, b"back"),
        (4, 1_500_000, 0, 0, b""),
        (u32::MAX, 0, 1, 0, b"x"),
        (6, 1_414_859_072, 4, 4, b"lost"),
    ]));
    assert_eq!(frames[0].orig_len, 4);
    assert_eq!(frames[2].time_ns, 5_500_000_000);
    assert_eq!(frames[3].time_ns, 4_294_967_295 * SECOND);
    assert_eq!(frames[4].time_ns, 7 * SECOND - 1, "the second alone is right");
    let odd = [(Oddity::CapturedBeyondLength, 2), (Oddity::SubSecondOverflow, 2)];
    assert_eq!(oddities(&info), odd);
    assert_eq!(info.backward_steps, 2);
    assert_eq!(
        info.defects[0].to_string(),
        "2 frames have more bytes than they had on the wire (first at byte 24)"
    );
}

#[test]
fn nanoseconds_in_a_file_of_microseconds_are_recognised() {
    let told = [900_000, 466_743_000, 900_000, 500_000_000, 600_000_000, 700_000_000, 900_000];
    let records: Vec<_> = told.iter().map(|&part| (1, part, 4, 4, b"nano".as_slice())).collect();
    let (frames, info) = read(&Pcap::default().file(&records));
    let parts = [900_000_000, 466_743_000, 900_000_000, 500_000_000, 600_000_000, 700_000_000, 900_000];
    assert_eq!(frames.iter().map(|frame| frame.time_ns - SECOND).collect::<Vec<_>>(), parts);
    assert_eq!(oddities(&info), [(Oddity::UnannouncedNanoseconds, 5)]);
}

#[test]
fn a_record_cannot_be_longer_than_its_link_type_allows() {
    let data = vec![0; 262_144];
    let (frames, _) = read(&Pcap::default().file(&[(1, 0, 262_144, 262_144, &data)]));
    assert_eq!(frames[0].data.len(), 262_144);

    let (frames, info) = read(&Pcap::default().file(&[SAMPLE[0], (1, 0, 262_145, 262_145, &data)]));
    assert_eq!(frames.len(), 1);
    assert_eq!(error(&info), "test: at byte 44: a frame claims 262145 bytes, 262144 is the most it can have");

    let data = vec![0; 1 << 20];
    let usb = Pcap { link: 249, ..Pcap::default() };
    let (frames, _) = read(&usb.file(&[(1, 0, 1 << 20, 1 << 20, &data)]));
    assert_eq!(frames[0].data.len(), 1 << 20);
}

#[test]
fn a_cut_is_reported_with_its_offset() {
    let file = sample_pcap();
    for (length, frames, expected) in [
        (24, 0, ""),
        (25, 0, "test: at byte 24: cut short inside a record header: 1 of 16 bytes are there"),
        (42, 0, "test: at byte 24: cut short inside a frame: 2 of 4 bytes are there"),
        (44, 1, ""),
    ] {
        let (read, info) = read(&file[..length]);
        assert_eq!((read.len(), error(&info).as_str()), (frames, expected), "{length}");
    }
    assert_eq!(
        refusal(&file[..20]),
        "test: at byte 0: cut short inside the file header: 20 of 24 bytes are there"
    );
}

#[test]
fn unsupported_variants_are_named() {
    for (magic, name) in
        [(0xa1b2_34cd, "Mesquita"), (0xa12b_3c4d, "Navtel"), (0xa1b2_c3cb, "filter programs")]
    {
        let words = refusal(&Pcap { magic, ..Pcap::default() }.file(&SAMPLE));
        assert!(words.contains(name), "{words}");
    }
    let words = refusal(&Pcap { version: (1, 0), ..Pcap::default() }.file(&SAMPLE));
    assert_eq!(words, "test: pcap version 1.0 is not read");
}
