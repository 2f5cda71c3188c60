"""Commands in blocks that no test runs, for they need root, a cluster or other files, are command lines of ours."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from tests.documents import PAGES, ROOT
from wirestat.commands import verbs
from wirestat.commands.group import DEFAULT, VERBS
from wirestat.commands.voice import Voice

_BLOCK = re.compile(r"^```(?P<kind>[\w ]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_KINDS = ("", "sh")
_BEFORE = ("sudo", "exec", "timeout", "60")
_BREAKS = frozenset("|&;<>()")
_PROGRAM = "wirestat"


def _commands(line: str) -> Iterator[list[str]]:
    """Yield the words behind each call of the program in a line of a shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if _BREAKS.issuperset(word):
            while words and words[0] in _BEFORE:
                words.pop(0)
            if words and words[0] == _PROGRAM:
                yield words[1:]
            words = []
        else:
            words.append(word)


def _examples() -> Iterator[tuple[str, list[str]]]:
    for page in PAGES:
        for block in _BLOCK.finditer(page.read_text(encoding="utf-8")):
            if block["kind"] not in _KINDS:
                continue
            for line in block["text"].replace("\\\n", " ").splitlines():
                if line.lstrip().startswith((_PROGRAM + " ", "sudo " + _PROGRAM)) or f"| {_PROGRAM} " in line:
                    yield from (
                        (f"{page.relative_to(ROOT)}: {line.strip()}", words) for words in _commands(line)
                    )


EXAMPLES = list(_examples())


def test_there_are_examples_of_most_verbs() -> None:
    named = {words[0] for _, words in EXAMPLES if words and words[0] in VERBS}
    assert len(EXAMPLES) > 30
    assert len(named) > 8


@pytest.mark.parametrize(("example", "words"), EXAMPLES, ids=[example for example, _ in EXAMPLES])
def test_an_example_is_a_command_line(example: str, words: list[str]) -> None:
    if words and words[0] in ("--help", "--version"):
        return
    name, rest = (words[0], words[1:]) if words and words[0] in VERBS else (DEFAULT, words)
    command = verbs.get_command(click.Context(verbs), name)
    assert command is not None
    command.make_context(name, rest, obj=Voice())
