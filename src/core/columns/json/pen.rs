//! Writes JSON without spaces. Texts are names that need no escape: the words of the tracker itself, and addresses.

use std::fmt::{Display, Write};

/// The text so far.
#[derive(Debug, Default)]
pub struct Pen {
    /// The text.
    pub text: String,
}

impl Pen {
    /// Appends text that is JSON already.
    #[inline]
    pub fn raw(&mut self, json: &str) {
        self.text.push_str(json);
    }

    /// A number.
    #[inline]
    pub fn number(&mut self, number: impl itoa::Integer) {
        self.text.push_str(itoa::Buffer::new().format(number));
    }

    /// A number, or `null`.
    #[inline]
    pub fn maybe(&mut self, number: Option<impl itoa::Integer>) {
        match number {
            Some(number) => self.number(number),
            None => self.raw("null"),
        }
    }

    /// `true` or `false`.
    #[inline]
    pub fn truth(&mut self, truth: bool) {
        self.raw(if truth { "true" } else { "false" });
    }

    /// A name.
    #[inline]
    pub fn name(&mut self, name: &str) {
        self.raw("\"");
        self.raw(name);
        self.raw("\"");
    }

    /// A name, or `null`.
    #[inline]
    pub fn maybe_name(&mut self, name: Option<&str>) {
        match name {
            Some(name) => self.name(name),
            None => self.raw("null"),
        }
    }

    /// A value that is written as a name.
    pub fn shown(&mut self, shown: impl Display) {
        // Writing to a string cannot fail.
        let _ = write!(self.text, "\"{shown}\"");
    }

    /// A list: each item is written by `write`.
    pub fn list<Item>(
        &mut self,
        items: impl IntoIterator<Item = Item>,
        mut write: impl FnMut(&mut Self, Item),
    ) {
        self.raw("[");
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.raw(",");
            }
            write(self, item);
        }
        self.raw("]");
    }
}

/// Writes fields one after the other. Each is given as the text of its key, with everything in front of it, and its
/// value.
macro_rules! fields {
    ($pen:ident: $($before:literal $write:ident $value:expr;)*) => {
        $($pen.raw($before); $pen.$write($value);)*
    };
}
pub(super) use fields;

#[cfg(test)]
mod tests {
    use super::Pen;

    #[test]
    fn the_text_written_is_json() {
        let mut pen = Pen::default();
        pen.list([Some(i64::MIN), None], Pen::maybe);
        pen.list(Vec::<u8>::new(), Pen::number);
        fields! {pen: "{\"a\":" truth true; ",\"b\":" maybe_name None; ",\"c\":" name "d"; ",\"e\":" number u64::MAX;}
        assert_eq!(
            pen.text,
            "[-9223372036854775808,null][]{\"a\":true,\"b\":null,\"c\":\"d\",\"e\":18446744073709551615"
        );
    }
}
