"""The lab's scenarios, with the expected results of comparing their taps."""

import json
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import wirestat
from tests.compare.captures import records
from wirestat.crossing import Crossing, Fate, Passage
from wirestat.model import Side
from wirestat.report.compared.build import Compared

PCAPS = Path(__file__).parents[2] / "pcaps"
SCENARIOS = sorted(folder.name for folder in PCAPS.iterdir() if (folder / "truth.json").exists())
TAPS = (("client", "server"), ("client", "middle"), ("middle", "server"), ("client", "middle", "server"))

GATEWAYS = ("nat-forgets", "idle-timeout-in-path")
"""Scenarios in which a gateway drops and resets: the wire's own record does not have that."""

_STAGES = ("client-port", "client", "client-side", "middle", "server-side", "server", "server-port")
_UNDER_WAY = 12_000_000
"""Nanoseconds before the last frame within which a missing segment may still be on its way."""


_NOTICED = 20_000_000
"""A delay in ns that is too long for a busy machine."""


@dataclass(frozen=True)
class Event:
    """Something that happened to a segment between two taps."""

    fate: str
    before: str
    behind: str
    seq: int | None
    length: int


def truth(name: str) -> dict[str, Any]:
    """The record of the scenario's kernels and wire."""
    told: dict[str, Any] = json.loads((PCAPS / name / "truth.json").read_text())
    return told


HELD = [
    name for name in SCENARIOS if any(item["action"] in ("delay", "release") for item in truth(name)["wire"])
]
"""Scenarios in which a frame is held up."""


def paths(name: str, taps: tuple[str, ...]) -> list[Path]:
    return [PCAPS / name / f"{tap}.pcap" for tap in taps]


def compare(name: str, taps: tuple[str, ...] = ("client", "server")) -> Compared:
    return wirestat.compare(*paths(name, taps), points=taps)


def crossings(compared: Compared) -> list[Crossing]:
    return [compared.comparison.crossing(one.id) for one in compared.report.connections()]


def wanted(name: str, taps: tuple[str, ...]) -> tuple[Counter[Event], Counter[Event]]:
    """Return the wire's acts between the taps: those that must be found, and those at the very end that may be."""
    net: Counter[Event] = Counter()
    late: set[Event] = set()
    ends = [found[-1][0] for path in paths(name, taps) if (found := records(path))]
    end = max(ends, default=0)
    for item in truth(name)["wire"]:
        if not item["flags"]:
            continue  # ICMP
        for fate, before, behind, number in _events(item, taps):
            event = Event(fate, before, behind, item["seq"], item["length"])
            net[event] += number
            if item["time_ns"] + _UNDER_WAY > end:
                late.add(event)
    certain = Counter({event: number for event, number in net.items() if event not in late})
    possible = Counter({event: number for event, number in net.items() if event in late})
    return +certain, +possible


def held(name: str, taps: tuple[str, ...]) -> set[Event]:
    """Return the segments that the wire delayed between the taps for so long that it must be noticed."""
    begun: dict[Event, int] = {}
    found: set[Event] = set()
    for item in truth(name)["wire"]:
        at, forward = _STAGES.index(item["stage"]), item["direction"] == "client-to-server"
        for near, far in pairwise(taps):
            if not _STAGES.index(near) < at < _STAGES.index(far):
                continue
            before, behind = (near, far) if forward else (far, near)
            event = Event("late", before, behind, item["seq"], item["length"])
            since = begun.setdefault(event, item["time_ns"])
            lasted = item.get("delay_ns") if item["action"] == "delay" else item["time_ns"] - since
            if item["action"] in ("delay", "release") and lasted > _NOTICED:
                found.add(event)
    return found


def late(compared: Compared) -> set[Event]:
    """Return the segments that the comparison reports as overtaken or delayed between the taps."""
    events = set()
    for crossing in crossings(compared):
        for passage in crossing.passages:
            seq = _absolute(passage, crossing)
            for leg in passage.legs:
                if leg.reordered or leg.delayed:
                    before, behind = compared.name(leg.before), compared.name(leg.behind)
                    events.add(Event("late", before, behind, seq, passage.payload))
    return events


def _events(item: dict[str, Any], taps: tuple[str, ...]) -> list[tuple[str, str, str, int]]:
    found = []
    at = _STAGES.index(item["stage"])
    forward = item["direction"] == "client-to-server"
    for near, far in pairwise(taps):
        before, behind = (near, far) if forward else (far, near)
        low, high = _STAGES.index(near), _STAGES.index(far)
        match item["action"]:
            case "drop" | "hold" if low < at < high:
                found.append(("lost", before, behind, 1))
            case "release" if low < at < high:
                found.append(("lost", before, behind, -1))
            case "duplicate" if low < at < high:
                found.append(("duplicated", before, behind, 1))
            case "inject" if (low < at <= high) if forward else (low <= at < high):
                found.append(("injected", before, behind, 1))
    return found


def found(compared: Compared) -> Counter[Event]:
    """Return the incidents that the comparison reports between the taps."""
    events: Counter[Event] = Counter()
    told = (Fate.LOST, Fate.INJECTED, Fate.DUPLICATED, Fate.MISSED, Fate.TWICE)
    for crossing in crossings(compared):
        for passage in crossing.passages:
            if passage.fate in told:
                before, behind = compared.name(passage.before), compared.name(passage.behind)
                seq = _absolute(passage, crossing)
                events[Event(passage.fate.value, before, behind, seq, passage.payload)] += 1
    return events


def _absolute(passage: Passage, crossing: Crossing) -> int | None:
    for names in filter(None, crossing.names):
        isn = names.client_isn if passage.sender is Side.CLIENT else names.server_isn
        if isn is not None:
            return (isn + passage.seq) % 2**32
    return None
