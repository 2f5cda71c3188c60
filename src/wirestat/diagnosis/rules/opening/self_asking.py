"""Hosts that ask their own socket again and again, each time within the time before: a proxy that asks itself."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.registry import also_of_captures
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.together import counted
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.words import socket

_LEAST = 12
"""Fewer, one within the other, may be a service that asks itself for parts of an answer, or chance among many."""
_SOON = 50 * MILLISECOND
"""A proxy asks as soon as it is asked."""


@also_of_captures("D37")
def asks_itself(analysis: Analysis) -> Iterator[Overall]:
    """A host asks its own socket, and while that waits, asks it again: each request makes the next."""
    if not is_few(analysis):
        return
    own: defaultdict[tuple[str, int], list[Connection]] = defaultdict(list)
    for one in analysis.connections():
        here, there = one.client, one.server
        if here.address == there.address and here.port != there.port and here.bytes:
            own[there.address, there.port].append(one)
    for connections in own.values():
        if len(chain := _longest_chain(connections)) >= _LEAST:
            yield _tell(analysis, chain)


def _longest_chain(connections: list[Connection]) -> list[Connection]:
    """Return the longest row of connections of which each was opened while the one before waited for its answer."""
    best: list[Connection] = []
    row: list[Connection] = []
    for one in sorted(connections, key=lambda one: one.first_time_ns):
        if row and _made(row[-1], one):
            row.append(one)
        else:
            row = [one]  # a list of its own: the best row so far stays as it is
        best = max(best, row, key=len)
    return best


def _made(outer: Connection, inner: Connection) -> bool:
    """Say whether one lies within the other, and the outer one had no answer while the inner one lived."""
    is_within = (
        inner.first_time_ns - outer.first_time_ns <= _SOON and inner.last_time_ns <= outer.last_time_ns
    )
    return is_within and 2 * outer.server.longest_think_ns >= inner.last_time_ns - inner.first_time_ns


def _asked_before(analysis: Analysis, first: Connection) -> Connection | None:
    """Return the connection of another host to the same socket that made the first of them."""
    asked = (
        one
        for one in analysis.connections()
        if (one.server.address, one.server.port) == (first.server.address, first.server.port)
        and one.client.address != one.server.address
        and 0 <= first.first_time_ns - one.first_time_ns <= _SOON
        and one.last_time_ns >= first.last_time_ns
    )
    return max(asked, key=lambda one: one.first_time_ns, default=None)


def _tell(analysis: Analysis, chain: list[Connection]) -> Overall:
    first, last = chain[0], chain[-1]
    name, made_by = socket(first.server.address, first.server.port), _asked_before(analysis, first)
    by = f" The first followed a connection of {made_by.client.address} to it." if made_by else ""
    host, system = first.server.address, analysis.timers.name
    return Overall(
        doubts=("one capture does not tell what was asked",),
        fault=Fault.SERVER,
        severity=Severity.WARNING,
        explanation=f"{host} connected to its own socket {name} {len(chain):,} times within "
        f"{span(last.first_time_ns - first.first_time_ns)}, each time while the one before waited for its answer: it "
        f"seems to ask itself, so that each request makes the next, until its places are taken.{by}",
        rivals=(
            cause("a proxy that was asked for its own address or name, or is its own backend"),
            unlikely("a service that asks itself for parts of an answer", f"it does so {len(chain):,} deep"),
            unlikely(
                "programs of this host that ask the service side by side",
                "each ended before the one before did",
            ),
        ),
        advice=advise(
            "Have the proxy refuse what leads to itself (by address, by name, by a header that it adds), and see "
            "that none of its backends is itself.",
            at(host, system, f"ss -tnp '( dport = :{first.server.port} )' dst {host}"),
        ),
        display_filter=filters.of_server(host, first.server.port),
        **counted(chain),
        place=Place(name, None, first.first_time_ns),
    )
