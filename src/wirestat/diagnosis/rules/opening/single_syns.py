"""Sockets that many single SYNs find silent: their clients do not wait until a SYN comes again."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator

from msgspec.structs import replace

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at, ss_listen_at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.doubts import leaves_out_answers
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.registry import also_of_captures
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.study.hearing import accepted_at
from wirestat.diagnosis.together import counted
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_ATTEMPTS = 5
"""Fewer single SYNs without an answer may be lost by chance."""
_SPREAD = 3 * SECOND
"""A socket that is silent for so long is silent for good, and not for the moment of a restart."""
_BESIDE = SECOND
"""The same where its clients are answered elsewhere in between, as often as it is tried."""
_TO_ANSWER = SECOND
"""Nobody who listens takes longer for a SYN-ACK."""
_FALLS_BACK = SECOND
"""A client that tries both versions of IP turns to the other sooner (RFC 8305, 5: a quarter of a second)."""
_MOSTLY = 2
"""Of so many connects that the other host accepts, one at least follows an attempt at this one."""


@also_of_captures("D01")
def single_syns_unanswered(analysis: Analysis) -> Iterator[Overall]:
    """Several attempts at one socket, each of a single SYN, and no answer to any: a browser that tries two addresses
    gives one of them up before it would ask again.

    One source that tries many sockets, or many sources that try one, scan or flood (D26), and are left to that.
    """
    if not is_few(analysis) or leaves_out_answers(analysis.summary):
        return
    asked: defaultdict[tuple[str, int], list[Connection]] = defaultdict(list)
    answered: defaultdict[str, list[int]] = defaultdict(list)
    heard, hosts = set(), set()
    for one in analysis.connections():
        key = one.server.address, one.server.port
        if one.server.frames or one.server.state is not State.UNKNOWN:
            heard.add(key)
            hosts.add(one.server.address)
            answered[one.client.address].append(one.first_time_ns)
        elif _is_single(one):
            asked[key].append(one)
    tried: defaultdict[str, set[tuple[str, int]]] = defaultdict(set)
    for key, connections in asked.items():
        for one in connections:
            tried[one.client.address].add(key)
    accepted: dict[int, list[tuple[int, str]]] = {}
    for (address, port), each in asked.items():
        connections = _in_vain(each, analysis)
        clients = {one.client.address for one in connections}
        if len(connections) < _ATTEMPTS:
            continue
        began, ended = connections[0].first_time_ns, connections[-1].first_time_ns
        beside = sum(began < time < ended for client in clients for time in answered[client])
        lasted, spread = ended - began, _BESIDE if beside >= _ATTEMPTS - 1 else _SPREAD
        is_scan = any(len(tried[client]) >= _ATTEMPTS for client in clients) or len(clients) * 2 > len(
            connections
        )
        if lasted >= spread and (address, port) not in heard and not is_scan:
            system, is_heard = analysis.timers.name, address in hosts
            told = _tell(socket(address, port), connections, lasted, system, is_host_heard=is_heard)
            accepted = accepted or accepted_at(analysis.connections())
            fallback = _fallback(connections, accepted.get(port, []))
            yield replace(told, explanation=told.explanation + fallback)


def _fallback(connections: list[Connection], accepted: list[tuple[int, str]]) -> str:
    """Tell of the other host, of the other version of IP, that each attempt was followed by a connection to.

    The client has another address there. A host that ``accepted`` many others as well did so by chance.
    """
    first = connections[0].server
    waits: list[int] = []
    hosts: set[str] = set()
    for one in connections:
        at = bisect_left(accepted, (one.first_time_ns, ""))
        if at == len(accepted) or accepted[at][0] - one.first_time_ns > _FALLS_BACK:
            return ""
        waits.append(accepted[at][0] - one.first_time_ns)
        hosts.add(accepted[at][1])
    other = min(hosts)
    if len(hosts) > 1 or (":" in other) == (":" in first.address):
        return ""
    until = connections[-1].first_time_ns + _FALLS_BACK
    in_all = sum(host == other and connections[0].first_time_ns <= at <= until for at, host in accepted)
    if in_all > _MOSTLY * len(connections):
        return ""
    after = " to ".join(dict.fromkeys(map(span, (min(waits), max(waits)))))
    return (
        f" Each was followed, {after} later, by a connection to {socket(other, first.port)}, which was "
        "accepted: the client seems to try one version of IP, and to fall back to the other (RFC 8305). Then every "
        "connect takes as much longer."
    )


def _is_single(one: Connection) -> bool:
    """Say whether it is one SYN, of which nobody said that it cannot be delivered."""
    told = any(seen.fact in (Fact.ICMP_PROHIBITED, Fact.ICMP_UNREACHABLE) for seen in one.facts)
    return one.client.frames == 1 and one.client.state in (State.SYN_SENT, State.CLOSED) and not told


def _in_vain(each: list[Connection], analysis: Analysis) -> list[Connection]:
    """Return those after which the capture went on long enough for an answer, or their client tried anew."""
    last = analysis.summary.last_time_ns or each[-1].last_time_ns
    tried_last = {one.client.address: one.id for one in each}
    return [
        one
        for one in each
        if last - one.first_time_ns >= _TO_ANSWER or tried_last[one.client.address] != one.id
    ]


def _tell(
    name: str, connections: list[Connection], lasted: int, system: str, *, is_host_heard: bool
) -> Overall:
    first, count = connections[0], len(connections)
    doubt, rivals, advice = _at_this_port(first, system) if is_host_heard else _anywhere(first, system)
    return Overall(
        severity=Severity.WARNING,
        doubts=(doubt,),
        fault=Fault.UNDECIDED,
        explanation=f"{some(count, 'attempt')} to connect to {name} within {span(lasted)} got no answer. Each was a "
        f"single SYN, the first from {socket(first.client.address, first.client.port)}: its client did not wait to "
        "send another, as one does that tries several addresses at a time.",
        rivals=(*rivals, unlikely("chance loss", f"it struck all of {count}")),
        advice=advice,
        display_filter=filters.of_server(first.server.address, first.server.port),
        **counted(connections),
        place=Place(name, None, first.first_time_ns),
    )


def _at_this_port(first: Connection, system: str) -> tuple[str, tuple[Rival, ...], str]:
    """Return the doubt, the rivals and the advice where other ports of the host answer."""
    server = first.server
    return (
        "one capture does not tell who drops the SYNs",
        (
            cause("a filter that drops what is for this port"),
            cause("an accept queue that is full"),
            ruled_out("a host that is down", "it answers at other ports"),
        ),
        advise(
            f"See what drops SYNs for port {server.port}: a firewall, or a listening socket whose queue is full.",
            at(first.client.address, system, f"traceroute -T -p {server.port} {server.address}"),
            ss_listen_at(server.address, server.port, system),
        ),
    )


def _anywhere(first: Connection, system: str) -> tuple[str, tuple[Rival, ...], str]:
    """Return the same where nothing of the host was captured."""
    client, server = first.client.address, first.server.address
    return (
        "its answers may take another way, as nothing that it sent was captured",
        (
            cause("a way to that network that is broken", "IPv6 beside IPv4, one of several uplinks"),
            cause("a filter on the way, or a host that is down"),
            still_open("one-way capture"),
        ),
        advise(
            "See whether the host is reached at all, and where the way ends.",
            at(client, system, f"tracepath -n {server}"),
            at(client, system, f"ip route get {server}"),
        ),
    )
