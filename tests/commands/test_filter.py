"""Every result names its capture filter."""

import json
from pathlib import Path

import pytest

from wirestat.commands import main

CAPTURE = str(Path(__file__).parents[2] / "pcaps" / "refused" / "middle.pcap")


def test_the_filter_stands_in_the_head_of_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([CAPTURE, "-f", "tcp  dst port 8080"]) == 0
    assert "only what passes the filter: tcp dst port 8080" in capsys.readouterr().out.splitlines()
    assert main([CAPTURE]) == 0
    assert "filter:" not in capsys.readouterr().out.split("\n\n")[0]


def test_the_filter_stands_in_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([CAPTURE, "-f", "tcp", "--format", "json", "--summary"]) == 0
    assert json.loads(capsys.readouterr().out)["filter"] == "tcp"
    assert main([CAPTURE, "--format", "json", "--summary"]) == 0
    assert "filter" not in json.loads(capsys.readouterr().out)


def test_a_mistake_is_pointed_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([CAPTURE, "-f", "tcp port 80800"]) == 2
    *said, hint = capsys.readouterr().err.splitlines()
    assert said == ["error: filter: a port is a number below 65536", "  tcp port 80800", "           ^~~~~"]
    assert hint in (
        "hint: pcap-filter(7) has the syntax",
        "hint: libpcap says: illegal port number 80800 > 65535",
    )
