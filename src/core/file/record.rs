//! Recording while tracking: frames to pcapng, in one file or in rotating files.
//!
//! The file on disk is always valid: only complete blocks are written, and on a full disk the file is cut back to its
//! last complete block.

use super::sink::Sink;
use super::write::{Interface, Statistics, Writer};
use crate::frame::{Frame, LinkType};
use std::collections::VecDeque;
use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;

/// When to start another file, and how many to keep. 0 stands for never, and for all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rotation {
    /// Bytes of a file.
    pub bytes: u64,
    /// Nanoseconds of packet time from one file's beginning to the next.
    pub span_ns: i64,
    /// Files kept; beyond them the oldest is deleted.
    pub files: usize,
}

/// Names a file, given its number and start time (Unix ns).
pub type Names = Box<dyn FnMut(u64, i64) -> Result<PathBuf, String> + Send>;

/// The reason why a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The file, if it has a name.
    pub path: PathBuf,
    /// The message of the operating system.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.message)
    }
}

/// Writes frames to files.
pub struct Recorder {
    names: Names,
    rotation: Rotation,
    application: String,
    open: Option<Open>,
    sources: Vec<Source>,
    kept: VecDeque<PathBuf>,
    begun: u64,
    frames: u64,
    failure: Option<Failure>,
}

/// The file being written.
struct Open {
    writer: Writer<Sink>,
    path: PathBuf,
    since_ns: Option<i64>,
}

/// An interface, and the link type of frames on it.
struct Source {
    number: u32,
    link: LinkType,
    name: Option<String>,
    snaplen: Option<u32>,
    statistics: Statistics,
    /// Its number in the open file.
    place: Option<u32>,
}

impl Recorder {
    /// Begins the first file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn new(names: Names, rotation: Rotation, application: &str, now_ns: i64) -> Result<Self, Failure> {
        let mut recorder = Self {
            names,
            rotation,
            application: application.to_owned(),
            open: None,
            sources: Vec::new(),
            kept: VecDeque::new(),
            begun: 0,
            frames: 0,
            failure: None,
        };
        recorder.begin(now_ns);
        recorder.failure.clone().map_or(Ok(recorder), Err)
    }

    /// Names an interface, given its number and link type.
    pub fn describe(&mut self, number: u32, link: LinkType, name: &str, snaplen: Option<u32>) {
        let source = self.source(number, link);
        source.name = Some(name.to_owned());
        source.snaplen = snaplen;
    }

    /// Stores the counts of an interface since the beginning.
    pub fn count(&mut self, number: u32, statistics: Statistics) {
        for source in self.sources.iter_mut().filter(|source| source.number == number) {
            source.statistics = statistics;
        }
    }

    /// Writes a frame of an interface, with comments. After a failure it does nothing.
    pub fn frame(&mut self, number: u32, frame: &Frame<'_>, comments: &[&str]) {
        if self.is_due(frame.time_ns) {
            self.end(frame.time_ns);
            self.begin(frame.time_ns);
        }
        if let Err(error) = self.write(number, frame, comments) {
            self.fail(&error);
        }
    }

    /// Flushes the file, so that others can read it.
    pub fn flush(&mut self) {
        let flushed = self.open.as_mut().map_or(Ok(()), |open| open.writer.flush());
        if let Err(error) = flushed {
            self.fail(&error);
        }
    }

    /// Ends the recording, with the counts of every interface.
    pub fn close(&mut self, now_ns: i64) {
        self.end(now_ns);
    }

    /// Files started, frames written, and the error that ended the recording early.
    #[must_use]
    pub const fn status(&self) -> (u64, u64, Option<&Failure>) {
        (self.begun, self.frames, self.failure.as_ref())
    }

    fn is_due(&self, now_ns: i64) -> bool {
        let Some(open) = &self.open else { return false };
        let Rotation { bytes, span_ns, .. } = self.rotation;
        let grown = bytes > 0 && open.writer.get_ref().length() >= bytes;
        let aged = span_ns > 0 && open.since_ns.is_some_and(|since| now_ns.saturating_sub(since) >= span_ns);
        grown || aged
    }

    fn begin(&mut self, now_ns: i64) {
        if self.failure.is_some() {
            return;
        }
        let path = match (self.names)(self.begun, now_ns) {
            Ok(path) => path,
            Err(message) => {
                self.failure = Some(Failure { path: PathBuf::new(), message });
                return;
            }
        };
        let opened = Sink::open(&path).and_then(|sink| Writer::new(sink, &self.application, None));
        match opened {
            Ok(writer) => {
                self.open = Some(Open { writer, path: path.clone(), since_ns: None });
                self.begun += 1;
                self.keep(path);
            }
            Err(error) => self.failure = Some(Failure { path, message: system(&error) }),
        }
    }

    fn keep(&mut self, path: PathBuf) {
        self.kept.retain(|known| *known != path);
        self.kept.push_back(path);
        while self.rotation.files > 0 && self.kept.len() > self.rotation.files {
            if let Some(oldest) = self.kept.pop_front() {
                // The file may be gone because somebody moved it away. Its space is free then.
                let _ = fs::remove_file(oldest);
            }
        }
        // Without a limit no file is deleted, so the names are not needed.
        if self.rotation.files == 0 {
            self.kept.clear();
        }
    }

    fn write(&mut self, number: u32, frame: &Frame<'_>, comments: &[&str]) -> io::Result<()> {
        let index = self.place(number, frame.link);
        let Some(open) = &mut self.open else { return Ok(()) };
        let source = &mut self.sources[index];
        let place = match source.place {
            Some(place) => place,
            None => describe(&mut open.writer, source)?,
        };
        open.since_ns.get_or_insert(frame.time_ns);
        open.writer.frame(place, frame, comments)?;
        self.frames += 1;
        Ok(())
    }

    fn source(&mut self, number: u32, link: LinkType) -> &mut Source {
        let index = self.place(number, link);
        &mut self.sources[index]
    }

    fn place(&mut self, number: u32, link: LinkType) -> usize {
        let known = self.sources.iter().position(|source| source.number == number && source.link == link);
        known.unwrap_or_else(|| {
            let (name, statistics) = self
                .sources
                .iter()
                .find(|source| source.number == number)
                .map_or((None, Statistics::default()), |twin| (twin.name.clone(), twin.statistics));
            self.sources.push(Source { number, link, name, snaplen: None, statistics, place: None });
            self.sources.len() - 1
        })
    }

    fn end(&mut self, now_ns: i64) {
        let Some(mut open) = self.open.take() else { return };
        let mut done = Ok(());
        for source in &mut self.sources {
            if let Some(place) = source.place.take() {
                let s = &source.statistics;
                if done.is_ok() && (s.received.is_some() || s.dropped.is_some()) {
                    done = open.writer.statistics(place, now_ns, s);
                }
            }
        }
        if let Err(error) = done.and_then(|()| open.writer.flush()) {
            self.open = Some(open);
            self.fail(&error);
        }
    }

    fn fail(&mut self, error: &io::Error) {
        if let Some(open) = self.open.take() {
            self.failure.get_or_insert(Failure { path: open.path, message: system(error) });
        }
    }
}

