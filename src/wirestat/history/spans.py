"""Turns changes of state, as they happen, into spans: time ranges with the states of both ends."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from wirestat.model import GONE, Event, Evidence, Side, State, Transition
from wirestat.tables import Field, Layout, Table
from wirestat.tables.making import column, text, time


class Stay(msgspec.Struct):
    """A connection while neither end changed its state."""

    session: int
    """When the capture began, in Unix ns: ids count from 1 in each."""
    id: int
    client_address: str
    client_port: int
    client_state: State
    client_since_ns: int
    client_evidence: Evidence | None
    server_address: str
    server_port: int
    server_state: State
    server_since_ns: int
    server_evidence: Evidence | None
    first_time_ns: int
    from_ns: int
    until_ns: int | None = None
    """``None``: it goes on beyond the interval."""


def _evidence(name: str, meaning: str) -> Field:
    return Field(name, "u8", 1, None, 255, "evidence", meaning)


def _state(name: str, meaning: str) -> Field:
    return Field(name, "u8", 1, None, 255, "states", meaning)


FIELDS = (
    time("session", "When the capture began: ids count from 1 in each."),
    Field("id", "u64", 8, "connection", None, None, "Its number in that capture."),
    text("client_address", "The client's address."),
    Field("client_port", "u16", 2, None, None, None, "The client's port."),
    _state("client_state", "The client's state."),
    time("client_since_ns", "Since when the client is in it."),
    _evidence("client_evidence", "How that was known then; null where a change had been taken back."),
    text("server_address", "The server's address."),
    Field("server_port", "u16", 2, None, None, None, "The server's port."),
    _state("server_state", "The server's state."),
    time("server_since_ns", "Since when the server is in it."),
    _evidence("server_evidence", "How that was known then; null where a change had been taken back."),
    time("first_time_ns", "When the connection changed its state for the first time."),
    time("from_ns", "When both states became so."),
    time("until_ns", "When one of them changed; null where that was after the interval."),
)
LAYOUT = Layout("spans", "A connection while neither end changed its state, a row each.", FIELDS)
"""The description of the table."""


class Spans:
    """The spans of one capture: those that have ended, and those still open."""

    def __init__(self, session_ns: int) -> None:
        """Begin with none. ``session_ns`` is when the capture began."""
        self._session_ns = session_ns
        self._open: dict[int, Stay] = {}
        self.over: list[Stay] = []
        """Spans that have ended since the last interval was written."""

    def take(self, event: Event) -> None:
        """Take in an event; only changes of state count.

        A retracted change ends the span that it began: spans record the belief of the time.
        """
        if not isinstance(event.what, Transition):
            return
        step = event.what
        before = self._open.get(event.connection)
        now = (event.client_state, event.server_state)
        if before is not None and now == (before.client_state, before.server_state):
            _learn(before, step)
            return
        time_ns = step.time_ns if before is None else max(step.time_ns, before.from_ns)
        if before is not None:
            before.until_ns = time_ns
            self.over.append(before)
        if set(now) <= GONE:
            self._open.pop(event.connection, None)
            return
        self._open[event.connection] = Stay(
            self._session_ns, event.connection,
            *event.client, event.client_state, *_grounds(Side.CLIENT, event, before, time_ns),
            *event.server, event.server_state, *_grounds(Side.SERVER, event, before, time_ns),
            time_ns if before is None else before.first_time_ns, time_ns,
        )  # fmt: skip

    def close(self) -> list[Stay]:
        """Return all spans of an interval; those still open go on in the next."""
        every = [*self.over, *self._open.values()]
        self.over = []
        return every


def _learn(stay: Stay, step: Transition) -> None:
    """Update the evidence of a state already set with the other end's change by the same segment."""
    if step.retracted_by is not None:
        return
    if step.endpoint == Side.CLIENT and stay.client_evidence is None and step.to == stay.client_state:
        stay.client_evidence = step.evidence
    elif step.endpoint == Side.SERVER and stay.server_evidence is None and step.to == stay.server_state:
        stay.server_evidence = step.evidence


def _grounds(side: Side, event: Event, before: Stay | None, time_ns: int) -> tuple[int, Evidence | None]:
    """Say since when an end is in its state, and how that is known."""
    is_client = side is Side.CLIENT
    if before is not None and is_client and before.client_state == event.client_state:
        return before.client_since_ns, before.client_evidence
    if before is not None and not is_client and before.server_state == event.server_state:
        return before.server_since_ns, before.server_evidence
    step = event.what
    is_known = isinstance(step, Transition) and step.endpoint == side and step.retracted_by is None
    return time_ns, step.evidence if is_known and isinstance(step, Transition) else None


def table(spans: Sequence[Stay]) -> Table:
    """Put spans into columns."""
    columns = {field.name: column(field, [getattr(span, field.name) for span in spans]) for field in FIELDS}
    return Table(LAYOUT, len(spans), columns)
