"""One socket's life, told by three witnesses.

The tracepoint gives the exact transitions of full sockets. inet_diag gives the small sockets it does not
show: a request socket is a server's SYN_RECV; a TIME_WAIT socket takes the place of a full socket in
FIN_WAIT2 or CLOSING, which for the tracepoint looks like a close. The frames at the machine's own port
say which segment moved a small socket, and thereby when.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .frames import Flag
from .matching import bare_ack, syn, syn_ack
from .sockdiag import Sighting
from .tracepoint import RESOLUTION_NS, KernelEvent
from .wire import Crossing

Endpoint = tuple[str, int]
"""Address and port."""

TRACE_UNCERTAINTY_NS = 2 * RESOLUTION_NS
CAPTURE_UNCERTAINTY_NS = 500_000
"""The maximum time from delivering a frame to the change of the socket's state."""
SYN_ACK_PROMPT_NS = 5_000_000
"""A SYN that made a request socket is answered within this time."""
PROMPT_NS = 2_000_000
"""The maximum time in which a machine reacts to a segment."""


class TruthError(RuntimeError):
    """The witnesses contradict one another."""


@dataclass
class Transition:
    """It happened at ``time_ns``, give or take ``uncertainty_ns``."""

    before: str
    after: str
    time_ns: int
    source: str
    uncertainty_ns: int


@dataclass
class Life:
    """The transitions of one socket (with its request and TIME_WAIT sockets) on one machine, in order."""

    host: str
    local: Endpoint
    remote: Endpoint
    transitions: list[Transition] = field(default_factory=list)

    @property
    def born_ns(self) -> int:
        return self.transitions[0].time_ns

    @property
    def state(self) -> str:
        return self.transitions[-1].after

    def state_at(self, time_ns: int) -> str:
        """The state that it had come to by then; ``CLOSED`` before it was born."""
        return next((t.after for t in reversed(self.transitions) if t.time_ns <= time_ns), "CLOSED")

    @property
    def key(self) -> tuple[str, Endpoint, Endpoint]:
        return self.host, self.local, self.remote

    def add(self, after: str, time_ns: int, source: str, uncertainty_ns: int) -> None:
        self.transitions.append(Transition(self.state, after, time_ns, source, uncertainty_ns))


class Traffic:
    """The TCP frames that crossed each machine's port, by machine and direction of flow."""

    def __init__(self, crossings: Iterable[Crossing]) -> None:
        self._by_flow: dict[tuple[str, str, tuple[str, int, str, int]], list[Crossing]] = {}
        self.others: list[Crossing] = []
        for crossing in sorted(crossings, key=lambda each: each.time_ns):
            if crossing.frame.is_tcp:
                self._by_flow.setdefault((crossing.host, crossing.way, crossing.frame.flow), []).append(
                    crossing
                )
            else:
                self.others.append(crossing)

    def delivered(self, life: Life) -> list[Crossing]:
        """Segments from the remote end that the life's machine was handed."""
        return self._by_flow.get((life.host, "in", (*life.remote, *life.local)), [])

    def sent(self, life: Life) -> list[Crossing]:
        return self._by_flow.get((life.host, "out", (*life.local, *life.remote)), [])


def lives_from_trace(events: Iterable[KernelEvent], hosts: dict[str, str]) -> list[Life]:
    """The lives of full sockets. ``hosts`` maps the addresses of this laboratory to its machines."""
    lives: list[Life] = []
    living: dict[tuple[str, Endpoint, Endpoint], Life] = {}
    refused: set[tuple[str, Endpoint, Endpoint]] = set()
    for event in events:
        if event.name != "inet_sock_set_state" or event.source not in hosts or event.destination_port == 0:
            continue
        before, after = (_state(event.fields[name]) for name in ("oldstate", "newstate"))
        local, remote = (event.source, event.source_port), (event.destination, event.destination_port)
        key = (hosts[event.source], local, remote)
        if before == after:
            continue
        if (before, after) == ("CLOSED", "SYN_SENT") and key in living and living[key].state != "CLOSED":
            refused.add(key)  # connect() from a port whose connection still lives goes no further than this
            continue
        if (before, after) == ("SYN_SENT", "CLOSED") and key in refused:
            refused.remove(key)
            continue
        if before in ("CLOSED", "LISTEN"):
            living[key] = Life(hosts[event.source], local, remote)
            lives.append(living[key])
        elif before == "SYN_RECV" and (key not in living or living[key].state == "CLOSED"):
            # Some kernels tell of a child's birth before it knows its peer: that event has no port and was skipped.
            living[key] = Life(hosts[event.source], local, remote)
            lives.append(living[key])
            birth = Transition("LISTEN", "SYN_RECV", event.time_ns, "tracepoint", TRACE_UNCERTAINTY_NS)
            living[key].transitions.append(birth)
        elif key not in living or living[key].state != before:
            raise TruthError(
                f"{key} goes {before} -> {after}, but was {living[key].state if key in living else 'unborn'}"
            )
        living[key].transitions.append(
            Transition(before, after, event.time_ns, "tracepoint", TRACE_UNCERTAINTY_NS)
        )
    return lives


