"""Python's face of the flow table: rows of the core become the records of ``wirestat.model``."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from wirestat import _core
from wirestat.model import (
    Connection,
    DirectionReason,
    Endpoint,
    Event,
    Evidence,
    LadderLine,
    Listener,
    Side,
    Sighting,
    Signature,
    State,
    Summary,
    Transition,
    TransitionCount,
    UdpConversation,
    Undecoded,
)
from wirestat.timers import Timers
from wirestat.vocabulary import Cue, Fact

# The core refers to these by number.
_STATES = tuple(State(name) for name in _core.STATES)
_EVIDENCE = tuple(Evidence(name) for name in _core.EVIDENCE)
_CUES = tuple(Cue(words) for words in _core.CUES.values())
_FACTS = tuple(Fact(name) for name in _core.FACTS)
_OF_CONNECTION = frozenset(Fact(name) for name in _core.CONNECTION_FACTS)
_REASONS = tuple(DirectionReason(name) for name in _core.DIRECTION_REASONS)
_SIDES = (Side.CLIENT, Side.SERVER)

_FRAGMENTS = ("held", "reassembled", "given_up", "overlapping")

_BATCH = 1000
"""Connections converted at once: their rows are in memory twice for a moment."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the flow table may hold; beyond it the least useful connections are let go, and counted."""

    max_connections: int = 4_000_000
    max_bytes: int = 4 << 30
    """Bytes of memory for connections, their logs included."""


def by_core(timers: Timers) -> dict[str, int]:
    """Pick the timers that the core goes by; the others are for the rules."""
    return {name: getattr(timers, name) for name in _core.TIMERS}


class Tracker:
    """The flow table. Packets go in through a capture source or by :meth:`feed`; records come out."""

    def __init__(
        self,
        timers: Timers,
        limits: Limits | None = None,
        *,
        release: bool = False,
        trace: int | None = None,
        events: bool = False,
    ) -> None:
        """Make an empty table.

        With ``release``, connections that are over are let go and only their counts kept. ``trace`` is the id of a
        connection of which every segment is kept, for :meth:`ladder`. With ``events``, changes are queued.
        """
        limits = limits or Limits()
        self.events_beyond = 0
        self.core = _core.Tracker(
            by_core(timers),
            max_connections=limits.max_connections,
            max_bytes=limits.max_bytes,
            release=release,
            trace=trace or 0,
            events=events,
        )

    @classmethod
    def around(cls, core: _core.Tracker) -> Tracker:
        """Return the face of a table that was filled elsewhere."""
        tracker = cls.__new__(cls)
        tracker.core = core
        return tracker

    def feed(self, link_type: int, frames: list[tuple[int, int, bytes]]) -> None:
        """Take in frames of one link type: (time in Unix ns, length on the wire in bytes, bytes captured) each."""
        self.core.feed(link_type, frames)

    def advance(self, now_ns: int) -> None:
        """Let time pass until ``now_ns`` (Unix ns): timers run out, and what is over is let go."""
        self.core.advance(now_ns)

    def settle(self) -> None:
        """Let time pass until the last frame: what is asked afterwards is as of that instant."""
        self.core.settle()

    def summary(self) -> Summary:
        """Return the flow table in numbers."""
        counts, tally = self.core.counts(), self.core.tally()
        (
            frames, segments, datagrams, icmp_errors, others, undecoded, duplicates,
            conversations, datagrams_beyond, first_ns, last_ns, evicted, released,
        ) = counts  # fmt: skip
        connections, incarnations, states, moves, signatures, unsigned, listeners = tally
        return Summary(
            frames=frames,
            tcp_segments=segments,
            udp_datagrams=datagrams,
            icmp_errors=icmp_errors,
            other_frames=dict(sorted(others.items())),
            undecoded=tuple(Undecoded(*row) for row in undecoded),
            duplicate_frames=duplicates,
            connections=connections,
            incarnations=incarnations,
            udp_conversations=conversations,
            first_time_ns=first_ns,
            last_time_ns=last_ns,
            states={side: _by_state(counts) for side, counts in zip(_SIDES, states, strict=True)},
            transitions=tuple(_transition_count(row) for row in moves),
            signatures=tuple(_signature(row) for row in signatures),
            evicted=dict(zip(("closed", "embryonic", "idle"), evicted, strict=True)),
            released=released,
            fragments=dict(zip(_FRAGMENTS, self.core.fragments(), strict=True)),
            beyond_limits={"udp_datagrams": datagrams_beyond, "connections": unsigned},
            listeners=tuple(_listener(row) for row in listeners),
        )

    def connections(self) -> Iterator[Connection]:
        """Yield the connections in the table, in the order of their ids."""
        start = 0
        while rows := self.core.connections(start, _BATCH):
            yield from map(_connection, rows)
            start += len(rows)

    def connection(self, id: int) -> Connection:
        """Return one connection.

        Raises:
            KeyError: it is unknown, or only its counts were kept.
        """
        row = self.core.connection(id)
        if row is None:
            raise KeyError(id)
        return _connection(row)

    def udp(self) -> Iterator[UdpConversation]:
        """Yield the UDP conversations, the first seen first."""
        return (UdpConversation(*row) for row in self.core.conversations())

    def ladder(self) -> tuple[LadderLine, ...]:
        """Return the segments of the traced connection; nothing where none was traced."""
        rows, _beyond = self.core.ladder()
        return tuple(_ladder_line(row) for row in rows)

    def events(self) -> Iterator[Event]:
        """Yield what has changed since the last call; it takes ``events`` to be asked for at the beginning."""
        rows, beyond = self.core.drain_events()
        self.events_beyond += beyond
        for id, transition, fact, place, (client, server), (client_state, server_state) in rows:
            what = _transition(transition) if transition else _fact(fact)
            yield Event(id, what, client, server, _STATES[client_state], _STATES[server_state], place)

    def connection_at(self, place: int, id: int) -> Connection | None:
        """Return a connection by its place, at once however many there are; ``None`` where it was let go."""
        row = self.core.connection_at(place, id)
        return None if row is None else _connection(row)


