"""truth.json: what really happened, in the words of the project."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import zip_longest

from .frames import Flag
from .lives import (
    CAPTURE_UNCERTAINTY_NS,
    TRACE_UNCERTAINTY_NS,
    Endpoint,
    Life,
    Traffic,
    Transition,
    TruthError,
    add_request_sockets,
    add_time_wait_sockets,
    lives_from_trace,
)
from .matching import syn
from .sockdiag import Dump, Sighting
from .tracepoint import KernelEvent
from .wire import Crossing, Journal

SCHEMA = 1
SHOWN_BEFORE_NS, SHOWN_AFTER_NS = 10_000_000, 5_000_000
"""A segment at the machine's port this near to a close explains it; without one the close is unknowable."""

_SILENT = {
    "TIME_WAIT": "TIME_WAIT ran out",
    "FIN_WAIT2": "the orphaned FIN_WAIT2 timed out or the socket vanished without a packet",
    "SYN_SENT": "gave up without a packet: SYN retries used up or the application closed",
    "SYN_RECV": "gave up without a packet: SYN-ACK retries used up",
}
_VANISHED = "gave up or vanished without a packet"
_FIN_WAITS = "closed, but its FIN waits behind data that may not be sent yet"


@dataclass
class Evidence:
    """All that was recorded during one scenario."""

    client_address: str
    server_address: str
    journal: Journal
    events: list[KernelEvent]
    sightings: dict[str, list[Sighting]]
    final_dumps: dict[str, Dump]
    end_ns: int
    cookies_used: bool = False

    @property
    def hosts(self) -> dict[str, str]:
        return {self.client_address: "client", self.server_address: "server"}


@dataclass
class Connection:
    """One incarnation of a pair of endpoints, with the lives that its two ends led."""

    client: Endpoint
    server: Endpoint
    incarnation: int
    client_seen_by_server: Endpoint
    begins_ns: int
    lives: dict[str, list[Life]] = field(default_factory=lambda: {"client": [], "server": []})
    initial: dict[str, str] = field(default_factory=lambda: {"client": "CLOSED", "server": "CLOSED"})

    def transitions(self, endpoint: str) -> list[Transition]:
        return [transition for life in self.lives[endpoint] for transition in life.transitions]

    def final(self, endpoint: str, end_ns: int) -> str:
        reached = [t.after for t in self.transitions(endpoint) if t.time_ns <= end_ns]
        return reached[-1] if reached else self.initial[endpoint]


def connections(evidence: Evidence) -> list[Connection]:
    """Every connection, with the transitions of both ends, in order of their beginnings."""
    traffic = Traffic(evidence.journal.crossings)
    traced = lives_from_trace(evidence.events, evidence.hosts)
    lives = [life for life in traced if not _never_began(life, traffic)]
    add_request_sockets(lives, evidence.sightings, traffic, cookies_used=evidence.cookies_used)
    add_time_wait_sockets(lives, evidence.sightings, traffic)
    lives = [life for life in lives if life.born_ns <= evidence.end_ns]
    aliases = translated_addresses(evidence.journal.crossings, evidence.client_address)
    found: dict[tuple[Endpoint, Endpoint], list[Connection]] = {}
    for life in sorted(lives, key=lambda each: (each.born_ns, each.host)):
        seen = life.local if life.host == "client" else life.remote
        client = aliases.get(seen, seen)
        server = life.remote if life.host == "client" else life.local
        siblings = found.setdefault((client, server), [])
        home = _home(life, siblings, traffic)
        if home is None:
            home = Connection(client, server, len(siblings) + 1, seen, life.born_ns)
            home.initial["server"] = _listening(evidence.events, server, life.born_ns)
            siblings.append(home)
        if life.host == "server" and not home.lives["server"]:
            home.client_seen_by_server = seen
            home.initial["server"] = life.transitions[0].before
        home.lives[life.host].append(life)
    _add_attempts_without_sockets(found, evidence)
    return sorted((c for siblings in found.values() for c in siblings), key=lambda c: c.begins_ns)