def _state(name: str) -> str:
    short = name.removeprefix("TCP_")
    return {"CLOSE": "CLOSED", "NEW_SYN_RECV": "SYN_RECV"}.get(short, short)


def add_request_sockets(
    lives: list[Life], sightings: dict[str, list[Sighting]], traffic: Traffic, *, cookies_used: bool
) -> None:
    """Move each child's birth back to its request's, and add the requests that never had a child."""
    sighted: set[int] = set()
    for host, seen in sightings.items():
        for sighting in seen:
            if sighting.entry.state != "SYN_RECV" or _is_full_socket(sighting, host, lives):
                continue
            request = Life(host, sighting.entry.local, sighting.entry.remote)
            time_ns, source, uncertainty_ns = _appeared(sighting, Flag.SYN, traffic.delivered(request))
            request.transitions.append(Transition("LISTEN", "SYN_RECV", time_ns, source, uncertainty_ns))
            child = _child_of(sighting, request, lives)
            if child is not None:
                child.transitions[0] = request.transitions[0]
                sighted.add(id(child))
                continue
            if sighting.after is not None:
                resets = traffic.delivered(request) + traffic.sent(request)
                request.add("CLOSED", *_disappeared(sighting, Flag.RST, resets))
            sighted.add(id(request))
            lives.append(request)
    for life in lives:
        first = life.transitions[0]
        if first.before == "LISTEN" and id(life) not in sighted and not cookies_used:
            birth = _answered_syn(life, traffic)
            if birth is not None and birth < first.time_ns:
                life.transitions[0] = Transition(
                    "LISTEN", "SYN_RECV", birth, "capture", CAPTURE_UNCERTAINTY_NS
                )


def _is_full_socket(sighting: Sighting, host: str, lives: list[Life]) -> bool:
    """A SYN_RECV that the tracepoint shows too: Fast Open, or simultaneous open."""
    for life in lives:
        if life.key == (host, sighting.entry.local, sighting.entry.remote):
            for index, transition in enumerate(life.transitions):
                if transition.after == "SYN_RECV" and transition.time_ns <= sighting.first[1]:
                    later = life.transitions[index + 1 :]
                    if not later or later[0].time_ns >= sighting.last[0] > transition.time_ns:
                        return True
    return False


def _child_of(sighting: Sighting, request: Life, lives: list[Life]) -> Life | None:
    latest = sighting.after[1] if sighting.after else None
    children = [
        life
        for life in lives
        if life.key == request.key
        and life.transitions[0].before == "LISTEN"
        and life.transitions[0].source == "tracepoint"
        and life.born_ns >= sighting.first[0]
        and (latest is None or life.born_ns <= latest)
    ]
    return min(children, key=lambda life: life.born_ns, default=None)


def _appeared(sighting: Sighting, flag: Flag, delivered: list[Crossing]) -> tuple[int, str, int]:
    """When the socket came to be: as the first fitting segment was delivered, or else between two polls."""
    earliest, latest = sighting.before[0], sighting.first[1]
    for crossing in delivered:
        if crossing.frame.flags & flag and earliest - CAPTURE_UNCERTAINTY_NS <= crossing.time_ns <= latest:
            return crossing.time_ns, "capture", CAPTURE_UNCERTAINTY_NS
    return (earliest + latest) // 2, "inet_diag", (latest - earliest + 1) // 2


def _disappeared(sighting: Sighting, flags: Flag, crossings: list[Crossing]) -> tuple[int, str, int]:
    """When the socket ceased to be: as a segment that kills was delivered or sent, or else between two
    polls."""
    assert sighting.after is not None
    earliest, latest = sighting.last[0], sighting.after[1]
    for crossing in crossings:
        if crossing.frame.flags & flags and earliest - CAPTURE_UNCERTAINTY_NS <= crossing.time_ns <= latest:
            return crossing.time_ns, "capture", CAPTURE_UNCERTAINTY_NS
    return (earliest + latest) // 2, "inet_diag", (latest - earliest + 1) // 2


def _answered_syn(life: Life, traffic: Traffic) -> int | None:
    """The first SYN before the child's birth that the machine answered with a SYN-ACK at once."""
    answers = [c.time_ns for c in traffic.sent(life) if syn_ack(c.frame)]
    syns = [c for c in traffic.delivered(life) if syn(c.frame) and c.time_ns <= life.born_ns]
    for candidate in syns:
        prompt = any(0 <= answer - candidate.time_ns <= SYN_ACK_PROMPT_NS for answer in answers)
        if prompt and candidate.frame.seq == syns[-1].frame.seq:
            return candidate.time_ns
    return None


