"""The examples of the pages are run in a folder of sample captures; the others are command lines of ours."""

import re
import shlex
from collections.abc import Iterator

import click
import pytest

from tests.examples import Example, Folder, examples
from wirestat.commands import verbs
from wirestat.commands.group import DEFAULT, VERBS
from wirestat.commands.voice import Voice

_BEFORE = ("sudo", "exec", "timeout", "60")
_BREAKS = frozenset("|&;<>()")
_PROGRAM = re.compile(r"(\.venv/bin/)?wirestat")

ONLY_READ = {
    r"^(ssh|kubectl|docker|podman|nsenter|sudo nsenter) ": "another host, a cluster or an engine for containers",
    r"^(tcpdump|dumpcap|tshark -i|curl|journalctl|sudo systemctl) ": "beside a capture on an interface, or a service",
    r"wirestat tui ": "a whole screen: tests/tui plays every key",
    r"--follow ": "does not end by itself: tests/live/test_follow.py",
    r"s3://": "a bucket and a scheduler: tests/batch/test_remote.py and test_cluster.py",
    r"^duckdb ": "the command of another program: tests/batch asks the same tables",
    r"^(pip|buildah) ": "makes a container: .ci/package",
}
"""Pages that no test here runs, and why. Their command lines are read by the parsers of the options all the same."""
CAPTURES = "captures on an interface: tests/live/test_pages.py runs it"
PLACEHOLDERS = {
    "CAPTURE": "trace.pcap", "FILE": "pcaps/last-ack-lost/client.pcap", "FOLDER": "copied", "SHELL": "bash"
}  # fmt: skip

_NAME = re.compile(r"wirestat (batch|compare|diff|history|annotate|count)")
EXAMPLES = [example for example in examples() if not _NAME.fullmatch(example.text)]


def _obstacle(example: Example) -> str | None:
    if example.captures:
        return CAPTURES
    return next((why for sign, why in ONLY_READ.items() if re.search(sign, example.text)), None)


RUN = [example for example in EXAMPLES if _obstacle(example) is None]
QUICK = [
    pytest.param(example, marks=[] if example.place.startswith("README") else pytest.mark.slow)
    for example in RUN
]
"""The examples of a page may need one another. Those of the README are run by a plain ``pytest``."""
READ = [example for example in EXAMPLES if _obstacle(example) is not None]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("examples"))


def test_most_examples_are_run_and_every_reason_not_to_is_used() -> None:
    assert len(RUN) > 2 * len(READ)
    unused = [sign for sign in ONLY_READ if not any(re.search(sign, example.text) for example in READ)]
    assert unused == []


@pytest.mark.parametrize("example", QUICK, ids=str)
def test_an_example_does_what_it_says(example: Example, folder: Folder) -> None:
    text = re.sub(r"\b[A-Z]{4,}\b", lambda found: PLACEHOLDERS.get(found[0], found[0]), example.text)
    before = folder.files()
    done = folder.run(text)
    may_find = "--fail-on" in text
    assert done.returncode in ((0, 1) if may_find else (0,)), done.stderr
    assert [line for line in done.stderr.splitlines() if not line.startswith("note: ")] == []
    assert done.stdout or folder.files() != before or may_find, "it shows nothing and writes nothing"


def _commands(line: str) -> Iterator[list[str]]:
    """Yield the words behind each call of the program in a line of a shell."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if _BREAKS.issuperset(word):
            while words and words[0] in _BEFORE:
                words.pop(0)
            if words and _PROGRAM.fullmatch(words[0]):
                yield words[1:]
            words = []
        else:
            words.append(word)


@pytest.mark.parametrize("example", READ, ids=str)
def test_an_example_that_is_not_run_is_a_command_line(example: Example) -> None:
    for words in _commands(example.text):
        name, rest = (words[0], words[1:]) if words and words[0] in VERBS else (DEFAULT, words)
        command = verbs.get_command(click.Context(verbs), name)
        assert command is not None
        command.make_context(name, rest, obj=Voice())
