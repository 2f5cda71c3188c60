"""Compares the changes of state in the capture with those that RFC 9293 documents.

A change of state that is believed at the end of the capture is one of three:

* documented: RFC 9293 has a statement that allows it;
* undocumented: it has none, so a stack, a middlebox, the capture or the tracker deviates from the RFC;
* not comparable: it leads from or to ``UNKNOWN``, which is a gap in the capture and not a TCP state. The RFC does not
cover it, and it is evidence neither for nor against the endpoint.
"""

from collections import defaultdict
from enum import StrEnum
from functools import cache

import msgspec

from wirestat import rfc9293
from wirestat.model import Side, State
from wirestat.summary import Summary, TransitionCount

RFC_NAMES: dict[State, str] = {
    State.CLOSED: rfc9293.CLOSED,
    State.LISTEN: rfc9293.LISTEN,
    State.SYN_SENT: rfc9293.SYN_SENT,
    State.SYN_RECV: rfc9293.SYN_RECEIVED,
    State.ESTABLISHED: rfc9293.ESTABLISHED,
    State.FIN_WAIT1: rfc9293.FIN_WAIT_1,
    State.FIN_WAIT2: rfc9293.FIN_WAIT_2,
    State.CLOSE_WAIT: rfc9293.CLOSE_WAIT,
    State.CLOSING: rfc9293.CLOSING,
    State.LAST_ACK: rfc9293.LAST_ACK,
    State.TIME_WAIT: rfc9293.TIME_WAIT,
}
"""The RFC's spelling of the tracker's states; it has none for ``UNKNOWN``."""

STATES: dict[str, State] = {name: state for state, name in RFC_NAMES.items()}

EXAMPLES = 5


class Conformity(StrEnum):
    """The relation of a change of state to the RFC."""

    DOCUMENTED = "documented"
    UNDOCUMENTED = "undocumented"
    NOT_COMPARABLE = "not comparable"


class Statement(msgspec.Struct, frozen=True):
    """One statement of the RFC, as ``rfc9293.Arrow`` has it, with the tracker's names of the states."""

    from_state: State
    to: State
    event: str
    action: str
    section: str
    role: str
    silent: bool
    """No capture can show it."""


class Observed(msgspec.Struct, frozen=True):
    """One change of state, with the number of its occurrences."""

    from_state: State
    to: State
    standing: Conformity
    statements: tuple[Statement, ...]
    """The sections and words of the RFC about it; empty unless documented."""
    count: int
    client: int
    """How many of them were at clients."""
    server: int
    retracted: int
    """How many more were believed at first and then disproved; not part of ``count``."""
    examples: tuple[int, ...]
    """Ids of a few connections that made it."""

    @property
    def documented(self) -> bool:
        """Whether the RFC has a statement that allows it."""
        return self.standing is Conformity.DOCUMENTED

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections of the RFC about it."""
        return tuple(dict.fromkeys(statement.section for statement in self.statements))


class Conformance(msgspec.Struct, frozen=True):
    """The comparison, over all connections; each part in the order of the document, else of the states."""

    documented: tuple[Observed, ...]
    never_seen: tuple[Statement, ...]
    """Documented, but made by no connection of this capture."""
    undocumented: tuple[Observed, ...]
    not_comparable: tuple[Observed, ...]

    @property
    def deviates(self) -> bool:
        """Whether any connection made an undocumented change."""
        return bool(self.undocumented)


@cache
def statements(from_state: State, to: State) -> tuple[Statement, ...]:
    """Return the RFC's statements about a change of state; empty if it has none."""
    if State.UNKNOWN in (from_state, to):
        return ()
    return tuple(_statement(arrow) for arrow in rfc9293.statements(RFC_NAMES[from_state], RFC_NAMES[to]))


def standing(from_state: State, to: State) -> Conformity:
    """Return the relation of a change of state to the RFC."""
    if State.UNKNOWN in (from_state, to):
        return Conformity.NOT_COMPARABLE
    known = rfc9293.statements(RFC_NAMES[from_state], RFC_NAMES[to])
    return Conformity.DOCUMENTED if known else Conformity.UNDOCUMENTED


def conformance(summary: Summary) -> Conformance:
    """Compare every change of state of a capture with RFC 9293."""
    counts: defaultdict[tuple[State, State], list[TransitionCount]] = defaultdict(list)
    for count in summary.transitions:
        counts[count.from_state, count.to].append(count)
    believed = [_observed(ends, parts) for ends, parts in counts.items() if any(part.count for part in parts)]
    made = {(row.from_state, row.to) for row in believed}

    def part(wanted: Conformity) -> tuple[Observed, ...]:
        return tuple(sorted((row for row in believed if row.standing is wanted), key=_order))

    return Conformance(
        documented=part(Conformity.DOCUMENTED),
        never_seen=tuple(item for item in _everything() if (item.from_state, item.to) not in made),
        undocumented=part(Conformity.UNDOCUMENTED),
        not_comparable=part(Conformity.NOT_COMPARABLE),
    )


_RANK = {state: rank for rank, state in enumerate(State)}


def _order(row: Observed) -> tuple[int, int]:
    return _RANK[row.from_state], _RANK[row.to]


@cache
def _everything() -> tuple[Statement, ...]:
    return tuple(map(_statement, rfc9293.ARROWS))


def _statement(arrow: rfc9293.Arrow) -> Statement:
    return Statement(
        from_state=STATES[arrow.origin],
        to=STATES[arrow.target],
        event=arrow.event,
        action=arrow.action,
        section=arrow.section,
        role=arrow.role,
        silent=arrow.silent,
    )


def _observed(ends: tuple[State, State], parts: list[TransitionCount]) -> Observed:
    by_side = {side: sum(part.count for part in parts if part.endpoint is side) for side in Side}
    examples = sorted({example for part in parts for example in part.examples})
    return Observed(
        from_state=ends[0],
        to=ends[1],
        standing=standing(*ends),
        statements=statements(*ends),
        count=sum(by_side.values()),
        client=by_side[Side.CLIENT],
        server=by_side[Side.SERVER],
        retracted=sum(part.retracted for part in parts),
        examples=tuple(examples[:EXAMPLES]),
    )
