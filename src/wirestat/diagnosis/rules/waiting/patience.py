"""Servers that let a request wait for as long as they may, say so, and close."""

from collections.abc import Iterable, Iterator

from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.shown import closed_first
from wirestat.diagnosis.together import of_connections
from wirestat.diagnosis.verdict import Overall
from wirestat.model import Connection, Fault, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import socket, some

_LONG = 10 * SECOND
"""Who waits less was served late, and not sent away."""
_SEVERAL = 3
_EQUAL = 50
"""Waits that are equal but for one part in so many were ended by a time-out."""


def waits_in_vain(analysis: Analysis, sockets: Iterable[list[Connection]]) -> Iterator[Overall]:
    """Tell of those sockets, by their connections, that close after one long wait, with what can only be an error."""
    for connections in sockets:
        served = [one for one in connections if one.client.turns and one.server.turns]
        ended = sorted(filter(_was_sent_away, served), key=lambda one: one.server.longest_think_ns)
        if len(ended) < _SEVERAL:
            continue
        shortest, longest = (ended[place].server.longest_think_ns for place in (0, -1))
        if longest - shortest <= shortest // _EQUAL:
            yield _in_vain(analysis, ended, len(served) - len(ended))


def _was_sent_away(one: Connection) -> bool:
    """Say whether the server closed when it had let its client wait for an answer: no pause lies between."""
    if one.server.longest_think_ns < _LONG or one.server.turns > one.client.turns or one.server.unseen_bytes:
        return False
    unfit = any(
        seen.fact in (Fact.FIN_AFTER_IDLE, Fact.MID_STREAM, Fact.ONE_WAY, Fact.RST_SENT) for seen in one.facts
    )
    return not unfit and closed_first(one, Side.SERVER)


def _in_vain(analysis: Analysis, ended: list[Connection], others: int) -> Overall:
    server = ended[0].server
    name, waited = socket(server.address, server.port), ended[0].server.longest_think_ns
    beside = f"; {some(others, 'other connection')} to it did not have to wait so" if others else ""
    return Overall(
        doubts=("a long poll that ends with its connection does the same",),
        weak=not others,
        fault=Fault.SERVER,
        explanation=f"{name} let {some(len(ended), 'client')} wait {span(waited)} for an answer, all as long, and "
        f"closed with it{beside}: it gives up by a time-out of its own what it waits for.",
        rivals=(
            cause(
                "a pool of something behind it that is exhausted (query_wait_timeout of PgBouncer and the like)"
            ),
            cause("a server behind it that does not answer (a gateway's 504)"),
            ruled_out("an idle time-out (D30)", "a request was open"),
            still_open("a long poll with nothing to tell"),
        ),
        advice=advise(
            f"Read the answer, or the server's log of that time; look for a limit of {span(waited)} in its settings.",
            at(server.address, analysis.timers.name, f"ss -tnp '( sport = :{server.port} )'"),
        ),
        **of_connections(ended),
    )
