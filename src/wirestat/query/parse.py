"""Parses an expression to its tree, by recursive descent: ``or`` binds least, then ``and``, then ``not``."""

from __future__ import annotations

from wirestat.query.bind import conjunction
from wirestat.query.elsewhere import meant, without_comparison
from wirestat.query.fields import Kind, by_every_name
from wirestat.query.mistakes import mistake, nearest
from wirestat.query.tokens import Token, tokens
from wirestat.query.tree import ENDS, End, Known, Opposite, Some, Span, Stepped, Test, Tree
from wirestat.query.values import Values, Worded

_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">="})
_DEEPEST = 50
"""Maximum depth of nested parentheses and negations."""
_TRANSITION = "transition"


def parse(text: str, known: Known | None = None) -> Tree:
    """Read an expression.

    ``known`` are the diagnoses that it may name.

    Raises:
        UsageError: it is invalid; the excerpt points at the mistake.
    """
    return _Parser(text, known or Known()).everything()


class _Parser:
    def __init__(self, text: str, known: Known) -> None:
        self._text = text
        self._tokens = list(tokens(text))
        self._at = 0
        self._depth = 0
        self._known = known

    def everything(self) -> Tree:
        """Read the whole expression."""
        tree = self._either()
        if self._next.kind != "end":
            after = " is missing" if self._next.kind in ("word", "quoted", "(", "!") else " expected"
            raise self._wrong(self._next, f"'&&' or '||'{after}")
        return tree

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += token.kind != "end"
        return token

    def _takes(self, kind: str) -> bool:
        """Take the next token if it is of this kind."""
        is_next = self._next.kind == kind
        self._at += is_next
        return is_next

    def _expect(self, kind: str) -> None:
        if not self._takes(kind):
            raise self._wrong(self._next, f"{kind!r} expected")

    def _wrong(self, token: Token, why: str, hint: str | None = None) -> Exception:
        return mistake(self._text, token.at, token.length, why, hint)

    def _either(self) -> Tree:
        parts = [self._both()]
        while self._takes("||"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _both(self) -> Tree:
        parts = [self._one()]
        while self._takes("&&"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else conjunction(parts)

    def _one(self) -> Tree:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._wrong(self._next, f"no more than {_DEEPEST} levels, please")
        if self._takes("!"):
            tree: Tree = Opposite(self._one())
        elif self._takes("("):
            tree = self._either()
            self._expect(")")
        else:
            tree = self._test()
        self._depth -= 1
        return tree

    def _test(self) -> Tree:
        token = self._take()
        if token.kind != "word":
            found = "nothing follows" if token.kind == "end" else f"no field begins with {token.text!r}"
            raise self._wrong(token, f"a field is expected: {found}")
        end, name = _split(token.text)
        if name == _TRANSITION:
            return self._transition(end)
        field = by_every_name().get(name)
        if field is None:
            hint = meant(name, self._known.findings) or nearest(name, [*by_every_name(), _TRANSITION])
            raise self._wrong(token, f"there is no field {name!r}", hint)
        if end and not field.is_of_ends:
            raise self._wrong(token, f"{field.name} is of the connection: it has no ends")
        return self._comparison(Worded(self._text, token, field, end))

    def _comparison(self, what: Worded) -> Tree:
        values = Values(what, self._known)
        operator = self._next
        if operator.kind in _COMPARISONS:
            self._take()
            return self._compared(values, operator)
        if operator.kind == "!" and self._tokens[self._at + 1].text.lower() == "in":
            self._take()
            return Opposite(self._among(values))
        if operator.kind == "word" and operator.text.lower() == "in":
            return self._among(values)
        if operator.kind == "~":
            raise self._wrong(operator, "'~' is not understood", "== compares, and takes nets and names")
        whose, dot, _ = what.token.text.rpartition(".")
        name = f"{whose}{dot}{what.field.name}"
        if operator.kind == "word" and (hint := without_comparison(name, operator.text)):
            # Both errors are the same as without a hint.
            if what.field.kind is Kind.ADDRESS:
                raise self._wrong(what.token, f"{what.field.name} is compared with a value", hint)
            raise self._wrong(operator, "'&&' or '||' is missing", hint)
        return values.there()

    def _compared(self, values: Values, operator: Token) -> Tree:
        low = self._value()
        if operator.kind in ("==", "!="):
            test = self._range(values, low)
            return test if operator.kind == "==" else Opposite(test)
        return values.ordered(operator, low)

    def _among(self, values: Values) -> Tree:
        self._take()
        if not self._takes("{"):
            return self._range(values, self._value())
        found = [self._range(values, self._value())]
        while self._takes(","):
            found.append(self._range(values, self._value()))
        self._expect("}")
        spans = tuple(span for one in found for span in one.spans)
        return values.test(spans, tuple(text for one in found for text in one.texts))

    def _range(self, values: Values, low: Token) -> Test:
        return values.between(low, self._value()) if self._takes("..") else values.equal(low)

    def _value(self) -> Token:
        token = self._take()
        if token.kind not in ("word", "quoted"):
            raise self._wrong(token, "a value is expected")
        return token

    def _transition(self, end: End | None) -> Tree:
        self._expect("(")
        left = self._states()
        self._expect("->")
        entered = self._states()
        self._expect(")")
        changes: tuple[Span, ...] = tuple((before, after) for before in left for after in entered)
        return Stepped(end, changes)

    def _states(self) -> list[int]:
        token = self._value()
        state = by_every_name()["state"]
        test = Values(Worded(self._text, token, state, None), self._known).equal(token, any_for="*")
        return [code for low, high in test.spans for code in range(low, high + 1)]


def _split(word: str) -> tuple[End | None, str]:
    before, dot, name = word.lower().partition(".")
    for end in ENDS:
        if dot and before == end:
            return end, name
    return None, word.lower()
