"""Devices and hosts that reject what goes to a socket: they reset what is open, and refuse what is new."""

from collections import defaultdict

from wirestat.diagnosis.advice import advise, capture_at, on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.instants import those_near
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 3
"""So many refusals with the TTL of a reset are no accident, nor are so many resets."""
_MEANWHILE = 5 * SECOND
"""Refusals so long before or after a reset are of the same rule; later ones may have another reason."""
_FIRST_TTLS = (32, 64, 128, 255)
"""TTLs that hosts begin with."""


def refused_alike(case: Case, end: End) -> int:
    """Count the connects that were refused with the TTL of this end's reset, at about its time, 0 if hardly any.

    Nothing where the host may do so itself: where a stack gives its resets another TTL, both come from equally far.
    """
    reset, ttl, usual = end.fact(Fact.RST_SENT), end.figure(Fact.RST_SENT), end.record.ttl
    if (
        end is not case.server
        or not end.has(Fact.RST_TTL_DIFFERS)
        or reset is None
        or not ttl
        or usual is None
    ):
        return 0
    if _hops(ttl) == _hops(usual):
        return 0
    count = len(those_near(case.of_socket(_refusals).get(ttl, []), reset.time_ns, _MEANWHILE))
    return count if count >= _SEVERAL else 0


def rejected_at_home(case: Case, end: End) -> Verdict | None:
    """Judge a server's host that answers what goes to its live connections by resets, and refuses what is new.

    It had answered on each of them a moment before: no host restarts so fast, and a process that is killed resets or
    closes by itself, without being asked.
    """
    reset, ttl = end.fact(Fact.RST_NO_SOCKET), end.record.ttl
    if end is not case.server or reset is None or ttl is None or end.has(Fact.RST_TTL_DIFFERS):
        return None
    if end.has(Fact.RST_AFTER_IDLE) or end.other.has(Fact.DATA_RESENT, Fact.KEEPALIVE_SENT):
        return None
    resets = those_near(case.of_socket(_resets), reset.time_ns, _MEANWHILE)
    refusals = len(those_near(case.of_socket(_refusals).get(ttl, []), reset.time_ns, _MEANWHILE))
    if len(resets) < _SEVERAL or refusals < _SEVERAL:
        return None
    return Verdict(
        kind="rejected",
        grounds=(showing(end, Fact.RST_SENT, Fact.RST_NO_SOCKET),),
        doubts=("one capture does not tell a rule from a host that has lost its connections",),
        fault=end.fault,
        frames=case.evidence(reset.frame),
        explanation=f"{end.other} sent to {end} and was answered by a reset, as {some(len(resets) - 1, 'other')} of "
        f"this socket within {span(resets[-1] - resets[0])}, and {some(refusals, 'connect')} were refused at that "
        "time, all with the TTL of the host's other packets: a rule on the host rejects what goes there, or "
        "the host lost all connections at once.",
        rivals=(
            cause(
                "a rule that rejects by resets (REJECT with tcp-reset)", "the host had answered just before"
            ),
            still_open("an address that moved to another host (failover)"),
            unlikely("a host that restarted", "no long silence came before"),
            unlikely("an injected reset (D18)", "its TTL does not differ"),
        ),
        advice=advise(
            "See whether a rule on the host rejects what goes to this port, and since when.",
            on(end, "nft list ruleset | grep -n reject; iptables-save | grep tcp-reset"),
            on(end, "uptime; last -x reboot shutdown | head"),
            capture_at(end),
        ),
    )


def _resets(connections: list[Connection]) -> list[int]:
    """Return when the server first said that it knows of no such connection, of each, in order, in Unix ns."""
    shown = (sighting(one, Fact.RST_NO_SOCKET, Side.SERVER) for one in connections)
    return sorted(seen.time_ns for seen in shown if seen is not None)


def _hops(ttl: int) -> int:
    """Return how many routers a packet has passed, by the TTL that it began with most likely."""
    return next(first for first in _FIRST_TTLS if first >= ttl) - ttl


def _refusals(connections: list[Connection]) -> dict[int, list[int]]:
    """Return when connects were refused, in order, in Unix ns, by the TTL of the refusal."""
    times: defaultdict[int, list[int]] = defaultdict(list)
    for one in connections:
        refused = sighting(one, Fact.REFUSED)
        if refused is not None and refused.figure is not None:
            times[refused.figure].append(refused.time_ns)
    return {ttl: sorted(of_ttl) for ttl, of_ttl in times.items()}
