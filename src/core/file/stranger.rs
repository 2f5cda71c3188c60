//! Names the kind of a file that is not a capture, by its first bytes.

/// The number of bytes examined.
pub(super) const LOOKED_AT: usize = 256;

/// Magic numbers of other files, and their names.
const KNOWN: [(&[u8], &str); 31] = [
    (b"\x54\x52\x00\x64", "a Network General Sniffer trace; convert it: editcap FILE FILE.pcapng"),
    (b"TRSNIFF data    \x1a", "a Network General Sniffer trace; convert it: editcap FILE FILE.pcapng"),
    (b"GMBU", "a Microsoft Network Monitor capture; convert it: editcap FILE FILE.pcapng"),
    (b"RTSS", "a Microsoft Network Monitor capture; convert it: editcap FILE FILE.pcapng"),
    (b"XCP\0", "a NetXRay or Windows Sniffer capture; convert it: editcap FILE FILE.pcapng"),
    (b"\x7fpkt", "an EtherPeek or OmniPeek capture; convert it: editcap FILE FILE.pcapng"),
    (b"\x7fELF", "an ELF program"),
    (b"MZ", "a Windows program"),
    (b"\xca\xfe\xba\xbe", "a Mach-O program or a Java class"),
    (b"\xfe\xed\xfa", "a Mach-O program"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O program"),
    (b"PK\x03\x04", "a zip archive; unpack it first"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"Rar!\x1a\x07", "a RAR archive; unpack it first"),
    (b"BZh", "a bzip2 stream; decompress it first (bzip2 -dc FILE | wirestat -r -)"),
    (b"LZIP", "an lzip stream; decompress it first (lzip -dc FILE | wirestat -r -)"),
    (b"\x1f\x9d", "a stream of compress(1); decompress it first (uncompress -c FILE | wirestat -r -)"),
    (b"\x5d\x00\x00", "an lzma stream; decompress it first (xz -dc FILE | wirestat -r -)"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "a Microsoft Office document"),
    (b"btsnoop\0", "a Bluetooth snoop file"),
    (b"\x0a\x0d\x0a", "a pcapng file damaged by a transfer in text mode"),
    (b"\x0d\x0a\x0d\x0d\x0a", "a pcapng file damaged by a transfer in text mode"),
    (b"\xd4\xc3\xb2", "the beginning of a pcap file, damaged"),
    (b"\xa1\xb2\xc3", "the beginning of a pcap file, damaged"),
    (b"\x30\x37\x30\x37\x30", "a cpio archive"),
];

/// Beginnings of text files, in lower case, after white space.
const KNOWN_TEXT: [(&str, &str); 9] = [
    ("{", "JSON text"),
    ("[", "JSON text"),
    ("<!doctype html", "an HTML page"),
    ("<html", "an HTML page"),
    ("<pdml", "packets dissected to XML (PDML); give the capture itself"),
    ("<psml", "packets summarised in XML (PSML); give the capture itself"),
    ("<?xml", "XML text"),
    ("#!", "a script"),
    ("version https://git-lfs", "a Git LFS pointer; fetch the file it stands for"),
];

/// Names the apparent kind of a file with these first bytes.
pub(super) fn describe(head: &[u8]) -> String {
    if let Some((_, what)) = KNOWN.iter().find(|(magic, _)| head.starts_with(magic)) {
        return format!("it looks like {what}");
    }
    if head.get(257..262) == Some(b"ustar") {
        return "it looks like a tar archive; unpack it first".to_owned();
    }
    if let Some(what) = describe_text(head) {
        return format!("it looks like {what}");
    }
    if looks_like_erf(head) {
        return "it looks like an Endace ERF file; convert it: editcap FILE FILE.pcapng".to_owned();
    }
    if head.iter().all(|&byte| byte == 0) {
        return "it begins with nothing but zero bytes".to_owned();
    }
    let shown: Vec<String> = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("it begins with the unknown bytes {}", shown.join(" "))
}

fn describe_text(head: &[u8]) -> Option<&'static str> {
    if matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Some("UTF-16 text");
    }
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The bytes may end within a character.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let text = text.trim_start_matches('\u{feff}');
    let printable = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b');
    if text.is_empty() || !text.chars().all(printable) {
        return None;
    }
    let beginning = text.trim_start().to_ascii_lowercase();
    let known = KNOWN_TEXT.iter().find(|(start, _)| beginning.starts_with(start));
    Some(known.map_or("text", |(_, what)| what))
}

/// ERF has no magic: its first record must be plausible (a known type, lengths that agree, a time after 1995).
fn looks_like_erf(head: &[u8]) -> bool {
    let Some((time, rest)) = head.split_first_chunk::<8>() else { return false };
    let Some((&[kind, _flags, r0, r1, _, _, w0, w1], _)) = rest.split_first_chunk::<8>() else {
        return false;
    };
    let seconds = u64::from_le_bytes(*time) >> 32;
    let (record, wire) = (u16::from_be_bytes([r0, r1]), u16::from_be_bytes([w0, w1]));
    let header = 16;
    let known_type = (1..=48).contains(&(kind & 0x7f));
    (788_918_400..4_102_444_800).contains(&seconds) && known_type && record >= header && wire > 0
}
