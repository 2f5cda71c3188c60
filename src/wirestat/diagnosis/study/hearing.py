"""Who was heard when, for rules that ask it of each SYN in vain: all connections are gone through once."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate

import msgspec

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.study.instants import count_between
from wirestat.diagnosis.study.once import Once
from wirestat.model import Connection, Endpoint, State
from wirestat.timers import MILLISECOND

_EACH = 4
"""Fewer connects beside those to another host are chance."""
_MOSTLY = 2
"""Of so many connects that a host accepts, one at least follows another that was refused elsewhere."""
_AT_ONCE = 10 * MILLISECOND
"""Whoever answers in another's name, on the same machine or the next, does so within this time."""
_TRIES = 64
"""So many tell whether each had another beside it."""


class _Answers(msgspec.Struct, frozen=True):
    """The answers of a socket to what clients sent it."""

    answered: list[int]
    """When connections began that it answered in any way, in order, in Unix ns."""
    accepted: list[int]
    """When those began whose SYN it answered with a SYN-ACK."""
    clients: frozenset[str]
    """The addresses of those."""


class Hearing:
    """Drawn when it is first asked for; only where connections are few enough to be gone through."""

    def __init__(self, analysis: Analysis, once: Once) -> None:
        """Ask nothing yet."""
        self._analysis = analysis
        self._once = once
        self._beside: dict[tuple[str, int], str | None] = {}

    def is_heard(self, host: str, from_ns: int, until_ns: int) -> bool:
        """Say whether a host was heard between two instants, on any connection."""
        first, last = self._spans.get(host, ([], []))
        begun = bisect_left(first, until_ns)
        return begun > 0 and last[begun - 1] > from_ns

    def spoke_within(self, host: str, from_ns: int, until_ns: int) -> bool:
        """Say whether a host's first or last words on any connection lie between two instants: it spoke then."""
        return any(count_between(times, from_ns, until_ns) for times in self._moments.get(host, ()))

    def answered_between(self, socket: tuple[str, int], from_ns: int, until_ns: int) -> int:
        """Count the connections of a socket that it answered and that began between two instants."""
        return count_between(self._of(socket).answered, from_ns, until_ns)

    def accepted_between(self, socket: tuple[str, int], from_ns: int, until_ns: int) -> int:
        """Count those of them whose SYN it answered with a SYN-ACK."""
        return count_between(self._of(socket).accepted, from_ns, until_ns)

    def answered_clients(self, socket: tuple[str, int]) -> frozenset[str]:
        """Return the addresses whose SYN a socket answered with a SYN-ACK."""
        return self._of(socket).clients

    def accepted_beside(self, socket: tuple[str, int], within_ns: int) -> str | None:
        """Return the other host that accepted connections of the same clients each time when a socket was asked."""
        if socket not in self._beside:
            tries = self._once.of_socket(socket, _first_tries)
            hosts = [self._accepted_then(one, within_ns) for one in tries]
            common = set.intersection(*hosts) if len(hosts) >= _EACH else set()
            self._beside[socket] = min(common, default=None)
        return self._beside[socket]

    def accepted_next(self, socket: tuple[str, int], within_ns: int) -> str | None:
        """Return the other host that accepted a connection to the same port each time soon after a socket was asked.

        The client's address may be another: it asks IPv6 first, and then IPv4. A host that accepts many others as
        well does so by chance.
        """
        tries = self._once.of_socket(socket, _first_tries)
        if len(tries) < _EACH:
            return None
        times = [one.first_time_ns for one in tries]
        hosts = [self._hosts_after(socket, at, within_ns) for at in times]
        for host in sorted(set.intersection(*hosts)):
            if self.accepted_between((host, socket[1]), min(times), max(times) + within_ns) <= _MOSTLY * len(
                tries
            ):
                return host
        return None

    def spoke_each_time(self, asked: Connection) -> Endpoint | None:
        """Return who else sent one segment to the client's very port, at once, after each copy of a SYN in vain."""
        client = asked.client.address, asked.client.port
        for other in self._of_port.get(client, ()):
            speaker = other.server if (other.client.address, other.client.port) == client else other.client
            if speaker.frames == asked.syn_copies + 1 and _follows(asked, speaker):
                return speaker
        return None

    @cached_property
    def _of_port(self) -> dict[tuple[str, int], list[Connection]]:
        """The connections that began without a SYN, by the sockets of both ends."""
        found: defaultdict[tuple[str, int], list[Connection]] = defaultdict(list)
        for one in self._analysis.connections():
            if one.client.isn is None:
                for end in (one.client, one.server):
                    found[end.address, end.port].append(one)
        return found

    def _accepted_then(self, one: Connection, within_ns: int) -> set[str]:
        asked = self._asked.get((one.client.address, one.server.port), [])
        first = bisect_left(asked, (one.first_time_ns - within_ns, ""))
        last = bisect_right(asked, (one.first_time_ns + within_ns + 1, ""))
        return {host for _, host in asked[first:last] if host != one.server.address}

    def _hosts_after(self, socket: tuple[str, int], at: int, within_ns: int) -> set[str]:
        asked = self._accepted_at.get(socket[1], [])
        first, last = bisect_left(asked, (at, "")), bisect_right(asked, (at + within_ns + 1, ""))
        return {host for _, host in asked[first:last] if host != socket[0]}

    @cached_property
    def _accepted_at(self) -> dict[int, list[tuple[int, str]]]:
        return accepted_at(self._analysis.connections())

    @cached_property
    def _asked(self) -> dict[tuple[str, int], list[tuple[int, str]]]:
        """When each client asked for which port, in order, and who accepted."""
        asked: defaultdict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        for one in self._analysis.connections():
            if one.syn_to_syn_ack_ns is not None and not one.syn_copies:
                asked[one.client.address, one.server.port].append((one.first_time_ns, one.server.address))
        return {key: sorted(found) for key, found in asked.items()}

    def _of(self, socket: tuple[str, int]) -> _Answers:
        return self._once.of_socket(socket, _answers)

    @cached_property
    def _moments(self) -> dict[str, tuple[list[int], list[int]]]:
        """When each end of a host was first heard, and when last, each in order."""
        return {
            host: (sorted(first for first, _ in spans), sorted(last for _, last in spans))
            for host, spans in self._ends.items()
        }

    @cached_property
    def _spans(self) -> dict[str, tuple[list[int], list[int]]]:
        """When each end of a host was first heard, in order, and when any of those up to there was heard last."""
        return {host: _in_order(spans) for host, spans in self._ends.items()}

    @cached_property
    def _ends(self) -> dict[str, list[tuple[int, int]]]:
        """When each end of a host was first and last heard."""
        ends: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for one in self._analysis.connections():
            for end in (one.client, one.server):
                if end.first_time_ns is not None and end.last_time_ns is not None:
                    ends[end.address].append((end.first_time_ns, end.last_time_ns))
        return ends