def _connection(row: _core.Row) -> Connection:
    (
        id, client, server, incarnation, previous, reason, tunnel,
        first_ns, last_ns, first_frame, last_frame, handshake_ns, transitions, facts,
    ) = row  # fmt: skip
    return Connection(
        id, _endpoint(client), _endpoint(server), incarnation, previous, _REASONS[reason], tunnel,
        first_ns, last_ns, first_frame, last_frame, handshake_ns,
        tuple(map(_transition, transitions)), tuple(map(_fact, facts)),
    )  # fmt: skip


def _endpoint(row: _core.Row) -> Endpoint:
    address, port, state, evidence, confirmed, others, since_ns, first_state, *counts = row
    return Endpoint(
        address,
        port,
        _STATES[state],
        None if evidence is None else _EVIDENCE[evidence],
        confirmed,
        tuple(_STATES[other] for other in others),
        since_ns,
        _STATES[first_state],
        *counts,
    )


def _transition(row: _core.Row) -> Transition:
    role, from_state, to, time_ns, frame, cue, evidence, confirmed_by, retracted_by = row
    return Transition(
        _SIDES[role], _STATES[from_state], _STATES[to], time_ns, frame, _CUES[cue], _EVIDENCE[evidence],
        confirmed_by, retracted_by,
    )  # fmt: skip


def _fact(row: _core.Row) -> Sighting:
    fact, role, frame, time_ns, figure = row
    return Sighting(_FACTS[fact], None if role is None else _SIDES[role], frame, time_ns, figure or None)


def _ladder_line(row: _core.Row) -> LadderLine:
    frame, time_ns, role, flags, seq, ack, payload, window, note = row
    return LadderLine(frame, time_ns, _SIDES[role], flags, seq, ack, payload, window, (note,) if note else ())


def _transition_count(row: _core.Row) -> TransitionCount:
    role, from_state, to, count, seen, confirmed, presumed, implied, timer, retracted, examples = row
    return TransitionCount(
        _SIDES[role], _STATES[from_state], _STATES[to],
        count, seen, confirmed, presumed, implied, timer, retracted, tuple(examples),
    )  # fmt: skip


def _signature(row: _core.Row) -> Signature:
    client, server, client_proven, server_proven, client_facts, server_facts, count, examples = row
    of_client = frozenset(_FACTS[fact] for fact in client_facts)
    of_server = frozenset(_FACTS[fact] for fact in server_facts)
    return Signature(
        client_state=_STATES[client],
        server_state=_STATES[server],
        client_confirmed=client_proven,
        server_confirmed=server_proven,
        count=count,
        examples=tuple(examples),
        facts=(of_client | of_server) & _OF_CONNECTION,
        client_facts=of_client - _OF_CONNECTION,
        server_facts=of_server - _OF_CONNECTION,
    )


def _listener(row: _core.Row) -> Listener:
    (
        address, port, connections, clients, answered, refused, unanswered, embryonic, embryonic_peak,
        short_lived, states, client_states, time_wait_peak, time_wait_client, first_frame, examples,
    ) = row  # fmt: skip
    return Listener(
        address, port, connections, clients, answered, refused, unanswered, embryonic, embryonic_peak,
        short_lived, _by_state(states), _by_state(client_states), time_wait_peak, time_wait_client,
        first_frame, tuple(examples),
    )  # fmt: skip


def _by_state(counts: list[int]) -> dict[State, int]:
    return {state: count for state, count in zip(_STATES, counts, strict=True) if count}
