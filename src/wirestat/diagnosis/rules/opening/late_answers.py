"""Connects that took long though nothing was sent twice: the answer was late, and not lost."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.registry import also_of_captures
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.rules.path.loaded import under_load
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.summary import Spread
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_LATE = 500 * MILLISECOND
"""An answer that comes sooner keeps nobody waiting."""
_TIMES = 10
"""So many times as long as usual is late."""
_SEVERAL = 3
"""One or two late answers are an accident."""
_UNFIT = {Fact.MID_STREAM, Fact.ONE_WAY, Fact.FRAMES_MISSING}


@also_of_captures("D34")
def answered_late(analysis: Analysis) -> Iterator[Overall]:
    """Tell of sockets that answer some SYNs far later than the others, where none of them was lost."""
    if not is_few(analysis):
        return
    uneven = {
        (one.address, one.port): spread
        for one in analysis.summary.listeners
        if (spread := one.syn_to_syn_ack) and spread.most_ns >= _bar(spread)
    }
    if not uneven:
        return
    behind = under_load(analysis)
    late: defaultdict[tuple[str, int], list[tuple[int, Connection]]] = defaultdict(list)
    total: defaultdict[tuple[str, int], int] = defaultdict(int)
    for one in analysis.connections():
        at_socket = one.server.address, one.server.port
        if at_socket in uneven:
            total[at_socket] += 1
            took = one.syn_to_syn_ack_ns or 0
            if took >= _bar(uneven[at_socket]) and _was_sent_once(one) and one.id not in behind:
                late[at_socket].append((took, one))
    for at_socket, found in late.items():
        if len(found) >= _SEVERAL:
            usual = uneven[at_socket].usual_ns
            of = f"{len(found)} of {some(total[at_socket], 'connection')} to {socket(*at_socket)}"
            yield _late(
                analysis,
                found,
                f"{of} had to wait {_how_long(found)} for the SYN-ACK, which usually comes within {span(usual)}",
            )


def _bar(spread: Spread) -> int:
    """Return what is late for a socket, in ns."""
    return max(_LATE, _TIMES * spread.usual_ns)


def _was_sent_once(one: Connection) -> bool:
    """Say whether neither SYN nor SYN-ACK came again, in a capture that holds all of the opening."""
    return not (one.syn_copies or one.syn_ack_copies or any(seen.fact in _UNFIT for seen in one.facts))


def _how_long(found: list[tuple[int, Connection]]) -> str:
    least, most = min(took for took, _ in found), max(took for took, _ in found)
    return span(least) if (most - least) * _TIMES < least else f"{span(least)} to {span(most)}"


def _late(analysis: Analysis, found: list[tuple[int, Connection]], what: str) -> Overall:
    members = [one for _, one in found]
    server, ids = members[0].server, tuple(one.id for one in members)
    return Overall(
        severity=Severity.NOTE,
        doubts=("one capture does not tell whether the server or the way to it was late",),
        fault=Fault.UNDECIDED,
        explanation=f"{what}. Nothing was sent twice: the answer was late, and not lost.",
        rivals=(
            ruled_out("a SYN that was lost or dropped", "the only SYN was answered"),
            cause(
                "a host that was busy: its softirqs, or a virtual machine that had to wait for its processor"
            ),
            cause("a queue on the way that was full (bufferbloat), or a link that slept"),
            cause("an address that had to be resolved first (ARP, neighbour discovery)"),
        ),
        advice=advise(
            "Capture at the server: if the SYN-ACK leaves as late there, its host is busy; if not, the way is slow.",
            at(server.address, analysis.timers.name, "mpstat -P ALL 1 10"),
        ),
        **of_connections(members),
        absorbs=frozenset(ids),
    )
