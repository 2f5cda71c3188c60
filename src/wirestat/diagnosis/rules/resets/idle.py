"""Idle connections that end by a reset of the server's own, or in its name, where others send a FIN."""

from bisect import bisect_left
from itertools import pairwise
from typing import NamedTuple

from wirestat.diagnosis.advice import advise, nstat
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.resets.before import ended_silence
from wirestat.diagnosis.shown import figure, sighting
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 3
"""Fewer resets after equal silences are chance, and so are those in the name of fewer servers."""
_SHORT = SECOND
"""Shorter silences are pauses."""
_EQUAL = 20
"""Silences that differ by less than one part in so many are equal."""
_OWN = "a server's own idle time-out, which ends by a reset (HTTP.sys, SO_LINGER 0)"


def idle_reset(case: Case) -> Verdict | None:
    """Judge a server whose own resets end connections after one and the same silence, or one of several servers in
    whose names such resets come to one client."""
    gap = _reset_after(case)
    if gap is None:
        return None
    silences = case.of_socket(_Silences.of)
    alike = _alike(silences.gaps, gap)
    if len(alike) >= _SEVERAL and (case.server.has(Fact.IDLE_GAP) or silences.are_apart):
        return _of_one_server(case, gap, len(alike))
    if not case.server.has(Fact.IDLE_GAP):
        return None
    servers = {silence.address for silence in _alike(case.of_client(_gaps), gap)}
    return _of_many_servers(case, gap) if len(servers) >= _SEVERAL else None


class _Silence(NamedTuple):
    """A silence that a reset of the server ended."""

    length_ns: int
    address: str
    until_ns: int


class _Silences(NamedTuple):
    """The silences that resets of one socket ended."""

    gaps: list[_Silence]
    are_apart: bool
    """Whether these resets came at different times: at one instant a program may have ended."""

    @classmethod
    def of(cls, connections: list[Connection]) -> "_Silences":
        """Draw them."""
        gaps = _gaps(connections)
        instants = sorted(silence.until_ns for silence in gaps)
        apart = sum(later - before >= SECOND for before, later in pairwise(instants))
        return cls(gaps, apart >= _SEVERAL - 1)


def _of_one_server(case: Case, gap: int, alike: int) -> Verdict:
    server = case.server
    return Verdict(
        severity=None if server.has(Fact.IDLE_GAP) else Severity.NOTE,
        grounds=(showing(server, Fact.IDLE_GAP, Fact.RST_ABORTS),),
        measure=gap,
        kind="by a reset",
        weak=True,
        doubts=("a device on the way that resets in the server's name may use the server's TTL",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(server.frame(Fact.RST_SENT)),
        explanation=f"{server} reset the connection after a silence of {span(gap)}, as on "
        f"{some(alike - 1, 'other connection')} to this socket; the reset has the TTL of its other segments "
        f"({server.record.ttl}).",
        rivals=(
            cause(_OWN),
            still_open("an idle time-out on the way (D08)", "compare a capture at the server"),
            ruled_out("a request that was lost", "nobody had asked"),
        ),
        advice=advise(
            "Have the client drop idle connections sooner than that; see the idle time-out of what listens on port "
            f"{server.port}.",
            nstat(server, "TcpEstabResets", "TcpOutRsts", "TcpExtTCPAbortOnLinger"),
        ),
    )


def _of_many_servers(case: Case, gap: int) -> Verdict:
    server = case.server
    return Verdict(
        severity=Severity.NOTE,
        grounds=(showing(server, Fact.IDLE_GAP, Fact.RST_ABORTS),),
        measure=gap,
        kind="by a reset, of many servers",
        weak=True,
        doubts=(
            "servers of one make may have the same time-out, and so has a device that all of them are behind",
        ),
        fault=Fault.UNDECIDED,
        frames=case.evidence(server.frame(Fact.RST_SENT)),
        explanation=f"A reset in the name of {server} ended a silence of {span(gap)}, as resets of several servers "
        f"ended other connections of {case.client.address} after about as long.",
        rivals=(
            still_open("an idle time-out of a NAT, a firewall or a proxy near the client (D08)")
            if not (lived := _lived(case, gap))
            else unlikely("an idle time-out of a device near the client (D08)", lived),
            still_open(_OWN),
            ruled_out("a request that was lost", "nobody had asked"),
        ),
        advice=advise(
            f"Have the client drop idle connections sooner than after {span(gap)}, or probe them (keepalive). To "
            "tell who resets, capture beyond the gateway: what does not come in there, the gateway made.",
            f"  gateway$ tcpdump -ni WAN 'tcp[tcpflags] & tcp-rst != 0 and host {server.address}'",
            "  gateway$ sysctl net.netfilter.nf_conntrack_tcp_timeout_established",
        ),
    )


def _lived(case: Case, gap: int) -> str:
    """Say what longer silence another connection of the client lived through; nothing where none did."""
    longest = case.of_client(_longest_survived)
    return f"another connection of it lived through {span(longest)}" if longest > gap + gap // _EQUAL else ""


def _reset_after(case: Case) -> int | None:
    """Return the silence that the server's reset broke, in ns: its own by TTL and count, and nobody had asked."""
    client, server = case.client, case.server
    if not server.has(Fact.RST_ABORTS) or case.has(Fact.ONE_WAY):
        return None
    if server.has(Fact.FIN_SENT, Fact.RST_TTL_DIFFERS, Fact.RST_LOOKS_FOREIGN, Fact.KEEPALIVE_SENT):
        return None
    if client.has(Fact.RST_SENT, Fact.FIN_SENT, Fact.DATA_RESENT) or client.record.unacknowledged_bytes:
        return None
    if client.record.turns > server.record.turns:
        return None  # it had asked and got no answer
    if server.has(Fact.IDLE_GAP):
        return ended_silence(server)
    short = None if case.displaced_after_ns is not None else _short(case.connection)
    return short.length_ns if short else None


def _longest_survived(connections: list[Connection]) -> int:
    """Return the longest silence that any of the connections lived through, in ns."""
    survived = (figure(one, Fact.SURVIVED_GAP) or 0 for one in connections)
    return max(survived, default=0)


def _alike(gaps: list[_Silence], gap: int) -> list[_Silence]:
    """Return those of some silences, which are in order, that are as long as one."""
    margin = gap // _EQUAL
    return gaps[bisect_left(gaps, (gap - margin, "", 0)) : bisect_left(gaps, (gap + margin + 1, "", 0))]


def _short(one: Connection) -> _Silence | None:
    """Return the silence before the server's reset where it is too short to be told of: both had spoken before."""
    reset, heard = sighting(one, Fact.RST_ABORTS, Side.SERVER), one.client.last_time_ns
    greets = one.server.turns - one.client.turns
    if reset is None or heard is None or not one.server.turns or greets not in (0, 1):
        return None
    length = reset.time_ns - heard
    return _Silence(length, one.server.address, reset.time_ns) if length >= _SHORT else None


def _gaps(connections: list[Connection]) -> list[_Silence]:
    """Return after what silences a reset of the server ended connections, in order, in ns, and its address."""
    gaps = []
    for one in connections:
        facts = {seen.fact: seen for seen in one.facts if seen.endpoint is Side.SERVER}
        gap, reset = facts.get(Fact.IDLE_GAP), facts.get(Fact.RST_SENT)
        if gap is not None and reset is not None and gap.frame == reset.frame and gap.figure:
            gaps.append(_Silence(gap.figure, one.server.address, reset.time_ns))
        elif gap is None and (short := _short(one)):
            gaps.append(short)
    return sorted(gaps)
