//! Any frames, recorded and read back: the frames read are the frames written, in files that rotate.

#![no_main]

use std::fs;
use std::path::PathBuf;

use libfuzzer_sys::fuzz_target;
use wirestat_core::file::record::{Recorder, Rotation};
use wirestat_core::file::write::Statistics;
use wirestat_core::file::{Input, Next, Reader, ReaderLimits};
use wirestat_core::frame::{Frame, LinkType};

fuzz_target!(|data: &[u8]| {
    let Some((&[rotation, files], chunks)) = data.split_first_chunk() else { return };
    let folder = std::env::temp_dir().join(format!("wirestat-fuzz-{}", std::process::id()));
    let _ = fs::create_dir(&folder);
    let place = folder.clone();
    let names = Box::new(move |index: u64, _: i64| Ok::<PathBuf, String>(place.join(index.to_string())));
    let limits = Rotation { bytes: u64::from(rotation) << 4, span_ns: 0, files: usize::from(files & 7) };
    let mut recorder = Recorder::new(names, limits, "fuzz", 0).expect("begins");
    let mut written = 0_u64;
    for chunk in chunks.chunks(24) {
        let (&place, data) = chunk.split_first().expect("chunks are not empty");
        let number = u32::from(place & 3);
        recorder.describe(number, LinkType(u16::from(place >> 6)), "any \u{9b}name", None);
        recorder.count(number, Statistics { received: Some(written), dropped: None });
        written += 1;
        recorder.frame(
            number,
            &Frame {
                number: written,
                time_ns: i64::from(place) << 40,
                link: LinkType(u16::from(place >> 6)),
                fcs_len: 0,
                orig_len: 100,
                data,
            },
            &[],
        );
    }
    recorder.close(1 << 50);
    let (begun, frames, failure) = recorder.status();
    assert!(failure.is_none() && frames == written);
    let mut read = 0;
    for index in 0..begun {
        let path = folder.join(index.to_string());
        if path.exists() {
            let mut reader =
                Reader::open(vec![Input::Path(path.clone())], ReaderLimits::default()).expect("opens");
            while let Next::Frame(_) = reader.next() {
                read += 1;
            }
            assert!(reader.captures()[0].error.is_none());
            let _ = fs::remove_file(path);
        }
    }
    assert!(if limits.files == 0 { read == written } else { read <= written });
});
