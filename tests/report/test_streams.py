"""Wireshark's stream numbers name connections as long as both count the same, and no further."""

import shutil
import subprocess
from pathlib import Path

import pytest

import wirestat
from tests.quick import some_quick
from wirestat.commands import main
from wirestat.report.streams import agree_up_to

PCAPS = Path(__file__).parents[2] / "pcaps"
REUSED = PCAPS / "port-reuse-after-reset" / "middle.pcap"
COUNTED = [
    "accept-queue-full/middle.pcap",
    "close-wait-leak/middle.pcap",
    "icmp-host-unreachable/middle.pcap",
    "syn-flood/middle.pcap",
    "syn-scan/middle.pcap",
    "mid-stream/middle.pcap",
    "random-loss-1/middle.pcap",
]


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
@pytest.mark.parametrize("name", some_quick(COUNTED, each=4))
def test_tshark_has_the_same_stream_numbers(name: str) -> None:
    done = subprocess.run(
        [
            "tshark",
            "-n",
            "-r",
            PCAPS / name,
            "-Y",
            "tcp",
            "-T",
            "fields",
            "-e",
            "tcp.stream",
            "-e",
            "frame.number",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    first: dict[int, int] = {}
    for line in done.stdout.splitlines():
        stream, frame = line.split("\t")
        first.setdefault(int(stream.split(",")[-1]), int(frame))
    report = wirestat.analyze(PCAPS / name)
    known = [one for one in report.connections() if agree_up_to(report, one.id)]
    assert known
    assert {one.id - 1: one.first_frame for one in known}.items() <= first.items()


def test_the_ladder_of_a_stream_is_that_of_the_connection(capsys: pytest.CaptureFixture[str]) -> None:
    capture = str(PCAPS / "accept-queue-full" / "middle.pcap")
    assert main([capture, "--connection", "3"]) == 0
    ladder = capsys.readouterr().out
    assert main([capture, "--connection", "stream:2"]) == 0
    assert capsys.readouterr().out == ladder


def test_a_stream_number_after_a_reused_port_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    report = wirestat.analyze(REUSED)
    again = next(one for one in report.connections() if one.incarnation > 1)
    assert main([str(REUSED), "--connection", f"stream:{again.id - 1}"]) == 2
    assert "may have another number in Wireshark" in capsys.readouterr().err
    assert main([str(REUSED), "--connection", "stream:0"]) == 0


def test_two_captures_have_no_known_stream_numbers() -> None:
    assert not agree_up_to(wirestat.analyze(REUSED, PCAPS / "refused" / "middle.pcap"), 1)


@pytest.mark.parametrize(
    "wrong", ["0", "-1", "stream:", "stream:x", "stream:-1", "three", "9" * 30, "stream:77"]
)
def test_words_that_name_no_connection_are_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(REUSED), f"--connection={wrong}"]) == 2
    assert "error: " in capsys.readouterr().err


def test_a_ladder_names_the_stream_or_addresses_where_that_is_not_known(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([str(REUSED), "-v", "--connection", "1"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "filter: tcp.stream==0"
    assert main([str(REUSED), "-v", "--connection", "2"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("filter: ip.addr==")
    assert "tcp.stream" not in last
