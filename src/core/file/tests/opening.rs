//! A file that cannot be opened is reported with the reason.

use std::fs;
use std::path::PathBuf;

use super::super::{Input, Kind, Reader, ReaderLimits, Stretch};
use super::build::sample_pcap;
use super::{drain, refusal};

/// A file that is removed at the end of the test.
pub struct TempFile(pub PathBuf);

impl TempFile {
    pub fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("wirestat-{}-{name}", std::process::id()));
        fs::write(&path, bytes).expect("writes a temporary file");
        Self(path)
    }

    pub fn input(&self) -> Input {
        Input::Path(self.0.clone())
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // A file that cannot be removed is left to the system.
        let _ = fs::remove_file(&self.0);
    }
}

fn kind(input: Input) -> Kind {
    let error = Reader::open(vec![input], ReaderLimits::default()).expect_err("is refused");
    error.failures[0].reason.kind()
}

#[test]
fn paths_that_are_no_files_are_refused() {
    assert_eq!(kind(Input::Path("/no/such/file.pcap".into())), Kind::NotFound);
    assert_eq!(kind(Input::Path(std::env::temp_dir())), Kind::Directory);
    assert_eq!(kind(TempFile::new("empty", b"").input()), Kind::Empty);
    assert_eq!(kind(TempFile::new("text", b"hello\n").input()), Kind::NotACapture);
    assert!(Reader::open(vec![], ReaderLimits::default()).expect_err("nothing").failures.is_empty());
}

#[test]
fn a_file_that_is_no_capture_is_named_by_its_kind() {
    for (bytes, looks_like) in [
        (&b"hello world\n"[..], "text"),
        ("Grüße".as_bytes(), "text"),
        (&"Grüße".as_bytes()[..3], "text"),
        (b"{\"a\": 1}", "JSON text"),
        (b" \n[1, 2]", "JSON text"),
        (b"<!DOCTYPE HTML><html>", "an HTML page"),
        (b"<?xml version=\"1.0\"?>", "XML text"),
        (b"\xff\xfeh\0i\0", "UTF-16 text"),
        (b"\x7fELF\x02\x01\x01", "an ELF program"),
        (b"GMBU\0\x02", "convert it: editcap FILE FILE.pcapng"),
        (b"PK\x03\x04rest", "a zip archive"),
        (b"BZh91AY", "a bzip2 stream"),
        (b"\x0a\x0d\x0a\x1c\0\0\0", "damaged by a transfer in text mode"),
        (b"\0\0\0\0\0\0\0\0", "nothing but zero bytes"),
        (b"\x01\x02\x03\xff\xfe", "the unknown bytes 01 02 03 ff fe"),
        (b"\x01", "the unknown bytes 01"),
        // Endace: 2023, Ethernet, 80 bytes of record for 64 of wire.
        (b"\0\0\0\0\0\xf2\x53\x65\x02\x04\0\x50\0\0\0\x40\0\0", "an Endace ERF file"),
    ] {
        let words = refusal(bytes);
        assert!(words.contains(looks_like), "{words}");
    }
    assert_eq!(refusal(b""), "test: is empty");
}

#[test]
fn one_good_input_is_enough() {
    let good = TempFile::new("good", &sample_pcap());
    let inputs = vec![Input::Path("/no/such/file.pcap".into()), good.input(), Input::Path("/tmp".into())];
    let mut reader = Reader::open(inputs, ReaderLimits::default()).expect("one can be opened");
    assert_eq!(drain(&mut reader).len(), 3);
    let infos = reader.captures();
    assert_eq!(infos.iter().map(|info| info.frames).collect::<Vec<_>>(), [0, 3, 0]);
    let kinds: Vec<_> =
        infos.iter().map(|info| info.error.as_ref().map(|error| error.reason.kind())).collect();
    assert_eq!(kinds, [Some(Kind::NotFound), None, Some(Kind::Directory)]);
    let size = sample_pcap().len() as u64;
    assert_eq!(reader.progress(), (size, Some(size)));
}

#[test]
fn a_stretch_of_a_file_is_a_capture_of_its_own() {
    let file = TempFile::new("stretch", &sample_pcap());
    let read = |head, start, end| {
        let input = Input::Part(file.0.clone(), Stretch { head, start, end });
        let mut reader = Reader::open(vec![input], ReaderLimits::default()).expect("opens");
        let lengths: Vec<_> = drain(&mut reader).iter().map(|frame| frame.data.len()).collect();
        let info = reader.captures().remove(0);
        (lengths, info.size, info.error.map(|error| error.reason.kind()))
    };
    let size = sample_pcap().len() as u64;
    assert_eq!(read(0, 0, None), (vec![4, 3, 0], Some(size), None));
    assert_eq!(read(0, 0, Some(44)), (vec![4], Some(44), None));
    assert_eq!(read(24, 44, None), (vec![3, 0], Some(size - 20), None));
    assert_eq!(read(24, 44, Some(63)), (vec![3], Some(43), None));
    assert_eq!(read(24, 44, Some(60)), (vec![], Some(40), Some(Kind::CutShort)));
    assert_eq!(read(24, size + 5, None), (vec![], Some(24), None));
}
