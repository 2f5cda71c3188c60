"""Plain command lines: parsed without click, with the same result."""

import click
import pytest

from tests.commands.test_start import LOST, loaded
from wirestat.commands import plain
from wirestat.commands.analyze import command
from wirestat.commands.voice import Voice

PLAIN = (
    [LOST],
    ["analyze", LOST],
    ["a.pcap", "b.pcap", "a.pcap"],
    ["--summary", "a.pcap"],
    ["analyze", "a.pcap", "--summary"],
    ["a b.pcap", "", "ü"],
    ["analyze", "live"],
    ["a.pcap", "live"],
    ["--jobs", "2", "a.pcap"],
    ["analyze", "a.pcap", "--jobs=64", "--summary", "--jobs", "01", "b.pcap"],
)
ANY_OTHER: tuple[list[str], ...] = (
    [],
    ["analyze"],
    ["live"],
    ["explain", "D05"],
    ["--summary"],
    ["-"],
    ["-r", "a.pcap"],
    ["--", "a.pcap"],
    ["a.pcap", "--summary", "--quiet"],
    ["a.pcap", "--format", "json"],
    ["a.pcap", "--jobs"],
    ["a.pcap", "--jobs", "0"],
    ["a.pcap", "--jobs", "65"],
    ["a.pcap", "--jobs=100"],
    ["a.pcap", "--jobs", "٣"],
    ["a.pcap", "--jobs", "--summary"],
    ["--jobs", "--summary", "1", "a.pcap"],
    ["--jobs", "1"],
    ["--help"],
    ["-D"],
    ["interfaces", "--help"],
)


@pytest.mark.parametrize("arguments", PLAIN, ids=" ".join)
def test_a_plain_line_is_read_as_click_reads_it(arguments: list[str]) -> None:
    rest = arguments[1:] if arguments[0] == "analyze" else arguments
    with command.make_context("analyze", list(rest), obj=Voice()) as context:
        assert isinstance(context, click.Context)
        assert plain.read(arguments) == context.params


@pytest.mark.parametrize("arguments", ANY_OTHER, ids=" ".join)
def test_any_other_line_is_left_to_click(arguments: list[str]) -> None:
    assert plain.read(arguments) is None


@pytest.mark.parametrize("name", ["WIRESTAT_TSHARK", "_WIRESTAT_COMPLETE"])
def test_variables_that_click_reads_leave_all_to_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "x")
    assert plain.read([LOST]) is None


@pytest.mark.parametrize("arguments", [[LOST], ["analyze", LOST, "--summary"]], ids=["bare", "summary"])
def test_a_plain_line_loads_no_unneeded_module(arguments: list[str]) -> None:
    dear = {"click", "inspect", "typing_extensions", "pathlib", "shutil", "ipaddress", "dataclasses"}
    dear |= {"uuid", "decimal", "platform", "textwrap", "importlib", "msgspec._json_schema"}
    assert loaded(*arguments) & dear == set()


def test_printing_the_version_loads_almost_nothing() -> None:
    names = loaded("--version")
    assert "typing" not in names
    assert "click" not in names
