"""``live`` in lines: it ends where a file ends, prints tables in a rhythm, and offers only what it has."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests import programs
from wirestat.commands import verbs

from .tables import ended, started, until_shown
from .test_trouble import talk
from .wire import Watch, Wire, needs_root, watching

PCAPS = Path(__file__).parents[2] / "pcaps"
LEAK = PCAPS / "field/leak-of-close-wait/capture.pcap"


def live(*options: str) -> subprocess.CompletedProcess[str]:
    return programs.as_text(programs.run("live", *options))


def test_a_file_ends_at_its_end_and_following_it_does_not() -> None:
    done = live("-r", str(LEAK))
    assert done.returncode == 0
    assert "600 frames" in done.stdout
    following = Watch("", "--follow", str(LEAK))
    following.wait_until_open()
    for _ in range(2):
        following.asked("report", lambda told: told["summary"]["frames"] == 600)
    assert following.stop() == 0


def test_a_truncated_file_ends_too_and_is_reported(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(LEAK.read_bytes()[:-7])
    done = live("-r", str(cut))
    assert done.returncode == 3
    assert "599 frames" in done.stdout


def test_the_option_every_prints_tables_and_no_events() -> None:
    done = live("-r", str(LEAK), "--every", "10s", "--state", "close-wait")
    assert re.search(r"^120 connections at the end", done.stdout, re.MULTILINE)
    assert " → " not in done.stdout
    assert "D31" not in done.stdout


@needs_root
@pytest.mark.slow
def test_the_option_every_repeats_the_table(wire: Wire) -> None:
    live = started(wire.client, "live", "-i", "va", "--every", "1s")
    for _ in range(2):
        until_shown(live, lambda line: line.startswith("0 connections at the end"))
    ended(live)


def test_fail_on_is_an_exit_code() -> None:
    assert live("-r", str(LEAK), "--fail-on", "warning").returncode == 1
    assert live("-r", str(PCAPS / "close-without-data/client.pcap"), "--fail-on", "warning").returncode == 0


def test_one_finding_is_printed_in_full_at_the_end() -> None:
    done = live("-r", str(LEAK), "--finding", "D31")
    last = done.stdout[done.stdout.rindex("error  D31") :]
    assert "fault: server" in last, last
    assert "rival: " in last
    assert "at the end" not in last
    assert "no finding D99 at the end; findings: D" in live("-r", str(LEAK), "--finding", "D99").stdout
    assert live("-r", str(LEAK), "--finding", "D10", "--format", "json").returncode == 2


@pytest.mark.parametrize(
    "capture", ["field/backends-go-down/capture.pcap", "field/leak-of-close-wait/capture.pcap"]
)
def test_the_report_offers_only_options_that_live_has(capture: str) -> None:
    import click

    command = verbs.get_command(click.Context(verbs), "live")
    assert command is not None
    has = {name for option in command.params for name in option.opts}
    report = live("-r", str(PCAPS / capture)).stdout
    offered = set(re.findall(r"(?<![\w$-])(--?[a-z][a-z-]*)\b", "\n".join(offers(report))))
    assert offered <= has


def offers(report: str) -> list[str]:
    """The lines that speak of wirestat's own options: those that name more, or how to see it."""
    return [line for line in report.splitlines() if "more" in line or "alike" in line]


@needs_root
@pytest.mark.slow
def test_reports_in_between_tear_no_line(wire: Wire) -> None:
    with watching(wire.client, "-i", "va", "tcp") as watch:
        for _ in range(3):
            watch.process.send_signal(signal.SIGUSR1)
            talk(wire, 4)
            watch.until(lambda record: record["type"] == "report")
        assert watch.stop() == 0
    kinds = [record["type"] for record in watch.records]
    assert kinds.count("report") == 4
    assert {"transition", "closed"} <= set(kinds)
    assert json.dumps(watch.records[-1])


def test_plain_and_the_screen_contradict_each_other() -> None:
    assert live("-r", str(LEAK), "--plain", "--format", "screen").returncode == 2
    done = live("-r", str(LEAK), "--format", "screen")
    assert (done.returncode, "the screen needs a terminal" in done.stderr) == (2, True)
