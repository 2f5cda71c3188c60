"""Servers that take equally long for one answer on each connection, and no time for the others."""

from collections.abc import Iterable, Iterator

from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import place_of_examples
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import percent
from wirestat.model import Connection, Fault
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket

_CONNECTIONS = 8
"""Of fewer, waits that are equal are chance."""
_LEAST, _MOST = 500 * MILLISECOND, 10 * SECOND
"""Less keeps nobody waiting; whoever waits longer may be asked to."""
_EQUAL = 20
"""Waits differ by no more than one part in so many."""
_BULK = 5
"""They make up all but one part in so many of what clients waited."""
_UNFIT = {Fact.MID_STREAM, Fact.ONE_WAY, Fact.RESET_LOOP, Fact.DATA_RESENT_UNANSWERED, Fact.FIN_AFTER_IDLE}


def equal_waits(analysis: Analysis, sockets: Iterable[list[Connection]], told: set[int]) -> Iterator[Overall]:
    """Tell of those sockets that let each client wait once, and all equally long.

    Those of whose connections any is among the ids ``told`` are told of already.
    """
    for connections in sockets:
        served = [one for one in connections if _is_served(one)]
        is_told = any(one.id in told for one in connections)
        if is_told or len(served) < max(_CONNECTIONS, len(connections) // 2):
            continue
        waits = [one.server.longest_think_ns for one in served]
        least, most = min(waits), max(waits)
        whole = sum(one.server.think_ns + one.network_ns for one in served)
        is_bulk = sum(waits) * _BULK >= whole * (_BULK - 1)
        if least >= _LEAST and most <= _MOST and most - least <= least // _EQUAL and is_bulk:
            yield _waits_once(analysis, served, whole)


def _is_served(one: Connection) -> bool:
    """Say whether its client asked several times and was answered: with a greeting there is one answer more."""
    asked, answers = one.client.turns, one.server.turns
    is_fit = not any(seen.fact in _UNFIT for seen in one.facts)
    return is_fit and 1 < asked <= answers <= asked + 1 and not one.server.unseen_bytes


def _waits_once(analysis: Analysis, served: list[Connection], whole: int) -> Overall:
    server, ids = served[0].server, [one.id for one in served]
    waits = [one.server.longest_think_ns for one in served]
    name = socket(server.address, server.port)
    others = sum(one.server.turns for one in served) - len(served)
    return Overall(
        doubts=("a server that is asked to wait does the same",),
        fault=Fault.SERVER,
        explanation=f"{name} took {span(sum(waits) // len(waits))} for one answer on each of {len(served):,} "
        f"connections, all as long but for {span(max(waits) - min(waits))}: {percent(sum(waits), whole)} of what its "
        f"clients waited. For its {others:,} other answers it took {span((whole - sum(waits)) // max(others, 1))} on "
        "the average.",
        rivals=(
            cause("a wait of fixed length: a pause that is set, a time-out of what the server asks in turn"),
            unlikely("a slow network", "one answer of each connection is late, and no other"),
            still_open("a long poll"),
        ),
        advice=advise(
            f"Look for what takes {span(min(waits))} in the server's settings and log, and at what it asks in turn.",
            at(
                server.address,
                analysis.timers.name,
                f"ss -tnpi state established '( sport = :{server.port} )'",
            ),
        ),
        **of_connections(served, by_port=False),
        place=place_of_examples(analysis, ids, are_all=True),
    )
