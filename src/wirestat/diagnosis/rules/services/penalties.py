"""Servers that turn one address away from some moment on, and serve others meanwhile."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.diagnosis.advice import advise, at, ss_listen_at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.rules.services.turned_away import is_turned_away
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Fault, Severity
from wirestat.words import socket, some

_SEVERAL = 3
"""Fewer may be turned away by chance."""
_MORE = 10
"""Who is served hears so many times as much as who is turned away."""
_SSH = 22
"""The port of SSH, whose server tells its penalties."""


def shut_out(analysis: Analysis, connections: list[Connection]) -> Iterator[Overall]:
    """Tell of clients that a socket served, and turns away at once from some moment on, while others are served."""
    opened = [one for one in connections if one.connect_ns is not None]
    if len(opened) <= 2 * _SEVERAL:
        return
    clients: defaultdict[str, list[Connection]] = defaultdict(list)
    for one in opened:
        clients[one.client.address].append(one)
    for client, own in clients.items():
        away = _turned_away(own)
        if away and _others_are_served(opened, client, away):
            yield _told(analysis, own, away)


def _turned_away(own: list[Connection]) -> list[Connection]:
    """Return the connections of a client that were turned away, where all were from the first of them on, and several
    before were served."""
    in_turn = sorted(own, key=lambda one: one.first_time_ns)
    away = [one for one in in_turn if is_turned_away(one)]
    if len(away) < _SEVERAL or len({one.server.bytes for one in away}) > 1 or not away[0].server.bytes:
        return []
    if any(one.client.bytes for one in away):
        return []
    since = in_turn.index(away[0])
    served = [one for one in in_turn[:since] if _is_served(one, away[0])]
    return away if len(served) >= _SEVERAL and in_turn[since:] == away else []


def _is_served(one: Connection, away: Connection) -> bool:
    return bool(one.client.bytes) and one.server.bytes >= _MORE * away.server.bytes


def _others_are_served(opened: list[Connection], client: str, away: list[Connection]) -> bool:
    first, last = away[0].first_time_ns, away[-1].first_time_ns
    return any(
        first < one.first_time_ns < last and one.client.address != client and _is_served(one, away[0])
        for one in opened
    )


def _told(analysis: Analysis, own: list[Connection], away: list[Connection]) -> Overall:
    server, client, system = away[0].server, away[0].client, analysis.timers.name
    name, said = socket(server.address, server.port), f"the same {server.bytes} bytes"
    before = some(sum(_is_served(one, away[0]) for one in own), "connection")
    return Overall(
        severity=Severity.WARNING,
        doubts=("only the server's log tells why",),
        fault=Fault.UNDECIDED,
        explanation=f"{name} closed {some(len(away), 'connection')} of {client.address} at once, each with {said}, "
        f"since {instant(analysis, away[0].first_time_ns)}. Before that it had served this client on {before}, and "
        "others are served meanwhile: it turns this address away.",
        rivals=(
            cause(
                "a penalty after failed log-ins (PerSourcePenalties of OpenSSH 9.8, or a guard in the program)",
                "it has served this client before",
            ),
            cause("a limit of connections of one address within a time"),
            ruled_out("a limit of connections of all", "others are let in meanwhile"),
        ),
        advice=advise(
            f"See what the server's log says of {client.address}, and what its connections before that ended with.",
            at(server.address, system, "sshd -T | grep -iE 'persource|maxstartups'")
            if server.port == _SSH
            else ss_listen_at(server.address, server.port, system),
        ),
        **of_connections(away),
        place=place_of_examples(analysis, [one.id for one in away], are_all=True),
        replaces=frozenset({"D12", "D16", "D17", "D27", "D30", "D35", "D42"}),
        absorbs=frozenset(one.id for one in away),
    )
