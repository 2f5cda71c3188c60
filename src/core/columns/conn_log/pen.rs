//! Writes a line of a log: tab-separated values, or a JSON object without unset fields.

use std::fmt::{Display, Write};

/// A log while it is written.
pub struct LogPen {
    /// The lines.
    pub text: String,
    is_json: bool,
    is_first: bool,
}

impl LogPen {
    /// An empty log.
    pub const fn new(is_json: bool) -> Self {
        Self { text: String::new(), is_json, is_first: true }
    }

    /// Begins a line.
    pub fn begin(&mut self) {
        self.is_first = true;
        if self.is_json {
            self.text.push('{');
        }
    }

    /// Ends a line.
    pub fn end(&mut self) {
        self.text.push_str(if self.is_json { "}\n" } else { "\n" });
    }

    fn between(&mut self) {
        if !self.is_first {
            self.text.push(if self.is_json { ',' } else { '\t' });
        }
        self.is_first = false;
    }

    fn name(&mut self, name: &str) {
        self.between();
        if self.is_json {
            self.text.push('"');
            self.text.push_str(name);
            self.text.push_str("\":");
        }
    }

    fn quote(&mut self) {
        if self.is_json {
            self.text.push('"');
        }
    }

    /// A field without a value.
    pub fn unset(&mut self) {
        if !self.is_json {
            self.between();
            self.text.push('-');
        }
    }

    /// A number.
    pub fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        self.text.push_str(itoa::Buffer::new().format(number));
    }

    /// A time or a span, in seconds to the microsecond.
    pub fn write_seconds(&mut self, name: &str, ns: i64) {
        self.name(name);
        let (sign, ns) = (if ns < 0 { "-" } else { "" }, ns.unsigned_abs());
        // Writing to a string cannot fail.
        let _ = write!(self.text, "{sign}{}.{:06}", ns / 1_000_000_000, ns % 1_000_000_000 / 1000);
    }

    /// A flag.
    pub fn truth(&mut self, name: &str, truth: bool) {
        self.name(name);
        self.text.push_str(match (self.is_json, truth) {
            (true, true) => "true",
            (true, false) => "false",
            (false, true) => "T",
            (false, false) => "F",
        });
    }

    /// A text that needs no escape.
    pub fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.quote();
        self.text.push_str(text);
        self.quote();
    }

    /// A value that is written as text.
    pub fn shown(&mut self, name: &str, shown: &impl Display) {
        self.name(name);
        self.quote();
        let _ = write!(self.text, "{shown}");
        self.quote();
    }

    /// A set of texts that need no escape.
    pub fn list(&mut self, name: &str, texts: &[String]) {
        self.name(name);
        if self.is_json {
            let quoted: Vec<_> = texts.iter().map(|text| format!("\"{text}\"")).collect();
            let _ = write!(self.text, "[{}]", quoted.join(","));
        } else if texts.is_empty() {
            self.text.push_str("(empty)");
        } else {
            self.text.push_str(&texts.join(","));
        }
    }
}
