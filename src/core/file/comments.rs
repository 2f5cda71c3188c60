//! Comments that people and tools left in a capture: a bounded number of bounded length.

use std::fmt;

use super::limits::ReaderLimits;

/// The part of a capture that a comment is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The capture, or one section of it.
    Section,
    /// An interface, counted from 0 through the whole capture.
    Interface(usize),
    /// A frame, counted from 1 within its own capture.
    Frame(u64),
}

/// A comment of a pcapng file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The part of the capture that it is about.
    pub place: Place,
    /// Its text.
    pub text: String,
}

impl fmt::Display for Comment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Section => f.write_str(&self.text),
            Place::Interface(index) => write!(f, "interface {index}: {}", self.text),
            Place::Frame(number) => write!(f, "frame {number}: {}", self.text),
        }
    }
}

/// The comments of one capture.
#[derive(Debug, Default)]
pub(super) struct Comments {
    pub kept: Vec<Comment>,
    /// How many more there were.
    pub left_out: u64,
}

impl Comments {
    pub fn add(&mut self, place: Place, text: &[u8], limits: &ReaderLimits) {
        if self.kept.len() < limits.comments {
            self.kept.push(Comment { place, text: bounded_text(text, limits.text) });
        } else {
            self.left_out += 1;
        }
    }
}

/// Text of a file as a string. Bytes that are not UTF-8 are replaced; a text that is too long ends in an ellipsis.
pub(super) fn bounded_text(text: &[u8], limit: usize) -> String {
    let text = text.split(|&byte| byte == 0).next().unwrap_or_default();
    let Some(head) = text.get(..limit).filter(|head| head.len() < text.len()) else {
        return String::from_utf8_lossy(text).into_owned();
    };
    // Half a character may stand before the ellipsis: leave it out.
    let whole = match std::str::from_utf8(head) {
        Err(error) if error.error_len().is_none() => &head[..error.valid_up_to()],
        _ => head,
    };
    String::from_utf8_lossy(whole).into_owned() + "…"
}