fn describe(writer: &mut Writer<Sink>, source: &mut Source) -> io::Result<u32> {
    let place = writer.interface(&Interface {
        name: source.name.as_deref(),
        link: source.link,
        snaplen: source.snaplen,
        fcs_len: 0,
    })?;
    source.place = Some(place);
    Ok(place)
}

/// The system's message without the number that Rust appends.
#[must_use]
pub fn system(error: &io::Error) -> String {
    let words = error.to_string();
    words.split(" (os error").next().unwrap_or_default().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::{Input, Next, Reader, ReaderLimits};

    const ETHERNET: LinkType = LinkType(1);

    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("wirestat-record-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn recorder(&self, rotation: Rotation) -> Recorder {
            let directory = self.0.clone();
            let names = Box::new(move |index, _| Ok(directory.join(format!("{index:03}.pcapng"))));
            Recorder::new(names, rotation, "test", 0).unwrap()
        }

        fn files(&self) -> Vec<PathBuf> {
            let mut files: Vec<_> =
                fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).collect();
            files.sort();
            files
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn frame(time_ns: i64, data: &[u8]) -> Frame<'_> {
        Frame { number: 1, time_ns, link: ETHERNET, fcs_len: 0, orig_len: data.len() as u32, data }
    }

    fn frames(paths: Vec<PathBuf>) -> (usize, Reader) {
        let mut reader =
            Reader::open(paths.into_iter().map(Input::Path).collect(), ReaderLimits::default()).unwrap();
        let mut count = 0;
        while let Next::Frame(_) = reader.next() {
            count += 1;
        }
        (count, reader)
    }

    #[test]
    fn a_written_section_is_read_again_with_names_and_counts() {
        let place = Place::new("plain");
        let mut recorder = place.recorder(Rotation::default());
        recorder.describe(3, ETHERNET, "eth0", Some(96));
        recorder.frame(3, &frame(1_000, &[1; 60]), &[]);
        recorder.frame(4, &frame(2_000, &[2; 60]), &[]);
        recorder.count(3, Statistics { received: Some(10), dropped: Some(8) });
        recorder.close(3_000);
        assert_eq!(recorder.status(), (1, 2, None));
        let (count, reader) = frames(place.files());
        let info = &reader.captures()[0];
        assert_eq!((count, info.error.is_none()), (2, true));
        assert_eq!(info.interfaces[0].name.as_deref(), Some("eth0"));
        assert_eq!((info.interfaces[0].received, info.interfaces[0].dropped), (Some(10), Some(8)));
        assert_eq!(info.interfaces[1].name, None);
    }

    #[test]
    fn files_rotate_by_size_and_the_oldest_goes() {
        let place = Place::new("size");
        let mut recorder = place.recorder(Rotation { bytes: 1000, files: 3, ..Rotation::default() });
        for time in 0..100 {
            recorder.frame(1, &frame(time, &[0; 100]), &[]);
        }
        recorder.close(100);
        let files = place.files();
        assert_eq!(files.len(), 3);
        assert!(!files[0].ends_with("000.pcapng"), "the first is the oldest");
        for file in files {
            assert!(fs::metadata(&file).unwrap().len() < 1200);
            assert!(frames(vec![file]).1.captures()[0].error.is_none());
        }
    }

    #[test]
    fn files_rotate_by_packet_time() {
        let place = Place::new("time");
        let mut recorder = place.recorder(Rotation { span_ns: 10, ..Rotation::default() });
        for time in 0..40 {
            recorder.frame(1, &frame(time, &[0; 20]), &[]);
        }
        recorder.close(40);
        assert_eq!(place.files().len(), 4);
        assert_eq!(frames(place.files()).0, 40);
    }

    #[test]
    fn a_file_that_cannot_be_created_is_reported() {
        let names: Names = Box::new(|_, _| Ok(PathBuf::from("/nowhere/at/all.pcapng")));
        let failure = Recorder::new(names, Rotation::default(), "test", 0).err().unwrap();
        assert_eq!(failure.to_string(), "/nowhere/at/all.pcapng: no such file or directory");
    }
}
