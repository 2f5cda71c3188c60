"""Connections that are opened in a steady period and ask nothing: somebody looks whether a port is up."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.grouping import MANY_SERVERS
from wirestat.diagnosis.members import Roll
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.registry import capture_rule
from wirestat.diagnosis.rivals import ruled_out, unlikely
from wirestat.diagnosis.shown import let_go
from wirestat.diagnosis.study.instants import middle
from wirestat.diagnosis.together import counted
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_SEVERAL = 10
_STEADY = 0.1
"""Of several, intervals differ from their median by no more than this part of it, but for a few."""
_LEAST = 5
"""Fewer than these have no period."""
_EXACT = 0.01
"""Of those that are not several, all intervals differ by no more than this part."""
_GREETING = 1024
"""Servers that speak first say no more than so many bytes."""
_MOST_MISSED = 2
_SHORTEST = SECOND // 2
"""Nobody checks more often than this."""
_FEW = 8
"""More clients than these are none that check."""
_ODD = 10
"""One interval in so many may be odd: a check that was late, or one too many."""
_UNFIT = {Fact.MID_STREAM, Fact.ONE_WAY}


@capture_rule("D42", "Health checks", Severity.INFO)
def health_checks(analysis: Analysis) -> Iterator[Overall]:
    """A few clients connect in a steady period, say nothing and hang up.

    What it means: load balancers and monitoring systems look whether a port is up. Many end with a reset, so that
    they leave no TIME_WAIT behind. Where the server speaks first, some wait for its greeting and leave then.

    Why it matters: such connections look like aborts and like scans. They are neither, and they can be left out of
    every count of failures.

    Rivals: a scan (D26), which asks many ports; a client that gives up, which has no steady period.

    What to do: nothing; leave them out with a filter.

    See it: ``wirestat pcaps/field/health-checks-of-a-load-balancer/capture.pcap``: two sources, every five seconds.

    RFC 9293: 3.5.2 (reset generation), 3.6.1.
    """
    roll = Roll(analysis)
    by_socket: defaultdict[tuple[str, int], defaultdict[str, list[Connection]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for signature in analysis.summary.signatures:
        client, server = signature.client_facts, signature.server_facts
        opened = State.UNKNOWN not in (signature.client_state, signature.server_state)
        if not opened or Fact.SENT_DATA in client or signature.facts & _UNFIT:
            continue
        if not client & {Fact.RST_SENT, Fact.FIN_SENT}:
            continue
        for id in roll.members(signature):
            connection = analysis.connection(id)
            if Fact.SENT_DATA in server and not _is_a_greeting(connection):
                continue
            at = connection.server.address, connection.server.port
            by_socket[at][connection.client.address].append(connection)
    by_clients: defaultdict[frozenset[str], list[_Checked]] = defaultdict(list)
    for at, clients in by_socket.items():
        steady = {client: period for client, all in clients.items() if (period := _period(all))}
        if 0 < len(steady) <= _FEW:
            members = [one for client in steady for one in clients[client]]
            by_clients[frozenset(steady)].append(_Checked(at, steady, members))
    for checked in by_clients.values():
        yield from map(_checks, [checked] if len(checked) > MANY_SERVERS else ([one] for one in checked))


class _Checked(msgspec.Struct, frozen=True):
    """A socket that is checked."""

    at: tuple[str, int]
    steady: dict[str, int]
    """The period of each client that checks it, in ns."""
    members: list[Connection]


def _period(connections: list[Connection]) -> int | None:
    """Return the period in which they were opened, in ns; nothing where they were not opened in one."""
    if len(connections) < _LEAST:
        return None
    times = sorted(connection.first_time_ns for connection in connections)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    period = middle(gaps)
    if period < _SHORTEST or not _are_steady(gaps, period):
        return None
    if middle(_held(connection) for connection in connections) >= period:
        return None  # a browser holds several that it may need; who checks lets go
    if 2 * sum(map(_is_sent_away, connections)) > len(connections):
        return None  # who checks leaves by itself
    return period


def _are_steady(gaps: list[int], period: int) -> bool:
    """Say whether connections were opened in a period: the fewer they are, the more exact it has to be."""
    if len(gaps) + 1 < _SEVERAL:
        return all(abs(gap - period) <= period * _EXACT for gap in gaps)
    steady = sum(abs(gap - _missed(gap, period) * period) <= period * _STEADY for gap in gaps)
    return (len(gaps) - steady) * _ODD <= len(gaps)


def _is_a_greeting(connection: Connection) -> bool:
    """Say whether what the server sent, unasked, is no more than a greeting: who subscribes to news gets more."""
    return connection.server.turns == 1 and connection.server.bytes <= _GREETING


def _held(connection: Connection) -> int:
    """Return how long the client held it, in ns; the server may be slow to close."""
    left = let_go(connection, Side.CLIENT)
    return (left.time_ns if left else connection.last_time_ns) - connection.first_time_ns


def _is_sent_away(connection: Connection) -> bool:
    """Say whether the server closed first: with words or without, it did not wait for the client to leave."""
    own, closed = let_go(connection, Side.CLIENT), let_go(connection, Side.SERVER)
    if own is None or closed is None:
        return False
    return closed.moment < own.moment


def _missed(gap: int, period: int) -> int:
    """Return over how many periods a gap may go: the capture, or the network, may lack a check or two between."""
    return min(max(round(gap / period), 1), _MOST_MISSED + 1) if period else 1


def _checks(checked: list[_Checked]) -> Overall:
    """Tell of one socket, or of many that the same clients check."""
    first = checked[0]
    members = sorted((one for item in checked for one in item.members), key=lambda one: one.first_frame)
    each = ", ".join(f"{client} every {span(period)}" for client, period in sorted(first.steady.items()))
    where = socket(*first.at) if len(checked) == 1 else some(len(checked), "socket")
    are_few = len(members) < _SEVERAL
    told = "look like health checks" if are_few else "are health checks"
    return Overall(
        fault=Fault.UNDECIDED,
        doubts=("a program that connects and gives up at a steady pace would look the same",)
        if are_few
        else (),
        explanation=f"{some(len(members), 'connection')} to {where} {told}: {each}, "
        + (
            "no byte asked: they leave when the server has greeted."
            if any(one.server.bytes for one in members)
            else "without a byte of data."
        ),
        rivals=(
            ruled_out("a scan", "it asks a port once"),
            (unlikely if are_few else ruled_out)("clients that give up", "they would keep no steady period"),
        ),
        asks_nothing=True,
        advice=advise("Nothing to do: health checks may be left out of every count of failures."),
        display_filter=filters.of_sockets(
            sorted(item.at for item in checked), filters.addresses(first.steady)
        ),
        **counted(members),
        place=Place(where),
        replaces=frozenset({"D06", "D16", "D27"}),
        absorbs=frozenset(one.id for one in members),
    )
