//! Parses words by the grammar of `pcap-filter(7)`: `and` and `or` bind alike, from left to right.

mod address;
mod arithmetic;
mod identifier;

use super::names::Protocol;
use super::token::{self, Token};
use super::tree::{Direction, Expression, Primitive};
use super::{Mistake, Services};
use identifier::{Kind, Qualifiers};

/// The maximum depth of parentheses and negations.
const DEEPEST: usize = 100;

/// The maximum number of words: terms nest even without parentheses.
const MOST_WORDS: usize = 3000;

/// Reads an expression; `None` if it is empty.
pub(super) fn parse(expression: &str, services: Services<'_>) -> Result<Option<Expression>, Mistake> {
    let tokens = token::split(expression)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    if let Some(beyond) = tokens.get(MOST_WORDS) {
        return Err(beyond.mistake(format!("there are more words than {MOST_WORDS}")));
    }
    let mut parser = Parser { tokens, at: 0, end: expression.len(), depth: 0, last: None, services };
    let read = parser.expression()?;
    match parser.peek() {
        None => Ok(Some(read)),
        Some(token) => Err(token.mistake(format!("there is no 'and' or 'or' in front of '{}'", token.text))),
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    /// The end of the expression.
    end: usize,
    depth: usize,
    /// Qualifiers of the last identifier; they hold for the next one if it has none.
    last: Option<Qualifiers>,
    services: Services<'a>,
}

impl Token<'_> {
    fn mistake(&self, why: impl Into<String>) -> Mistake {
        Mistake::at(self.at, self.text.len(), why)
    }
}

