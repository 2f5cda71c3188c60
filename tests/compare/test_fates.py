"""Every frame that the lab's wire dropped, doubled or made up is found in its stage, and nothing else is."""

from collections import Counter
from pathlib import Path

import pytest

import wirestat
from tests.compare import lab
from tests.compare.captures import HOUR, crooked, snapped
from tests.compare.lab import Event
from tests.quick import some_quick
from wirestat.report.compared.build import Compared

REPLAYED = ("time-wait-assassination", "time-wait-assassination-prevented")
"""Scenarios that inject an old packet again, octet for octet: a comparison cannot tell it from a duplicate."""


def judge(compared: Compared, name: str, taps: tuple[str, ...]) -> None:
    certain, possible = lab.wanted(name, taps)
    found = lab.found(compared)
    if name in REPLAYED:
        certain, possible, found = (
            Counter(map(_kept, events.elements())) for events in (certain, possible, found)
        )
    missing = certain - found - possible
    assert not missing, missing
    if not name.startswith(lab.GATEWAYS):
        invented = found - certain - possible
        assert not invented, invented


def _kept(event: Event) -> Event:
    fate = "injected" if event.fate == "duplicated" else event.fate
    return Event(fate, event.before, event.behind, event.seq, event.length)


@pytest.mark.parametrize("taps", lab.TAPS, ids="-".join)
@pytest.mark.parametrize("name", some_quick(lab.SCENARIOS, each=9))
def test_as_captured(name: str, taps: tuple[str, ...]) -> None:
    judge(lab.compare(name, taps), name, taps)


@pytest.mark.parametrize("name", some_quick(lab.SCENARIOS, each=9))
def test_with_a_clock_hours_ahead_that_gains(name: str, tmp_path: Path) -> None:
    client, server = lab.paths(name, ("client", "server"))
    server = crooked(server, tmp_path / "server.pcap", 3 * HOUR, 100e-6)
    judge(wirestat.compare(client, server, points=["client", "server"]), name, ("client", "server"))


@pytest.mark.parametrize("name", some_quick(lab.SCENARIOS, each=9))
def test_with_a_clock_hours_behind_that_loses(name: str, tmp_path: Path) -> None:
    client, server = lab.paths(name, ("client", "server"))
    client = crooked(client, tmp_path / "client.pcap", 7 * HOUR, 100e-6)
    judge(wirestat.compare(client, server, points=["client", "server"]), name, ("client", "server"))


@pytest.mark.parametrize("name", some_quick(lab.SCENARIOS, each=9))
def test_with_short_frames(name: str, tmp_path: Path) -> None:
    taps = ("client", "middle", "server")
    cut = [snapped(path, tmp_path / path.name) for path in lab.paths(name, taps)]
    judge(wirestat.compare(*cut, points=taps), name, taps)


@pytest.mark.parametrize("taps", lab.TAPS, ids="-".join)
@pytest.mark.parametrize("name", lab.HELD)
def test_a_segment_held_up_is_late(name: str, taps: tuple[str, ...]) -> None:
    compared = lab.compare(name, taps)
    late = lab.late(compared)
    missing = lab.held(name, taps) - late
    assert not missing, (missing, late)
