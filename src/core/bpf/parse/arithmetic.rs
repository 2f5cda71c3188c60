//! Numbers, fields, and their comparisons.

use super::super::Mistake;
use super::super::names::{self, Protocol};
use super::super::tree::{Arithmetic, Expression, Operator, Relation};
use super::{Parser, address};

/// Operators by precedence, the weakest first.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("|", Operator::Or)],
    &[("&", Operator::And)],
    &[("<<", Operator::ShiftLeft), (">>", Operator::ShiftRight)],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide)],
];
/// Operators to which libpcap's grammar gives no precedence: their left side is one operand, their right side all
/// that follows. To tcpdump `10 % 3 * 2` is `10 % (3 * 2)`.
const WITHOUT_RANK: [(&str, Operator); 2] = [("^", Operator::ExclusiveOr), ("%", Operator::Remainder)];

impl Parser<'_> {
    /// A comparison of two numbers; `None` if there is none.
    pub(super) fn relation(&mut self) -> Result<Option<Expression>, Mistake> {
        if !self.may_be_arithmetic() {
            return Ok(None);
        }
        let left = self.arithmetic(0)?;
        let relation = match self.peek_text() {
            "=" | "==" => Relation::Equal,
            "!=" => Relation::Unequal,
            "<" => Relation::Less,
            "<=" => Relation::LessOrEqual,
            ">" => Relation::Greater,
            ">=" => Relation::GreaterOrEqual,
            _ => {
                let at = self.peek().map_or(self.end, |token| token.at);
                return Err(Mistake::at(
                    at,
                    self.peek_text().len(),
                    "a comparison such as '=' is missing here",
                ));
            }
        };
        self.at += 1;
        let right = self.arithmetic(0)?;
        Ok(Some(Expression::Relation(left, relation, right)))
    }

    fn may_be_arithmetic(&self) -> bool {
        let text = self.peek_text();
        let is_field = self.tokens.get(self.at + 1).is_some_and(|next| next.text == "[");
        let is_number = text.starts_with(|c: char| c.is_ascii_digit()) && !text.contains(['.', ':']);
        is_field || is_number || matches!(text, "(" | "-" | "len") || names::constant(text).is_some()
    }

    fn arithmetic(&mut self, level: usize) -> Result<Arithmetic, Mistake> {
        let Some(operators) = LEVELS.get(level) else { return self.nested(Self::factor) };
        let mut left = self.arithmetic(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            left = self.binary(left, operator, level + 1)?;
        }
        Ok(left)
    }

    /// An operand, with any operators without precedence after it.
    fn factor(&mut self) -> Result<Arithmetic, Mistake> {
        let left = self.operand()?;
        match self.operator(&WITHOUT_RANK) {
            Some(operator) => self.binary(left, operator, 0),
            None => Ok(left),
        }
    }

    /// The next operator, if it is one of these.
    fn operator(&mut self, among: &[(&str, Operator)]) -> Option<Operator> {
        let (_, operator) = among.iter().find(|(sign, _)| *sign == self.peek_text())?;
        self.at += 1;
        Some(*operator)
    }

    fn binary(&mut self, left: Arithmetic, operator: Operator, level: usize) -> Result<Arithmetic, Mistake> {
        let begin = self.peek();
        let right = self.arithmetic(level)?;
        if matches!(operator, Operator::Divide | Operator::Remainder) && right.constant() == Some(0) {
            return Err(begin.map_or_else(
                || Mistake::at(self.end, 0, "nothing can be divided by zero"),
                |token| token.mistake("nothing can be divided by zero"),
            ));
        }
        Ok(Arithmetic::Binary(Box::new(left), operator, Box::new(right)))
    }

    fn operand(&mut self) -> Result<Arithmetic, Mistake> {
        let token = self.take("a number")?;
        match token.text {
            "len" => return Ok(Arithmetic::Length),
            "-" => return Ok(Arithmetic::Negative(Box::new(self.nested(Self::factor)?))),
            "(" => {
                let inner = self.arithmetic(0)?;
                self.expect(")")?;
                return Ok(inner);
            }
            _ => {}
        }
        if let Some(value) = names::constant(token.text) {
            return Ok(Arithmetic::Number(value));
        }
        let Some(protocol) = Protocol::of(token.text) else {
            return address::number(&token).map(Arithmetic::Number);
        };
        self.expect("[")?;
        let offset = Box::new(self.arithmetic(0)?);
        let size = if self.skip(&[":"]) { self.size()? } else { 1 };
        self.expect("]")?;
        Ok(Arithmetic::Field { header: protocol.header(), offset, size, at: token.at })
    }

    fn size(&mut self) -> Result<u8, Mistake> {
        let token = self.take("a size")?;
        match token.text {
            "1" => Ok(1),
            "2" => Ok(2),
            "4" => Ok(4),
            _ => Err(token.mistake("a field has 1, 2 or 4 bytes")),
        }
    }
}
