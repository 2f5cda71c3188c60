//! The options of a TCP header (IANA "TCP Option Kind Numbers").

use crate::segment::{FastOpen, Options};
use crate::seq::Seq;

const END: u8 = 0;
const NO_OPERATION: u8 = 1;
const MAXIMUM_SEGMENT_SIZE: u8 = 2;
const WINDOW_SCALE: u8 = 3;
const SACK_PERMITTED: u8 = 4;
const SACK: u8 = 5;
const TIMESTAMPS: u8 = 8;
const MD5_SIGNATURE: u8 = 19;
const AUTHENTICATION: u8 = 29;
/// Octets of an MD5 digest (RFC 2385, 3.0).
const DIGEST: usize = 16;
const MULTIPATH: u8 = 30;
const FAST_OPEN: u8 = 34;
const EXPERIMENT: u8 = 254;

/// Reads options of `length` bytes in one step if they have a usual layout: none at all, timestamps alone as RFC
/// 7323, appendix A recommends (nine segments of ten), or the options of Linux' SYN.
#[inline(always)]
pub fn read_usual(captured: &[u8], length: usize) -> Option<Options> {
    let none = Options::default();
    match length {
        0 => Some(none),
        12 => match *captured.first_chunk::<12>()? {
            [NO_OPERATION, NO_OPERATION, TIMESTAMPS, 10, a, b, c, d, e, f, g, h] => {
                Some(Options { timestamps: Some(pair([a, b, c, d, e, f, g, h])), ..none })
            }
            _ => None,
        },
        20 => read_opening(captured.first_chunk()?),
        _ => None,
    }
}

fn read_opening(options: &[u8; 20]) -> Option<Options> {
    let (&[MAXIMUM_SEGMENT_SIZE, 4, high, low, SACK_PERMITTED, 2, TIMESTAMPS, 10], rest) =
        options.split_first_chunk()?
    else {
        return None;
    };
    let (stamps, &[NO_OPERATION, WINDOW_SCALE, 3, shift]) = rest.split_first_chunk()? else { return None };
    Some(Options {
        mss: Some(u16::from_be_bytes([high, low])),
        window_scale: Some(shift),
        sack_permitted: true,
        timestamps: Some(pair(*stamps)),
        ..Options::default()
    })
}

/// Reads options of `length` bytes. Also returns whether their layout is usual.
#[inline]
pub fn read_usual_or_others(captured: &[u8], length: usize) -> (Options, bool) {
    match read_usual(captured, length) {
        Some(options) => (options, true),
        None => (read(captured, length), false),
    }
}

/// Reads options of `length` bytes. `captured` begins with them; it is shorter if the capture is cut within them.
pub fn read(captured: &[u8], length: usize) -> Options {
    match captured.get(..length) {
        Some(bytes) => read_each(bytes),
        None => Options { malformed: true, ..read_each(captured) },
    }
}

fn read_each(bytes: &[u8]) -> Options {
    let mut options = Options::default();
    let mut bytes = bytes;
    loop {
        bytes = match *bytes {
            [] | [END, ..] => return options,
            [NO_OPERATION, ref more @ ..] => more,
            // The length includes the two bytes before the value: less than 2 is invalid.
            [kind, length, ..] if bytes.get(2..usize::from(length)).is_some() => {
                let (option, more) = bytes.split_at(usize::from(length));
                note(&mut options, kind, &option[2..]);
                more
            }
            _ => {
                options.malformed = true;
                return options;
            }
        };
    }
}

