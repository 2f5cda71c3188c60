"""One connection, and the states at an instant, as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.documents import ROOT
from wirestat import analyze
from wirestat.commands import main
from wirestat.commands.codes import Code
from wirestat.model import Side, State
from wirestat.report.history import others_at

QUEUE = str(ROOT / "pcaps" / "accept-queue-full" / "middle.pcap")


def told(tmp_path: Path, *arguments: str, format: str = "json") -> Any:
    out = tmp_path / "out"
    assert main([QUEUE, "-q", "--format", format, "-o", str(out), *arguments]) == Code.DONE
    text = out.read_text()
    return json.loads(text) if format == "json" else [json.loads(line) for line in text.splitlines()]


def test_one_connection_is_whole(tmp_path: Path) -> None:
    whole = told(tmp_path)
    one = told(tmp_path, "--connection", "3")
    assert one["connection"] == next(item for item in whole["connections"] if item["id"] == 3)
    assert [finding["id"] for finding in one["findings"]] == one["connection"]["findings"] == ["D05"]
    frames = [line["frame"] for line in one["segments"]]
    assert frames == sorted(frames)
    assert frames[0] == one["connection"]["first_frame"]


def test_lines_have_types(tmp_path: Path) -> None:
    lines = told(tmp_path, "--connection", "3", format="ndjson")
    assert [line["type"] for line in lines[:3]] == ["connection", "finding", "segment"]


@pytest.mark.parametrize("after", ["0", "0.01", "1", "end"])
def test_an_instant_has_the_states_of_then(after: str, tmp_path: Path) -> None:
    report = analyze(QUEUE)
    at = ("--at", after if after == "end" else f"+{after}")
    then = told(tmp_path, *at)
    assert report.start_ns <= then["at_ns"] <= report.end_ns
    instant = report.tables({"instant": None}, at_ns=then["at_ns"])["instant"]
    expected = [
        (row["id"], row["client_state"], row["server_state"])
        for row in map(instant.row, range(len(instant)))
        if row["client_state"] is not None
    ]
    found = [(one["id"], one["client"]["state"], one["server"]["state"]) for one in then["connections"]]
    assert found == expected
    lines = told(tmp_path, *at, format="ndjson")
    assert [line["id"] for line in lines] == [id for id, *_ in expected]


def test_states_and_filters_choose(tmp_path: Path) -> None:
    found = told(tmp_path, "--at", "end", "--state", "syn-recv")["connections"]
    assert [(one["id"], one["server"]["port"]) for one in found] == [(3, 8080)]
    found = told(tmp_path, "--at", "end", "-Y", "port==40001")["connections"]
    assert [one["client"]["port"] for one in found] == [40001]


def test_an_instant_has_the_alternatives_of_then(tmp_path: Path) -> None:
    """The alternatives are those of the text: SYN cookies keep no socket, and a copy of an ignored ACK may arrive."""
    begun = told(tmp_path, "--at", "+0.001")["connections"]
    assert [end["or_since"] for one in begun for end in (one["client"], one["server"])] == [[], []]
    servers = [one["server"] for one in told(tmp_path, "--at", "end")["connections"]]
    assert [(end["state"], end["or_since"]) for end in servers] == [
        ("ESTABLISHED", ["CLOSED", "SYN_RECV"]),
        ("ESTABLISHED", ["CLOSED", "SYN_RECV"]),
        ("SYN_RECV", ["ESTABLISHED"]),
    ]


def test_a_server_that_has_shown_no_socket_may_have_none_at_a_past_instant() -> None:
    """With SYN cookies (RFC 4987, 3.6) it has none between its SYN-ACK and its first segment after the handshake."""
    capture = str(ROOT / "pcaps" / "accept-queue-full-data-ignored" / "server.pcap")
    report = analyze(capture)
    first, second, third = report.connections()
    then = (first.first_time_ns + first.last_time_ns) // 2
    assert others_at(first, Side.SERVER, then) == (State.CLOSED,)
    assert others_at(second, Side.SERVER, second.last_time_ns - 1) == (State.CLOSED,)
    assert State.CLOSED not in others_at(third, Side.SERVER, third.last_time_ns - 1)
