//! The words of a filter expression, each with its place.

use super::Mistake;

/// One word, number or sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// The text as written.
    pub text: &'a str,
    /// Its offset in bytes.
    pub at: usize,
}

/// Signs, longest first.
const SIGNS: [&str; 22] = [
    "&&", "||", "<<", ">>", "<=", ">=", "!=", "==", "(", ")", "[", "]", ":", "!", "=", "<", ">", "+", "*",
    "/", "%", "^",
];
const MORE_SIGNS: [&str; 3] = ["-", "&", "|"];

/// Splits an expression into words.
pub(super) fn split(expression: &str) -> Result<Vec<Token<'_>>, Mistake> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut brackets = 0_usize;
    while let Some(first) = expression[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let rest = &expression[at..];
        // Between brackets a colon separates offset and size; elsewhere it belongs to an address.
        let length = match word_length(rest, brackets == 0) {
            0 => sign_length(rest)
                .ok_or_else(|| Mistake::at(at, first.len_utf8(), "this sign means nothing here"))?,
            length => length,
        };
        let text = &rest[..length];
        match text {
            "[" => brackets += 1,
            "]" => brackets = brackets.saturating_sub(1),
            _ => {}
        }
        tokens.push(Token { text, at });
        at += length;
    }
    Ok(tokens)
}

fn sign_length(rest: &str) -> Option<usize> {
    let signs = SIGNS.iter().chain(&MORE_SIGNS);
    signs.filter(|sign| rest.starts_with(**sign)).map(|sign| sign.len()).max()
}

/// The length of the word that begins here: letters, digits, dots; hyphens between letters; colons, if addresses are
/// possible.
fn word_length(rest: &str, colons: bool) -> usize {
    let octets = rest.as_bytes();
    let is_named = octets[0].is_ascii_alphabetic() || octets[0] == b'\\';
    let is_address = |at: usize| colons && octets[at] == b':' && is_in_address(octets, at);
    let belongs = |at: usize| match octets[at] {
        b'\\' => at == 0,
        b'-' => is_named && at > 0 && octets.get(at + 1).is_some_and(u8::is_ascii_alphanumeric),
        b':' => is_address(at),
        octet => octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'_') && at > 0,
    };
    (0..octets.len()).take_while(|at| belongs(*at)).count()
}

/// Whether the colon at `at` is part of an address: it separates parts, or begins one.
fn is_in_address(octets: &[u8], at: usize) -> bool {
    let part = |octet: Option<&u8>| octet.is_some_and(|octet| octet.is_ascii_hexdigit() || *octet == b':');
    part(octets.get(at + 1)) || at > 0 && octets[at - 1] == b':'
}

#[cfg(test)]
mod tests {
    use super::split;

    fn words(expression: &str) -> Vec<&str> {
        split(expression).unwrap().iter().map(|token| token.text).collect()
    }

    #[test]
    fn words_and_signs_are_told_apart() {
        assert_eq!(words("tcp port 80"), ["tcp", "port", "80"]);
        assert_eq!(
            words("!(host ::1)&&net 10.0.0.0/8"),
            ["!", "(", "host", "::1", ")", "&&", "net", "10.0.0.0", "/", "8"]
        );
        assert_eq!(
            words("tcp[tcpflags]&(tcp-syn|tcp-fin)!=0"),
            ["tcp", "[", "tcpflags", "]", "&", "(", "tcp-syn", "|", "tcp-fin", ")", "!=", "0"]
        );
        assert_eq!(words("ip[2:2]-20>=0x10"), ["ip", "[", "2", ":", "2", "]", "-", "20", ">=", "0x10"]);
        assert_eq!(words("portrange 80-90"), ["portrange", "80", "-", "90"]);
        assert_eq!(words("net 2001:db8::/32"), ["net", "2001:db8::", "/", "32"]);
        assert_eq!(words("ether host 02:00:00:00:00:01"), ["ether", "host", "02:00:00:00:00:01"]);
    }

    #[test]
    fn an_unknown_sign_is_pointed_at() {
        let mistake = split("tcp port 80 ; id").unwrap_err();
        assert_eq!((mistake.at, mistake.length), (12, 1));
        assert_eq!(split("tcp é").unwrap_err().length, 2);
    }
}
