"""An expression cut into words and signs, each with its place."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from wirestat.query.mistakes import mistake

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<sign>&&|\|\||==|!=|>=|<=|->|→|\.\.|[<>!~=(){},])
    | "(?P<quoted>(?:[^"\\]|\\.)*)"
    | (?P<word>(?:(?!\.\.|->|→)[^\s(){},&|!=<>~"])+)
    )""",
    re.VERBOSE,
)
_WORDS = {"and": "&&", "or": "||", "not": "!"}
_SAME = {"→": "->", "=": "=="}
_DOUBLED = "'&&' or 'and', '||' or 'or'"
LONGEST = 10_000
"""Maximum characters of an expression: nobody types more."""


class Token(NamedTuple):
    """A word or a sign."""

    kind: str
    """The sign itself; ``word`` or ``quoted``; ``end`` after the last token."""
    text: str
    at: int
    """Where it begins, in characters."""
    length: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of an expression, and one for its end.

    Raises:
        UsageError: there is something that no token begins with.
    """
    if len(text) > LONGEST:
        raise mistake(text[:LONGEST], LONGEST - 1, 1, f"a filter has no more than {LONGEST:,} characters")
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            why = "a quotation mark is open" if text[at] == '"' else f"{text[at]!r} is not understood"
            raise mistake(text, at, 1, why, _DOUBLED if text[at] in "&|" else None)
        group = found.lastgroup or ""
        value = found[group]
        begin, at = found.start(group) - (group == "quoted"), found.end()
        yield Token(_kind(group, value), value, begin, at - begin)
    yield Token("end", "", end, 1)


def _kind(group: str, value: str) -> str:
    if group == "sign":
        return _SAME.get(value, value)
    return _WORDS.get(value.lower(), group) if group == "word" else group
