//! The reader reads everything that the writer wrote.

use crate::frame::{Frame, LinkType};

use super::super::write::{Interface, Statistics, Writer};
use super::super::{Format, Place};
use super::{Owned, read};

fn frame(time_ns: i64, link: u16, orig_len: u32, data: &[u8]) -> Frame<'_> {
    Frame { number: 1, time_ns, link: LinkType(link), fcs_len: 0, orig_len, data }
}

#[test]
fn frames_interfaces_comments_and_drops_come_back() {
    let mut writer = Writer::new(Vec::new(), "wirestat", Some("a test")).expect("writes");
    let eth0 = Interface { name: Some("eth0"), link: LinkType(1), snaplen: Some(96), fcs_len: 4 };
    let tun0 = Interface { name: None, link: LinkType(101), snaplen: None, fcs_len: 0 };
    let eth0 = writer.interface(&eth0).expect("writes");
    let tun0 = writer.interface(&tun0).expect("writes");
    let time = 1_700_000_000_123_456_789;
    writer.frame(eth0, &frame(time, 1, 1500, b"abc"), &[]).expect("writes");
    writer.frame(tun0, &frame(time + 1, 101, 4, b"defg"), &["one", "zwei ä"]).expect("writes");
    writer.frame(tun0, &frame(-1, 101, 0, b""), &[]).expect("writes");
    writer.statistics(eth0, time, &Statistics { received: Some(10), dropped: Some(3) }).expect("writes");
    writer.statistics(tun0, time, &Statistics::default()).expect("writes");
    assert!(writer.frame(7, &frame(time, 1, 0, b""), &[]).is_err());
    writer.flush().expect("flushes");
    let bytes = writer.into_inner();

    let (frames, info) = read(&bytes);
    let owned = |number, time_ns, link, fcs_len, orig_len, data: &[u8]| Owned {
        number,
        time_ns,
        link,
        fcs_len,
        orig_len,
        data: data.to_vec(),
    };
    assert_eq!(
        frames,
        [
            owned(1, time, 1, 4, 1500, b"abc"),
            owned(2, time + 1, 101, 0, 4, b"defg"),
            owned(3, 0, 101, 0, 0, b""),
        ]
    );
    assert_eq!((info.format, info.error), (Some(Format::Pcapng), None));
    let first = &info.interfaces[0];
    assert_eq!((first.name.as_deref(), first.snaplen), (Some("eth0"), Some(96)));
    assert_eq!((first.received, first.dropped), (Some(10), Some(3)));
    let comments: Vec<_> =
        info.comments.iter().map(|comment| (comment.place, comment.text.as_str())).collect();
    let expected = [(Place::Section, "a test"), (Place::Frame(2), "one"), (Place::Frame(2), "zwei ä")];
    assert_eq!(comments, expected);
}

#[test]
fn a_comment_that_is_too_long_is_cut_between_characters() {
    let mut writer = Writer::new(Vec::new(), "wirestat", Some(&"ä".repeat(40_000))).expect("writes");
    writer
        .interface(&Interface { name: None, link: LinkType(1), snaplen: None, fcs_len: 0 })
        .expect("writes");
    let (_, info) = read(&writer.into_inner());
    assert!(info.comments[0].text.starts_with("ää"));
    assert!(!info.comments[0].text.contains('\u{fffd}'));
    assert_eq!(info.defects, []);
}