fn note(options: &mut Options, kind: u8, value: &[u8]) {
    match (kind, value) {
        (MAXIMUM_SEGMENT_SIZE, &[a, b]) => options.mss = Some(u16::from_be_bytes([a, b])),
        (WINDOW_SCALE, &[shift]) => options.window_scale = Some(shift),
        (SACK_PERMITTED, []) => options.sack_permitted = true,
        (SACK, &[a, b, c, d, e, f, g, h, ref more @ ..]) if more.len() % 8 == 0 => {
            let (left, right) = pair([a, b, c, d, e, f, g, h]);
            options.sack = Some((Seq(left), Seq(right)));
        }
        // MP_CAPABLE and MP_JOIN (RFC 8684, 3.1 and 3.2). In a SYN, MP_JOIN has a value of ten octets.
        (MULTIPATH, &[kind @ 0x00..=0x1f, ref rest @ ..]) => {
            options.multipath = true;
            options.joins = kind >= 0x10 && rest.len() == 9;
        }
        // MP_FASTCLOSE, with the key of the other end (RFC 8684, 3.5).
        (MULTIPATH, &[0x70..=0x7f, _, ref key @ ..]) if key.len() == 8 => options.fast_close = true,
        // MP_TCPRST, with flags and a reason (RFC 8684, 3.6).
        (MULTIPATH, &[0x80..=0x8f, reason]) => options.mp_reset = Some(reason),
        (TIMESTAMPS, &[a, b, c, d, e, f, g, h]) => options.timestamps = Some(pair([a, b, c, d, e, f, g, h])),
        // Before Fast Open had an option kind of its own, it shared one with other experiments (RFC 7413, 4.1.1).
        (FAST_OPEN, cookie) | (EXPERIMENT, [0xf9, 0x89, cookie @ ..]) => {
            options.fast_open = if cookie.is_empty() { FastOpen::Request } else { FastOpen::Cookie };
        }
        (MD5_SIGNATURE, digest) if digest.len() == DIGEST => options.signed = true,
        // TCP-AO: two key identifiers, and an authentication code of any length (RFC 5925, 2.2).
        (AUTHENTICATION, [_, _, ..]) => options.signed = true,
        (MAXIMUM_SEGMENT_SIZE | WINDOW_SCALE | SACK_PERMITTED | SACK | TIMESTAMPS, _) => {
            options.malformed = true
        }
        _ => {}
    }
}

#[inline]
const fn pair(octets: [u8; 8]) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = octets;
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::segment::{FastOpen, Options};
    use crate::seq::Seq;
    use crate::wire::testing::hex;

    fn options(text: &str) -> Options {
        let bytes = hex(text);
        read(&bytes, bytes.len())
    }

    #[test]
    fn each_option_is_read() {
        let none = Options::default();
        let timestamps = Some((1, 2));
        let table = [
            ("", none),
            ("01010101", none),
            ("0204 05b4", Options { mss: Some(1460), ..none }),
            ("0303 07", Options { window_scale: Some(7), ..none }),
            ("0402", Options { sack_permitted: true, ..none }),
            ("0101 080a 00000001 00000002", Options { timestamps, ..none }),
            ("080a 00000001 00000002 0000", Options { timestamps, ..none }),
            ("050a 0000000a 00000014", Options { sack: Some((Seq(10), Seq(20))), ..none }),
            ("0512 0000000a 00000014 00000001 00000002", Options { sack: Some((Seq(10), Seq(20))), ..none }),
            ("1e0c 7000 0102030405060708", Options { fast_close: true, ..none }),
            ("1e08 7000 01020304", none),
            ("1e04 8003", Options { mp_reset: Some(3), ..none }),
            ("1e04 0101", Options { multipath: true, ..none }),
            ("1e0c 1001 00000001 00000002", Options { multipath: true, joins: true, ..none }),
            ("1e10 1001 0000000000000001 00000002", Options { multipath: true, ..none }),
            ("1e0c 0081 0102030405060708", Options { multipath: true, ..none }),
            ("1e04 2001", none),
            ("1312 00112233445566778899aabbccddeeff", Options { signed: true, ..none }),
            ("1d10 0000000000000000000000000000", Options { signed: true, ..none }),
            ("2202", Options { fast_open: FastOpen::Request, ..none }),
            ("220a 0102030405060708", Options { fast_open: FastOpen::Cookie, ..none }),
            ("fe04 f989", Options { fast_open: FastOpen::Request, ..none }),
            ("fe08 f989 01020304", Options { fast_open: FastOpen::Cookie, ..none }),
            ("fe04 1234", none),
            // MD5 (19) is passed unread; bytes behind the end of the list have no meaning.
            ("1304 0000 0402 00 0303 07", Options { sack_permitted: true, ..none }),
        ];
        for (text, expected) in table {
            assert_eq!(options(text), expected, "{text}");
        }
    }

    #[test]
    fn impossible_lengths_are_malformed() {
        for text in [
            "02",
            "0200",
            "0201",
            "0204 05",
            "0203 05",
            "0402 08",
            "0101 080b 00000001 00000002",
            "050c 0000",
        ] {
            assert!(options(text).malformed, "{text}");
        }
        assert!(options("0402 0300").sack_permitted, "what stands in front still counts");
    }

    #[test]
    fn options_cut_off_are_malformed() {
        let cut = read(&hex("0204 05b4 0303"), 12);
        assert_eq!((cut.malformed, cut.mss, cut.window_scale), (true, Some(1460), None));
        assert!(read(&[], 4).malformed);
    }
}