def _add_attempts_without_sockets(
    found: dict[tuple[Endpoint, Endpoint], list[Connection]], evidence: Evidence
) -> None:
    """SYNs that no machine has a socket for: forged, answered with RST or with a SYN cookie, or dropped."""
    known = {
        (c.client_seen_by_server, c.server) for siblings in found.values() for c in siblings
    } | found.keys()
    seen: set[tuple[Endpoint, Endpoint, int]] = set()
    for crossing in evidence.journal.crossings:
        frame = crossing.frame
        client, server = (frame.source, frame.source_port), (frame.destination, frame.destination_port)
        is_attempt = crossing.host == "server" and crossing.way == "in" and syn(frame)
        if not is_attempt or (client, server) in known or (client, server, frame.seq) in seen:
            continue
        seen.add((client, server, frame.seq))
        siblings = found.setdefault((client, server), [])
        siblings.append(Connection(client, server, len(siblings) + 1, client, crossing.time_ns))
        siblings[-1].initial["server"] = _listening(evidence.events, server, crossing.time_ns)


def _never_began(life: Life, traffic: Traffic) -> bool:
    """A connect() that the kernel refuses at once passes through SYN_SENT, and sends nothing."""
    if [t.after for t in life.transitions] != ["SYN_SENT", "CLOSED"]:
        return False
    until_ns = life.transitions[-1].time_ns + CAPTURE_UNCERTAINTY_NS
    return not any(
        syn(c.frame) and life.born_ns - TRACE_UNCERTAINTY_NS <= c.time_ns <= until_ns
        for c in traffic.sent(life)
    )


def _home(life: Life, siblings: list[Connection], traffic: Traffic) -> Connection | None:
    """The incarnation that a socket's life is a part of, by the client's initial sequence number; none where the life
    begins the next. Incarnations that follow each other at once may overlap.
    """
    isn = _isn(life, traffic)
    lacking = [c for c in siblings if life.host == "server" or not c.lives["client"]]
    same = [c for c in lacking if isn is not None and _isn_of(c, traffic) == isn]
    if same or not siblings:
        return same[-1] if same else None
    latest = siblings[-1]
    if life.host == "client":
        return latest if latest in lacking and isn == _isn_of(latest, traffic) else None
    # A socket that connects meets none of the client's that have closed before.
    clients = latest.lives["client"]
    is_alone = _connects(life) and clients and clients[-1].state_at(life.born_ns) == "CLOSED"
    return None if latest.lives["server"] or is_alone else latest


def _connects(life: Life) -> bool:
    return life.transitions[0].after == "SYN_SENT"


def _isn_of(connection: Connection, traffic: Traffic) -> int | None:
    lives = connection.lives["client"] or connection.lives["server"]
    return _isn(lives[0], traffic)


def _isn(life: Life, traffic: Traffic) -> int | None:
    """The client's initial sequence number in this life."""
    slack = life.transitions[0].uncertainty_ns
    if life.host == "client":
        syns = [c for c in traffic.sent(life) if c.time_ns >= life.born_ns - slack]
    else:
        syns = traffic.delivered(life)
        if _connects(life):
            syns = [c for c in syns if c.time_ns >= life.born_ns - slack]
        else:
            syns = [c for c in reversed(syns) if c.time_ns <= life.born_ns + slack]
    return next((c.frame.seq for c in syns if c.frame.flags & Flag.SYN), None)


def translated_addresses(crossings: Iterable[Crossing], client_address: str) -> dict[Endpoint, Endpoint]:
    """For each address and port that a gateway put in the client's place, the client's own; SYNs tell,
    by their ISN."""
    original: dict[int, Endpoint] = {}
    aliases: dict[Endpoint, Endpoint] = {}
    for crossing in crossings:
        frame = crossing.frame
        if crossing.host != "gateway" or not frame.flags & Flag.SYN or frame.flags & Flag.ACK:
            continue
        source = (frame.source, frame.source_port)
        if frame.source == client_address:
            original[frame.seq] = source
        elif frame.seq in original:
            aliases[source] = original[frame.seq]
    return aliases