def add_time_wait_sockets(lives: list[Life], sightings: dict[str, list[Sighting]], traffic: Traffic) -> None:
    """Replace the tracepoint's "close" of a socket that lived on as a TIME_WAIT socket by what became of
    it."""
    for host, seen in sightings.items():
        chains: dict[tuple[bytes, Endpoint, Endpoint], list[Sighting]] = {}
        for sighting in seen:
            entry = sighting.entry
            if entry.small and entry.state in ("FIN_WAIT2", "TIME_WAIT"):
                chains.setdefault((entry.cookie, entry.local, entry.remote), []).append(sighting)
        for (_, local, remote), chain in chains.items():
            life = _before_time_wait(lives, (host, local, remote), chain[0])
            _continue_life(life, sorted(chain, key=lambda each: each.first), traffic)
    for life in lives:
        _continue_unseen(life, lives, traffic)


def _before_time_wait(lives: list[Life], key: tuple[str, Endpoint, Endpoint], first: Sighting) -> Life:
    """The full socket that the TIME_WAIT socket came from."""
    candidates = [
        life
        for life in lives
        if life.key == key
        and life.state == "CLOSED"
        and life.transitions[-1].source == "tracepoint"
        and life.transitions[-1].time_ns <= first.first[1]
    ]
    if not candidates:
        raise TruthError(f"{key}: a {first.entry.state} socket without a past")
    return max(candidates, key=lambda life: life.transitions[-1].time_ns)


def _continue_life(life: Life, chain: list[Sighting], traffic: Traffic) -> None:
    closed = life.transitions.pop()
    if closed.before not in ("FIN_WAIT2", "CLOSING"):
        raise TruthError(f"{life.key}: {closed.before} became a {chain[0].entry.state} socket")
    delivered = traffic.delivered(life)
    fins = [c.time_ns for c in delivered if c.frame.flags & Flag.FIN]
    waiting = next((sighting for sighting in chain if sighting.entry.state == "TIME_WAIT"), None)
    if waiting is not None:
        if chain[0].entry.state == "FIN_WAIT2":
            earliest = chain[0].last[0] - CAPTURE_UNCERTAINTY_NS
            life.add("TIME_WAIT", *_by_frame(fins, earliest, waiting))
        elif closed.before == "CLOSING" or any(fin <= closed.time_ns for fin in fins):
            life.add("TIME_WAIT", closed.time_ns, closed.source, closed.uncertainty_ns)
        else:
            life.add("TIME_WAIT", *_by_frame(fins, closed.time_ns, waiting))
    last = chain[-1]
    if last.after is not None:
        killers = delivered + traffic.sent(life)
        time_ns, source, uncertainty_ns = _disappeared(last, Flag.RST | Flag.SYN, killers)
        fin_ns = None if waiting else _acknowledged_fin(life, traffic, last.last[0], time_ns)
        if fin_ns is not None:
            life.add("TIME_WAIT", fin_ns, "capture", CAPTURE_UNCERTAINTY_NS)
        life.add("CLOSED", max(time_ns, life.transitions[-1].time_ns + 1), source, uncertainty_ns)


def _continue_unseen(life: Life, lives: list[Life], traffic: Traffic) -> None:
    """A TIME_WAIT socket that lived for less than a poll: a reset, or the next connection, came at once."""
    closed = life.transitions[-1]
    if closed.source != "tracepoint" or (closed.before, closed.after) != ("FIN_WAIT2", "CLOSED"):
        return
    if _acknowledged_fin(life, traffic, closed.time_ns - PROMPT_NS, closed.time_ns) is None:
        return
    ends = [c.time_ns for c in traffic.delivered(life) if c.frame.flags & Flag.RST]
    ends += [other.born_ns for other in lives if other.key == life.key]
    ended_ns = min((time_ns for time_ns in ends if time_ns > closed.time_ns), default=None)
    life.transitions.pop()
    life.add("TIME_WAIT", closed.time_ns, closed.source, closed.uncertainty_ns)
    if ended_ns is not None:
        life.add("CLOSED", ended_ns, "capture", CAPTURE_UNCERTAINTY_NS)


def _acknowledged_fin(life: Life, traffic: Traffic, earliest: int, latest: int) -> int | None:
    """When a FIN was delivered that the machine acknowledged at once.

    Who has nothing left answers it with a reset: the acknowledgement is a TIME_WAIT socket's.
    """
    acks = [c for c in traffic.sent(life) if bare_ack(c.frame)]
    for crossing in traffic.delivered(life):
        if not crossing.frame.flags & Flag.FIN or not earliest <= crossing.time_ns <= latest:
            continue
        after_fin = crossing.frame.next_seq
        if any(c.frame.ack == after_fin and 0 <= c.time_ns - crossing.time_ns <= PROMPT_NS for c in acks):
            return crossing.time_ns
    return None


def _by_frame(times: list[int], earliest: int, seen: Sighting) -> tuple[int, str, int]:
    for time_ns in times:
        if earliest <= time_ns <= seen.first[1]:
            return time_ns, "capture", CAPTURE_UNCERTAINTY_NS
    earliest = max(earliest, seen.before[0])
    return (earliest + seen.first[1]) // 2, "inet_diag", (seen.first[1] - earliest + 1) // 2