type Read = Result<Expression, Mistake>;

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn peek_text(&self) -> &'a str {
        self.peek().map_or("", |token| token.text)
    }

    /// The next word, which must exist; `wanted` names its kind for the error.
    fn take(&mut self, wanted: &str) -> Result<Token<'a>, Mistake> {
        let token =
            self.peek().ok_or_else(|| Mistake::at(self.end, 0, format!("{wanted} is missing here")))?;
        self.at += 1;
        Ok(token)
    }

    fn skip(&mut self, any_of: &[&str]) -> bool {
        let found = any_of.contains(&self.peek_text());
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Mistake> {
        let token = self.take(&format!("'{sign}'"))?;
        if token.text == sign { Ok(()) } else { Err(token.mistake(format!("'{sign}' is missing here"))) }
    }

    /// Enters one more level of nesting.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Mistake>) -> Result<T, Mistake> {
        if self.depth == DEEPEST {
            let at = self.peek().map_or(self.end, |token| token.at);
            return Err(Mistake::at(at, 1, "this is nested too deeply"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// Terms, with `and` and `or` between them.
    fn expression(&mut self) -> Read {
        self.joined(Self::term)
    }

    /// Reads operands by `read`, one or more, with `and` and `or` between them.
    fn joined(&mut self, read: fn(&mut Self) -> Read) -> Read {
        let mut joined = read(self)?;
        loop {
            let (first, make): (_, fn(_, _) -> _) = match self.peek_text() {
                "and" | "&&" => (joined, Expression::And),
                "or" | "||" => (joined, Expression::Or),
                _ => return Ok(joined),
            };
            self.at += 1;
            joined = make(Box::new(first), Box::new(read(self)?));
        }
    }

    fn term(&mut self) -> Read {
        if self.skip(&["not", "!"]) {
            return Ok(Expression::Not(Box::new(self.nested(Self::term)?)));
        }
        let begin = self.at;
        let relation = match self.relation() {
            Ok(Some(relation)) => return Ok(relation),
            Ok(None) => None,
            // A bracket after a name can only be a field.
            Err(mistake) if self.tokens.get(begin + 1).is_some_and(|next| next.text == "[") => {
                return Err(mistake);
            }
            Err(mistake) => Some(mistake),
        };
        self.at = begin;
        let read = if self.skip(&["("]) { self.parenthesis() } else { self.primitive() };
        // Two readings failed: report the one that got further.
        read.map_err(|mistake| match relation {
            Some(other) if other.at > mistake.at => other,
            _ => mistake,
        })
    }

    fn parenthesis(&mut self) -> Read {
        let inner = self.nested(Self::expression)?;
        self.expect(")")?;
        Ok(inner)
    }

    fn primitive(&mut self) -> Read {
        let token = self.take("something to look for")?;
        let asks = |primitive| Ok(Expression::Primitive(primitive, token.at));
        match token.text {
            "less" => asks(Primitive::NoLonger(self.number()?)),
            "greater" => asks(Primitive::NoShorter(self.number()?)),
            "vlan" => asks(Primitive::Vlan(self.tag()?)),
            "broadcast" => asks(BROADCAST),
            "multicast" => asks(Primitive::EthernetMulticast),
            _ => {
                self.at -= 1;
                self.qualified()
            }
        }
    }

    fn tag(&mut self) -> Result<Option<u16>, Mistake> {
        if !self.peek_text().starts_with(|c: char| c.is_ascii_digit()) {
            return Ok(None);
        }
        let token = self.take("a tag")?;
        let number = address::number(&token)?;
        match u16::try_from(number) {
            Ok(tag) if tag < 4096 => Ok(Some(tag)),
            _ => Err(token.mistake("a VLAN is a number below 4096")),
        }
    }

    fn number(&mut self) -> Result<u32, Mistake> {
        address::number(&self.take("a number")?)
    }

    /// Optional protocol, direction and kind, and the identifier after them.
    fn qualified(&mut self) -> Read {
        let begin = self.take("something to look for")?;
        self.at -= 1;
        let protocol = Protocol::of(begin.text);
        self.at += usize::from(protocol.is_some());
        if let Some(primitive) = self.group_question(protocol) {
            return Ok(Expression::Primitive(primitive, begin.at));
        }
        let direction = self.direction();
        let kind = Kind::of(self.peek_text());
        self.at += usize::from(kind.is_some());
        if direction.is_none() && kind.is_none() {
            match protocol.map(Protocol::question) {
                Some(Some(primitive)) => return Ok(Expression::Primitive(primitive, begin.at)),
                Some(None) => {
                    return Err(begin.mistake(format!("'{}' wants something behind it", begin.text)));
                }
                None => return self.identifiers(self.last.unwrap_or_default()),
            }
        }
        let kind = kind.unwrap_or_default();
        let qualifiers = Qualifiers { protocol, direction: direction.unwrap_or_default(), kind };
        self.last = Some(qualifiers);
        self.identifiers(qualifiers)
    }

    /// A question about a group of addresses: "ip multicast".
    fn group_question(&mut self, protocol: Option<Protocol>) -> Option<Primitive> {
        let asked = match (protocol?, self.peek_text()) {
            (Protocol::Link, "broadcast") => BROADCAST,
            (Protocol::Link, "multicast") => Primitive::EthernetMulticast,
            (Protocol::Network(super::layout::IPV4), "multicast") => Primitive::Multicast4,
            (Protocol::Network(super::layout::IPV6), "multicast") => Primitive::Multicast6,
            _ => return None,
        };
        self.at += 1;
        Some(asked)
    }

    fn direction(&mut self) -> Option<Direction> {
        let (one, other) = match self.peek_text() {
            "src" => (Direction::Source, "dst"),
            "dst" => (Direction::Destination, "src"),
            _ => return None,
        };
        self.at += 1;
        let begin = self.at;
        let joined = match self.peek_text() {
            "or" | "||" => Direction::Either,
            "and" | "&&" => Direction::Both,
            _ => return Some(one),
        };
        self.at += 1;
        if self.skip(&[other]) {
            return Some(joined);
        }
        self.at = begin;
        Some(one)
    }
}

const BROADCAST: Primitive = Primitive::Ethernet { direction: Direction::Destination, address: [0xff; 6] };
