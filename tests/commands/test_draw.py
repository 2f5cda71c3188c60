"""``wirestat draw`` and ``wirestat report``: what they write, and what they refuse."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wirestat.commands import verbs
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError

ROOT = Path(__file__).parents[2]
LOST = str(ROOT / "pcaps/last-ack-lost/client.pcap")
REFUSED = str(ROOT / "pcaps/refused/client.pcap")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(verbs, arguments, obj=Voice(), standalone_mode=False)


@pytest.mark.parametrize(
    ("ending", "begins"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("mmd", b"sequence"), ("txt", b"connection")],
)
def test_the_name_of_the_output_says_the_format(ending: str, begins: bytes, tmp_path: Path) -> None:
    file = tmp_path / f"ladder.{ending}"
    assert run("draw", LOST, "-o", str(file)).exception is None
    assert file.read_bytes().startswith(begins)


def test_a_pipe_gets_an_svg() -> None:
    for arguments in ([], ["--timeline"], ["--states"]):
        assert run("draw", LOST, *arguments).output.startswith("<svg")


def test_several_connections_need_a_choice(tmp_path: Path) -> None:
    result = run("draw", LOST, REFUSED)
    assert isinstance(result.exception, UsageError)
    assert "which is to be drawn" in str(result.exception)
    assert "10.222.200" in run("draw", LOST, REFUSED, "--connection", "2", "--format", "text").output


@pytest.mark.parametrize(
    "arguments",
    [
        ["--timeline", "--states"],
        ["--states", "--connection", "1"],
        ["--timeline", "--format", "mermaid"],
        ["--connection", "9"],
        ["--timeline", "-Y", "port==1"],
    ],
)
def test_contradictions_are_refused(arguments: list[str]) -> None:
    assert isinstance(run("draw", LOST, *arguments).exception, UsageError)


def test_the_figure_is_drawn_without_a_capture() -> None:
    assert run("states", "--format", "svg").output.startswith("<svg")
    assert isinstance(run("states", "--format", "svg", "--machine").exception, UsageError)


def test_a_page_is_written_to_a_file_and_within_a_limit(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert run("report", LOST, REFUSED, "-o", str(file)).exception is None
    whole = file.read_text(encoding="utf-8")
    assert whole.startswith("<!doctype html>")
    assert '"leftOut":""' in whole
    assert run("report", LOST, REFUSED, "--html-limit", "1k", "-o", str(file)).exception is None
    assert "2 of 2 connections are left out" in file.read_text(encoding="utf-8")
    assert isinstance(run("report", LOST, "--html-limit", "much").exception, UsageError)


def test_the_name_of_the_output_makes_any_report_a_page(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert run("analyze", LOST, "-o", str(file)).exception is None
    assert file.read_bytes().startswith(b"<!doctype html>")
