"""Floods of segments that belong to no connection: many addresses, one socket, a bare segment each, a reset each."""

from collections import defaultdict
from collections.abc import Iterator

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few, look, look_of
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.rivals import ruled_out, still_open
from wirestat.diagnosis.rules.attacks.scans import is_stray
from wirestat.diagnosis.shown import began_within_ns
from wirestat.diagnosis.together import absorbed
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.words import socket, some

_MANY = 100
"""So many are an attack."""
_SEVERAL = 20
"""Fewer may be left over from connections of before the capture."""
_TRIES = 2
"""Whoever sends more of one connection means it."""
_OF_ONE = 4
"""Forged addresses come no more often than that on the average."""
_EACH_SECOND = 5
"""Idle clients of a server that was restarted come more slowly: each by a timer of its own."""
_INCLUDED = frozenset({"D07", "D27"})
"""The diagnoses that each of them would get on its own."""


def stray_floods(analysis: Analysis) -> Iterator[Overall]:
    """Yield a verdict for each socket that many addresses sent such a segment to, and were not heard of otherwise."""
    strays = [item for item in analysis.summary.signatures if is_stray(item)]
    if not is_few(analysis) or sum(item.count for item in strays) < _SEVERAL:
        return
    looks = frozenset(map(look_of, strays))
    flooded: defaultdict[tuple[str, int], list[Connection]] = defaultdict(list)
    known: set[str] = set()
    for one in analysis.connections():
        if one.client.frames <= _TRIES and not one.client.bytes and look(one) in looks:
            flooded[one.server.address, one.server.port].append(one)
        else:
            known.update((one.client.address, one.server.address))
    for (address, port), samples in flooded.items():
        strangers = [one for one in samples if one.client.address not in known]
        if _is_flood(strangers):
            yield _flood(analysis, strangers, address, port)


def _is_flood(samples: list[Connection]) -> bool:
    sources = len({one.client.address for one in samples})
    return (
        sources >= _SEVERAL
        and len(samples) <= _OF_ONE * sources
        and len(samples) * SECOND >= _EACH_SECOND * began_within_ns(samples)
    )


def _flood(analysis: Analysis, samples: list[Connection], address: str, port: int) -> Overall:
    count, sources = len(samples), len({one.client.address for one in samples})
    few = (f"{count} are not many",) if count < _MANY else ()
    return Overall(
        severity=Severity.WARNING if count >= _MANY else Severity.NOTE,
        weak=True,
        doubts=(
            "clients of a server that forgot all its connections are reset alike, but come again to open new ones",
            *few,
        ),
        fault=Fault.CLIENT,
        explanation=f"{some(count, 'segment')} without data or a SYN came to {socket(address, port)} from "
        f"{sources:,} addresses within {span(began_within_ns(samples))}, of no connection that the capture "
        "knows; each was reset, and its sender did nothing else: a flood (of ACKs, say) with forged sources, as it "
        "seems, which counters of SYNs do not see.",
        rivals=(
            ruled_out("a scan by one address", "they come from many"),
            still_open(
                "a server, or a device before it, that lost its connections as it restarted or failed over"
            ),
        ),
        advice=advise(
            "Have what belongs to no connection dropped before it costs an answer (a stateful filter), and filtered "
            "upstream.",
            at(address, analysis.timers.name, "nstat -az TcpOutRsts TcpEstabResets"),
            at(address, analysis.timers.name, "conntrack -S | grep -E 'invalid=[1-9]'"),
        ),
        display_filter=f"{filters.of_server(address, port)} && tcp.flags.syn==0",
        count=count,
        replaces=_INCLUDED,
        **absorbed(samples),
        place=Place(socket(address, port)),
    )
