"""One file of questions and answers holds all runners equal."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

import wirestat
from tests.query.told import told
from wirestat.errors import UsageError
from wirestat.query.elsewhere import WIRESHARK
from wirestat.query.fields import by_every_name
from wirestat.query.reference import holds
from wirestat.report.build import Report
from wirestat.report.selection import Selection, asked
from wirestat.timers import SECOND

VECTORS = msgspec.json.decode(Path(__file__).with_name("vectors.json").read_bytes())
CHOSEN: list[dict[str, Any]] = VECTORS["chosen"]
MISTAKES: list[dict[str, Any]] = VECTORS["mistakes"]


@cache
def report() -> Report:
    return wirestat.analyze(*VECTORS["captures"])


def instant(vector: dict[str, Any]) -> int | None:
    return report().start_ns + int(vector["at"] * SECOND) if "at" in vector else None


def name(vector: dict[str, Any]) -> str:
    return f"{vector['filter']} @{vector.get('at', 'end')}"


@pytest.mark.parametrize("vector", CHOSEN, ids=name)
def test_the_core_chooses(vector: dict[str, Any]) -> None:
    selection = Selection(report(), asked(vector["filter"]), instant(vector))
    assert list(selection.ids) == vector["ids"]
    assert len(selection) == len(vector["ids"])


@pytest.mark.parametrize("vector", CHOSEN, ids=name)
def test_the_reference_chooses(vector: dict[str, Any]) -> None:
    tree = asked(vector["filter"]).tree
    assert [id for id, one in told(report(), instant(vector)) if holds(tree, one)] == vector["ids"]


@pytest.mark.parametrize("vector", MISTAKES, ids=name)
def test_mistakes_are_pointed_at(vector: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        asked(vector["filter"])
    assert vector["why"] in str(caught.value)
    shown, pointer = caught.value.excerpt
    assert shown == vector["filter"]
    assert (len(pointer) - len(pointer.lstrip()), pointer.count("^") + pointer.count("~")) == (
        vector["at"],
        vector["length"],
    )


def test_the_nearest_name_is_a_hint() -> None:
    for text, hint in [
        ("stat==1", "the nearest is state"),
        ("state==CLOSE_WIAT", "the nearest is CLOSE_WAIT"),
        ("finding==D1", "the nearest is D"),
        ("retransmited>3", "the nearest is retransmitted"),
        ("tcp.port==80", "in -Y it is port"),
        ("ip.src==10.0.0.1", "client.addr, server.addr or addr"),
        ("tcp.stream==3", "--connection stream:N"),
        ("tcp.flags.syn==1", "connections, and not packets"),
        ("host 10.0.0.1", "write addr==10.0.0.1"),
        ("port 443", "write port==443"),
        ("server.addr 10.0.0.1", "write server.addr==10.0.0.1"),
        ("tcp port 443", "go to -f"),
        ("D05", "write finding==D05"),
        ("warning", "write severity>=warning"),
        ("syn-resent", "write fact==syn-resent"),
        ("CLOSE-WAIT", "write state==CLOSE-WAIT"),
        ("10.0.0.1", "write addr==10.0.0.1"),
        ("client==10.0.0.1", "write client.addr, client.port or client.state"),
        ("port==https", "443, and not https"),
        ("port==1 & port==2", "'&&' or 'and'"),
        ("port==1 | port==2", "'||' or 'or'"),
    ]:
        with pytest.raises(UsageError) as caught:
            asked(text)
        assert hint in str(caught.value.hint)


@pytest.mark.parametrize("here", sorted(set(WIRESHARK.values())))
def test_every_hint_for_a_wireshark_field_names_a_field(here: str) -> None:
    for name in re.split(r", | or ", here):
        field = by_every_name()[name.rpartition(".")[2]]
        assert field.is_of_ends or "." not in name


def test_long_and_deep_expressions_are_refused_and_end_nothing() -> None:
    for text in [
        "(" * 9_000,
        "!" * 9_000 + "port==1",
        "port==1 && " * 2_000 + "port==1",
        "\0",
        "port==1\x1b",
    ]:
        with pytest.raises(UsageError):
            asked(text)
    assert asked(" && ".join(["port==1"] * 600)).tree


def test_findings_are_not_asked_of_an_instant() -> None:
    with pytest.raises(UsageError, match="evidence is known as of the end"):
        report().where("evidence==seen", at_ns=report().start_ns)