def accepted_at(connections: Iterable[Connection]) -> dict[int, list[tuple[int, str]]]:
    """Return when which host accepted, by port, in order."""
    found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for one in connections:
        if one.syn_to_syn_ack_ns is not None and not one.syn_copies:
            found[one.server.port].append((one.first_time_ns, one.server.address))
    return {port: sorted(accepted) for port, accepted in found.items()}


def _follows(asked: Connection, speaker: Endpoint) -> bool:
    """Say whether the first and the last word of one end come at once after the first and the last SYN."""
    ends = (
        (speaker.first_time_ns, asked.client.first_time_ns),
        (speaker.last_time_ns, asked.client.last_time_ns),
    )
    return all(
        heard is not None and sent is not None and 0 <= heard - sent <= _AT_ONCE for heard, sent in ends
    )


def _answers(connections: list[Connection]) -> _Answers:
    accepted = [one for one in connections if one.syn_to_syn_ack_ns is not None]
    return _Answers(
        sorted(one.first_time_ns for one in connections if one.server.state is not State.UNKNOWN),
        sorted(one.first_time_ns for one in accepted),
        frozenset(one.client.address for one in accepted),
    )


def _first_tries(connections: list[Connection]) -> list[Connection]:
    return [one for one in connections if one.client.isn is not None][:_TRIES]


def _in_order(spans: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    ordered = sorted(spans)
    return [first for first, _ in ordered], list(accumulate((last for _, last in ordered), max))
