"""Numbers beyond any, and words that are no text, are refused or done: no option makes a mistake of ours of them."""

import itertools
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest

from tests.capture import made
from tests.quick import some_quick
from wirestat.capture import privileges
from wirestat.capture.sandbox import capabilities
from wirestat.commands import main
from wirestat.commands.codes import Code
from wirestat.commands.group import VERBS

NUMBERS = [str(number) for number in (0, -1, 2**63, 2**64)] + ["9" * 5000]
WORDS = [
    "\udcff",
    "tcp \udc80",
    "a\x00b",
    "",
    " ",
    "٣",
    "1e400",
    "inf",
    "nan",
    "9" * 400,
    "%",
    "%\udcff",
    "-1",
]
SUFFIXES = ["{}", "{}s", "{}g", "+{}", "time_wait={}s", "syn_retries={}", "-{}.5"]


def cases() -> Iterator[Any]:
    for name in VERBS:
        command: click.Command = import_module(f"wirestat.commands.{name}").command
        for parameter in command.params:
            if not isinstance(parameter, click.Option) or parameter.is_flag or parameter.count:
                continue
            if parameter.name != "user":  # whom these tests would become
                yield pytest.param(name, parameter, id=f"{name} {parameter.opts[-1]}")


@pytest.mark.parametrize(("verb", "option"), some_quick(list(cases()), each=5))
def test_no_value_of_an_option_is_a_mistake_of_ours(
    verb: str,
    option: click.Option,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(privileges, "drop", lambda _user: None)  # these tests go on as who they are
    monkeypatch.setattr(capabilities, "empty_bounding_set", lambda: None)
    path = str(made.write(tmp_path / "x.pcap", made.ETHERNET["normal"]()))
    before = {
        "analyze": [path],
        "compare": [path, path],
        "live": ["-r", path, "--duration", "1ms", "-c", "8", "--no-sandbox"],
    }.get(verb, [])
    before = before if option.name != "points" else [path]
    if isinstance(option.type, click.Choice) or option.name in ("read", "follow", "interfaces", "user"):
        values = WORDS
    elif isinstance(option.type, click.IntRange):
        values = NUMBERS
    else:
        values = [
            *WORDS,
            *(form.replace("{}", number) for form, number in itertools.product(SUFFIXES, NUMBERS)),
        ]
    for value in values:
        words = [
            verb,
            *before,
            f"{option.opts[-1]}={value}" if option.opts[-1][:2] == "--" else option.opts[-1],
        ]
        words += [] if option.opts[-1][:2] == "--" else [value]
        try:
            code = main(words)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        told = capsys.readouterr()
        assert code != Code.BUG, (value[:80], told.err[-600:])
        assert "Traceback" not in told.err