def _listening(events: Iterable[KernelEvent], server: Endpoint, time_ns: int) -> str:
    state = "CLOSED"
    for event in events:
        is_listener = event.name == "inet_sock_set_state" and event.destination_port == 0
        if is_listener and event.time_ns <= time_ns and (event.source, event.source_port) == server:
            state = "LISTEN" if event.fields["newstate"] == "TCP_LISTEN" else "CLOSED"
    return state


def check(found: list[Connection], evidence: Evidence) -> list[str]:
    """Contradictions: broken chains, and final states that differ from what inet_diag showed at the
    end."""
    problems = []
    newest: dict[tuple[str, Endpoint, Endpoint], Life] = {}
    for connection in found:
        for endpoint, lives in connection.lives.items():
            for life in lives:
                newest[life.key] = life
                for earlier, later in zip(life.transitions, life.transitions[1:], strict=False):
                    if earlier.after != later.before or earlier.time_ns > later.time_ns:
                        problems.append(f"{endpoint} {life.local}: {earlier} is followed by {later}")
    for host, dump in evidence.final_dumps.items():
        shown = {(host, e.local, e.remote): e.state for e in dump.entries if e.state != "LISTEN"}
        told = {}
        for key, life in newest.items():
            states = [t.after for t in life.transitions if t.time_ns <= dump.answered_ns]
            if key[0] == host and states and states[-1] != "CLOSED":
                told[key] = states[-1]
        for key in sorted(shown.keys() | told.keys()):
            if shown.get(key) != told.get(key):
                problems.append(f"{key}: inet_diag shows {shown.get(key)}, the truth says {told.get(key)}")
    return problems


def unknowable(connection: Connection, traffic: Traffic, end_ns: int) -> list[dict[str, object]]:
    """Changes that no packet announced or explained when they happened, and when one did so afterwards
    (``until_time_ns``)."""
    found: list[dict[str, object]] = []
    for endpoint, lives in connection.lives.items():
        for life in lives:
            for transition, following in zip_longest(life.transitions, life.transitions[1:]):
                if transition.time_ns > end_ns:
                    continue
                if transition.after == "CLOSED" and not _is_explained(transition, life, traffic):
                    reason = _SILENT.get(transition.before, _VANISHED)
                    shown = _first(traffic.sent(life), Flag.RST, transition.time_ns)
                    found.append(_unknowable(endpoint, transition, reason, shown))
                elif transition.after in ("FIN_WAIT1", "LAST_ACK"):
                    fin = _first_frame(traffic.sent(life), Flag.FIN, transition.time_ns)
                    in_time = transition.time_ns + SHOWN_AFTER_NS
                    if following is not None:
                        in_time = min(in_time, following.time_ns + TRACE_UNCERTAINTY_NS)
                        if following.after == "CLOSING" and fin and _acknowledges_fin(fin, life, traffic):
                            in_time = transition.time_ns
                    if fin is None or fin.time_ns > in_time:
                        shown = fin.time_ns if fin else None
                        found.append(_unknowable(endpoint, transition, _FIN_WAITS, shown))
    return found


def _acknowledges_fin(fin: Crossing, life: Life, traffic: Traffic) -> bool:
    """Whether a FIN says that the other's had come before it left, however shortly."""
    return any(
        c.frame.flags & Flag.FIN and fin.frame.ack == c.frame.next_seq
        for c in traffic.delivered(life)
        if c.time_ns <= fin.time_ns
    )


def _is_explained(close: Transition, life: Life, traffic: Traffic) -> bool:
    """Did a segment at the machine's port bring this close about, or go out with it?"""
    if close.source == "inet_diag":
        return False
    earliest = close.time_ns - max(SHOWN_BEFORE_NS, close.uncertainty_ns)
    latest = close.time_ns + max(SHOWN_AFTER_NS, close.uncertainty_ns)
    received = [c.frame for c in traffic.delivered(life) if earliest <= c.time_ns <= latest]
    sent = [c.frame for c in traffic.sent(life) if earliest <= c.time_ns <= latest]
    told = [
        c for c in traffic.others if c.host == life.host and c.way == "in" and earliest <= c.time_ns <= latest
    ]
    killers = Flag.RST | Flag.SYN if close.before == "TIME_WAIT" else Flag.RST
    last_ack = close.before == "LAST_ACK" and any(frame.flags & Flag.ACK for frame in received)
    return last_ack or bool(told) or any(frame.flags & killers for frame in received + sent)


