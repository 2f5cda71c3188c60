//! snoop.

use super::super::bytes::Order;
use super::super::{Format, Oddity};
use super::build::Bytes;
use super::{error, oddities, read, refusal};

fn header(version: u32, link: u32) -> Vec<u8> {
    Bytes::new(Order::Big).raw(b"snoop\0\0\0").u32(version).u32(link).bytes
}

/// A record with `padding` bytes after its frame.
fn record(seconds: u32, data: &[u8], original: u32, padding: usize) -> Vec<u8> {
    let length = data.len() as u32;
    let fields = Bytes::new(Order::Big).u32(original).u32(length).u32(24 + length + padding as u32);
    fields.u32(3).u32(seconds).u32(5).raw(data).raw(&vec![0; padding]).bytes
}

#[test]
fn frames_have_times_lengths_and_padding() {
    let file = [header(2, 4), record(7, &[1, 2, 3], 60, 1), record(8, &[4; 5], 5, 3)].concat();
    let (frames, info) = read(&file);
    assert_eq!((info.format, info.snapped_frames, error(&info)), (Some(Format::Snoop), 1, String::new()));
    assert_eq!((frames[0].time_ns, frames[0].link, frames[0].orig_len), (7_000_005_000, 1, 60));
    assert_eq!((frames[0].data.as_slice(), frames[1].data.as_slice()), (&[1, 2, 3][..], &[4; 5][..]));
    assert_eq!((info.interfaces[0].frames, info.interfaces[0].dropped), (2, Some(3)));
    let (frames, info) = read(&file[..file.len() - 3]);
    assert_eq!((frames.len(), error(&info)), (2, String::new()), "nobody misses the last padding");
}

#[test]
fn frames_before_the_damage_are_kept() {
    let whole = [header(2, 4), record(7, &[1; 8], 8, 0)].concat();
    for kept in 17..40 {
        let (frames, info) = read(&[whole.as_slice(), &whole[16..kept]].concat());
        assert_eq!(frames.len(), 1);
        assert!(error(&info).contains("at byte 48: cut short inside a record header"), "{}", error(&info));
    }
    let (frames, info) = read(&[whole.as_slice(), &whole[16..44]].concat());
    assert_eq!(
        (frames.len(), error(&info)),
        (1, "test: at byte 48: cut short inside a frame: 4 of 8 bytes are there".to_owned())
    );
    let mut long = whole.clone();
    long[20] = 0xff;
    assert!(error(&read(&long).1).contains("the most it can have"));
    let mut short = whole.clone();
    short[27] = 25;
    assert!(error(&read(&short).1).contains("a record is shorter than its frame"));
    let mut late = whole;
    late[36] = 0xff;
    assert_eq!(oddities(&read(&late).1), [(Oddity::SubSecondOverflow, 1)]);
}

#[test]
fn other_versions_and_links_are_refused_by_name() {
    assert!(
        refusal(&header(3, 4)).contains("snoop version 3 is not read; convert it: editcap FILE FILE.pcapng")
    );
    assert!(refusal(&header(2, 7)).contains("snoop's data link type 7 is not read"));
    assert!(refusal(b"snoop\0\0\0\0\0").contains("cut short inside the file header: 10 of 16 bytes"));
}
