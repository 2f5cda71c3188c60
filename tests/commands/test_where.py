"""``-Y``: matching connections are listed, with the filter above them."""

import json
from pathlib import Path

import click
import pytest

from wirestat.commands import main
from wirestat.commands.compare import command as compare
from wirestat.commands.fields import EXAMPLES
from wirestat.commands.filter_options import complete_where
from wirestat.report.selection import asked

PCAPS = Path(__file__).parents[2] / "pcaps"
LEAK = str(PCAPS / "close-wait-leak" / "middle.pcap")


def test_a_table_lists_the_matching_connections(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LEAK, "-Y", "state==CLOSE_WAIT  &&  for>1s"]) == 0
    title, where, _heading, *rows = capsys.readouterr().out.splitlines()
    assert title.startswith("1 connection at the end")
    assert where == "only where state==CLOSE_WAIT && for>1s"
    assert [row.split()[0] for row in rows] == ["1"]


def test_a_matching_connection_is_listed_even_if_closed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(PCAPS / "refused" / "middle.pcap"), "--where", "finding==D02"]) == 0
    assert "1 connection at the end" in capsys.readouterr().out


def test_a_filter_and_a_state_must_both_match(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LEAK, "-Y", "port==40002", "--state", "close-wait", "--format", "json"]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)["connections"]] == [2]


def test_states_are_those_of_the_instant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LEAK, "-Y", "state==CLOSE_WAIT", "--at", "+1"]) == 0
    assert "1 connection at +1.000000" in capsys.readouterr().out
    assert main([LEAK, "-Y", "evidence==seen", "--at", "+1"]) == 2


@pytest.mark.parametrize("format", ["json", "ndjson"])
def test_the_filter_is_in_the_head_of_json_documents(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LEAK, "-Y", "port==40001", "--format", format]) == 0
    out = capsys.readouterr().out
    lines = [json.loads(line) for line in out.splitlines()] if format == "ndjson" else [json.loads(out)]
    assert lines[0]["where"] == "port==40001"
    connections = lines[0].get("connections") or [one for one in lines if one["type"] == "connection"]
    assert [one["id"] for one in connections] == [1]


@pytest.mark.parametrize("more", [["--summary"], ["--connection", "1"]])
def test_contradictions_are_refused(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([LEAK, "-Y", "port==1", *more]) == 2
    assert "--where" in capsys.readouterr().err


def test_a_mistake_is_pointed_at_before_anything_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere.pcap", "-Y", "stat==CLOSED"]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "error: filter: there is no field 'stat'",
        "  stat==CLOSED",
        "  ^~~~",
        "hint: the nearest is state",
    ]


def test_a_comparison_shows_the_matching_connections(capsys: pytest.CaptureFixture[str]) -> None:
    both = [str(PCAPS / "last-ack-lost" / f"{point}.pcap") for point in ("client", "server")]
    assert main(["compare", *both, "-Y", "server.state==LAST_ACK"]) == 0
    assert "1 connection with something on the way, only where server.state" in capsys.readouterr().out
    assert main(["compare", *both, "-Y", "port==1"]) == 0
    out = capsys.readouterr().out
    assert "0 connections with something on the way" in out
    assert "  #1  " not in out.partition("0 connections with")[2].partition("stopped")[0]
    for question, ids in (("port==8080", [1]), ("port==1", [])):
        assert main(["compare", *both, "-Y", question, "--format", "json"]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["where"] == question
        assert [one["id"] for one in document["connections"]] == ids


def test_fields_are_listed_with_units_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fields"]) == 0
    out = capsys.readouterr().out
    for words in ("connect_time *", "time span, as 200ms", "retransmitted ", "tunnel *", "evidence"):
        assert words in out
    for text, _ in EXAMPLES:
        assert text in out
        assert asked(text).tree


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sta", "state"),
        ("client.sta", "client.state"),
        ("port==443 && retr", "port==443 && retransmitted"),
        ("state==CLOSE_", "state==CLOSE_WAIT"),
        ("client.state in {SYN_SENT,FIN_", "client.state in {SYN_SENT,FIN_WAIT1"),
        ("finding==D1", "finding==D10"),
        ("severity>=w", "severity>=warning"),
        ("not tra", "not transition("),
    ],
)
def test_the_shell_completes_fields_and_values(typed: str, offered: str) -> None:
    option = next(one for one in compare.params if one.name == "where")
    assert offered in complete_where(click.Context(compare), option, typed)