def _first(crossings: list[Crossing], flag: Flag, after_ns: int) -> int | None:
    found = _first_frame(crossings, flag, after_ns)
    return found.time_ns if found else None


def _first_frame(crossings: list[Crossing], flag: Flag, after_ns: int) -> Crossing | None:
    return next((c for c in crossings if c.frame.flags & flag and c.time_ns >= after_ns), None)


def _unknowable(
    endpoint: str, transition: Transition, reason: str, until_ns: int | None
) -> dict[str, object]:
    told: dict[str, object] = {"endpoint": endpoint, "from_time_ns": transition.time_ns}
    if until_ns is not None:
        told["until_time_ns"] = until_ns
    return told | {"state": transition.after, "reason": reason}


def describe_connection(connection: Connection, traffic: Traffic, end_ns: int) -> dict[str, object]:
    """The connection as it stands in truth.json."""
    rows = sorted(
        (
            (endpoint, t)
            for endpoint in connection.lives
            for t in connection.transitions(endpoint)
            if t.time_ns <= end_ns
        ),
        key=lambda row: row[1].time_ns,
    )
    described: dict[str, object] = {
        "client": {"address": connection.client[0], "port": connection.client[1]},
        "server": {"address": connection.server[0], "port": connection.server[1]},
    }
    if connection.client_seen_by_server != connection.client:
        address, port = connection.client_seen_by_server
        described["client_seen_by_server"] = {"address": address, "port": port}
    if not connection.lives["client"]:
        described["forged_client"] = True
    return described | {
        "incarnation": connection.incarnation,
        "initial": dict(connection.initial),
        "transitions": [
            {
                "endpoint": endpoint,
                "from": transition.before,
                "to": transition.after,
                "time_ns": transition.time_ns,
                "source": transition.source,
                "uncertainty_ns": transition.uncertainty_ns,
            }
            for endpoint, transition in rows
        ],
        "final": {endpoint: connection.final(endpoint, end_ns) for endpoint in ("client", "server")},
        "unknowable": unknowable(connection, traffic, end_ns),
    }


def kernel_events(evidence: Evidence) -> list[dict[str, object]]:
    """Retransmissions and resets as the kernels report them."""
    told = []
    for event in evidence.events:
        host = evidence.hosts.get(event.source)
        if event.name == "inet_sock_set_state" or host is None or event.time_ns > evidence.end_ns:
            continue
        entry: dict[str, object] = {
            "time_ns": event.time_ns,
            "event": event.name.removeprefix("tcp_"),
            "endpoint": host,
            "local": {"address": event.source, "port": event.source_port},
            "remote": {"address": event.destination, "port": event.destination_port},
        }
        if "state" in event.fields:
            entry["state"] = event.fields["state"].removeprefix("TCP_")
        if "reason" in event.fields:
            entry["reason"] = event.fields["reason"]
        told.append(entry)
    return told


def assemble(evidence: Evidence, found: list[Connection]) -> dict[str, object]:
    """The part of truth.json that is drawn from the evidence."""
    traffic = Traffic(evidence.journal.crossings)
    return {
        "kernel": f"{platform.system()} {platform.release().split('-')[0]}",
        "connections": [describe_connection(each, traffic, evidence.end_ns) for each in found],
        "kernel_events": kernel_events(evidence),
        "wire": [a for a in evidence.journal.actions if int(str(a["time_ns"])) <= evidence.end_ns],
    }


__all__ = ["SCHEMA", "Connection", "Evidence", "TruthError", "assemble", "check", "connections"]
