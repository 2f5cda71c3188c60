//! Frames that are recorded once their comments are known. They are copied, because the reader reuses its memory.

use crate::file::record::Recorder;
use crate::flows::notes::Note;
use crate::frame::Frame;

/// Frames that wait for their comments, in the order of the capture.
#[derive(Debug, Default)]
pub struct Held {
    frames: Vec<Waiting>,
    /// The bytes of all frames, one frame behind the other.
    bytes: Vec<u8>,
}

#[derive(Debug)]
struct Waiting {
    interface: u32,
    /// The frame without its bytes.
    frame: Frame<'static>,
    length: usize,
}

impl Held {
    /// Keeps a frame. `interface` is the number of its interface.
    pub fn add(&mut self, interface: u32, frame: &Frame<'_>) {
        self.bytes.extend_from_slice(frame.data);
        let Frame { number, time_ns, link, fcs_len, orig_len, data } = *frame;
        let frame = Frame { number, time_ns, link, fcs_len, orig_len, data: &[] };
        self.frames.push(Waiting { interface, frame, length: data.len() });
    }

    /// Records all frames, each with its comments, and forgets them.
    pub fn record(&mut self, recorder: &mut Recorder, notes: &[Note]) {
        let mut rest = self.bytes.as_slice();
        for waiting in self.frames.drain(..) {
            let (data, behind) = rest.split_at_checked(waiting.length).unwrap_or((rest, &[]));
            rest = behind;
            let number = waiting.frame.number;
            let comments: Vec<&str> =
                notes.iter().filter(|(frame, _)| *frame == number).map(|(_, text)| text.as_str()).collect();
            recorder.frame(waiting.interface, &Frame { data, ..waiting.frame }, &comments);
        }
        self.bytes.clear();
    }
}
