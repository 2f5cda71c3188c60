"""The JSON contract of a comparison, schema compare-1.

A comparison is a report (``wirestat.report.contract``) on all captures together, and more. Frame numbers within the
report count on from capture to capture, in the order of ``points``; those within ``comparison`` and ``crossing`` are
of the capture named. ``schema-compare-1.json`` is generated from these records.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from wirestat.crossing import Fate, Names, Passage, Point, Stage
from wirestat.model import Capture, Finding, Side
from wirestat.report import contract

SCHEMA: Literal["compare-1"] = "compare-1"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The base of every record of the contract."""


class Presence(Record, frozen=True):
    """Connections by where they were captured."""

    points: tuple[int, ...]
    connections: int


class Comparison(Record, frozen=True):
    """The result of reading several captures together."""

    points: tuple[Point, ...]
    path: Annotated[tuple[int, ...], Meta(description="The points from the clients' side to the servers'.")]
    stages: tuple[Stage, ...]
    presence: tuple[Presence, ...]
    known_by: Annotated[
        dict[str, int],
        Meta(description="Connections captured at several points, by how they were known again."),
    ]
    not_compared: Annotated[int, Meta(description="Connections some of whose segments found no room.")]
    backward: Annotated[int, Meta(description="Connections whose client is at the far end of the path.")]


class Crossing(Record, frozen=True):
    """One connection between the points."""

    known_by: str
    backward: bool
    path: Annotated[tuple[int, ...], Meta(description="The points from the client to the server.")]
    names: tuple[Names | None, ...]
    fates: Annotated[
        dict[Side, dict[Fate, int]], Meta(description="How many segments of each sender came to what.")
    ]
    passages: Annotated[
        tuple[Passage, ...], Meta(description="Those segments that something happened to, by time.")
    ]


class Connection(contract.Connection, frozen=True):
    """One incarnation of a pair of addresses and ports, at all points."""

    crossing: Crossing


class Head(Record, frozen=True, kw_only=True):
    """Everything but the lists."""

    schema: Literal["compare-1"]
    wirestat: Annotated[str, Meta(description="The version that wrote this.")]
    timers: str
    where: Annotated[
        str | msgspec.UnsetType,
        Meta(description="What chose the connections that are listed; absent where all are."),
    ] = msgspec.UNSET
    captures: tuple[Capture, ...]
    summary: contract.Summary
    conformance: contract.Conformance
    comparison: Comparison


class Document(Head, frozen=True, kw_only=True):
    """A wirestat comparison, schema compare-1. Connections are left out with --summary."""

    findings: tuple[Finding, ...]
    connections: tuple[Connection, ...] | msgspec.UnsetType = msgspec.UNSET
