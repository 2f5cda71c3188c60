"""Wirestat's statements on a tap: afterwards, and live as each frame came."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import wirestat
from tests.lab import pcap
from tests.lab.pcap import LINKTYPE_ETHERNET
from wirestat.model import Connection, Endpoint, Evidence, Severity, Side, Transition
from wirestat.timers import profile
from wirestat.tracker import Tracker

from .truth import Address

TICK_NS = 250_000_000
"""The interval at which live mode lets time pass without frames."""
MARKS = {"seen": "!", "confirmed": "+", "presumed": "?", "implied": "~", "timer": "@"}
"""The sign of a kind of claim, after its state."""


@dataclass(frozen=True)
class Claim:
    """One transition, as said at some moment."""

    address: Address
    from_state: str
    to: str
    time_ns: int
    frame: int
    kind: str
    """``seen``, ``confirmed``, ``presumed``, ``implied`` or ``timer``."""
    is_believed: bool


@dataclass
class Replay:
    """Everything that was said of one capture."""

    connections: tuple[Connection, ...]
    """The connections as best known afterwards."""
    findings: frozenset[str]
    """The ids of the diagnoses found."""
    remarks: frozenset[str]
    """The ids of diagnoses found as mere information."""
    live: dict[tuple[int, Address], list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    """For each end, by the id of its connection and its address: the states believed, each with its begin."""
    live_claims: dict[int, set[Claim]] = field(default_factory=lambda: defaultdict(set))
    """All that was claimed at any moment, by the id of the connection."""


def replay(path: Path, records: list[pcap.Record]) -> Replay:
    """Read the capture as a whole, and then frame by frame."""
    report = wirestat.analyze(path)
    remarks = frozenset(each.id for each in report.findings if each.severity is Severity.INFO)
    said = Replay(tuple(report.connections()), frozenset(each.id for each in report.findings), remarks)
    tracker = Tracker(profile("linux"), events=True)
    before: int | None = None
    for time_ns, raw in records:
        for now in range((before or time_ns) + TICK_NS, time_ns, TICK_NS):
            tracker.advance(now)
            _take_down(tracker, now, said)
        tracker.feed(LINKTYPE_ETHERNET, [(time_ns, len(raw), raw)])
        _take_down(tracker, time_ns, said)
        before = time_ns
    return said


def _take_down(tracker: Tracker, now_ns: int, said: Replay) -> None:
    """Note the states and transitions of the connections that have changed."""
    for id in {event.connection for event in tracker.events()}:
        connection = tracker.connection(id)
        for end in (connection.client, connection.server):
            steps = said.live[id, (end.address, end.port)]
            if not steps or steps[-1][1] != end.state:
                steps.append((now_ns, str(end.state)))
        said.live_claims[id].update(claim(connection, each) for each in connection.transitions)


def claim(connection: Connection, transition: Transition) -> Claim:
    """The transition in the scorer's words."""
    end = end_of(connection, transition.endpoint)
    kind = "confirmed" if transition.confirmed_by is not None else str(transition.evidence)
    return Claim(
        (end.address, end.port),
        str(transition.from_state),
        str(transition.to),
        transition.time_ns,
        transition.frame,
        str(Evidence.SEEN) if transition.evidence is Evidence.SEEN else kind,
        transition.retracted_by is None,
    )


def end_of(connection: Connection, side: Side) -> Endpoint:
    """The endpoint that plays this part."""
    return connection.client if side is Side.CLIENT else connection.server


def told_of(connection: Connection, address: Address) -> list[Claim]:
    """The believed transitions of the end at this address, in order."""
    claims = (claim(connection, each) for each in connection.transitions)
    return [each for each in claims if each.address == address and each.is_believed]
