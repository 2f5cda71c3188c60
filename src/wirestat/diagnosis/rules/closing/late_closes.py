"""Answers that end by the close, and whose close comes late: somebody else holds the socket."""

from wirestat.diagnosis.advice import advise, on, ss_this
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, still_open
from wirestat.diagnosis.shown import closed_first, is_shown
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.vocabulary import Fact
from wirestat.words import some


def closed_at_once(connections: list[Connection]) -> int:
    """Count those that the server closed first, and right after the one answer that it gave."""
    return sum(map(_is_closed_at_once, connections))


def _is_closed_at_once(one: Connection) -> bool:
    if one.client.turns != 1 or one.server.turns != 1 or is_shown(one, Fact.FIN_AFTER_IDLE):
        return False
    return closed_first(one, Side.SERVER)


def held_by_another(case: Case, gap: int, alike: int, at_once: int) -> Verdict:
    """Judge a server that closes right after its answer as a rule, and here only after a silence."""
    server, client = case.server, case.client
    return Verdict(
        kind="closed late by the server",
        grounds=(showing(server, Fact.FIN_AFTER_IDLE),),
        measure=gap,
        weak=True,
        doubts=(
            "clients that asked to keep their connection, and servers that let those idle, look the same",
        ),
        fault=server.fault,
        frames=case.evidence(server.frame(Fact.FIN_AFTER_IDLE)),
        explanation=f"{server} closed late, {span(gap)} after its answer, as on "
        f"{some(alike - 1, 'other connection')} to this socket, though it closed {at_once:,} others right after "
        "theirs. A client that takes the close for the end of the answer waited for it that long.",
        rivals=(
            cause(
                "a child process that inherited the descriptor: the FIN leaves when the last copy is closed",
                "then it comes when the child ends",
            ),
            cause("a thread or an object that still holds the socket (no close, but a garbage collector)"),
            still_open("an idle time-out for clients that keep their connections"),
        ),
        advice=advise(
            f"See who holds the socket after the answer, and set close-on-exec on what {server.address} accepts "
            f"(SOCK_CLOEXEC); {client.address} can go by a Content-Length instead.",
            ss_this(server),
            on(server, f"lsof -nP -iTCP:{server.port} -sTCP:ESTABLISHED,CLOSE_WAIT"),
        ),
    )
