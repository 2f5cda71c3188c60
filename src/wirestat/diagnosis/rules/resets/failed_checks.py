"""Clients that end what they have with a server because their checks of another port of it failed."""

from bisect import bisect_left, bisect_right

from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.closes import reset_in_vain_ns
from wirestat.model import Connection, Side
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_SEVERAL = 3
"""Balancers call a server down after so many failed checks, or one less."""
_WITHIN = 10 * SECOND
"""They check it oftener than that."""
_NOTICED = 100 * MILLISECOND
"""Few checks have less time for an answer."""


def after_failed_checks(case: Case, end: End) -> str:
    """Say that the client that reset had just given up several unanswered connections to another port of the host."""
    reset = end.fact(Fact.RST_SENT) if end is case.client else None
    if reset is None:
        return ""
    for port, times in case.between_hosts(_given_up).items():
        last = bisect_right(times, reset.time_ns)
        count = last - bisect_left(times, reset.time_ns - _WITHIN)
        if port != case.server.port and count >= _SEVERAL:
            before = span(reset.time_ns - times[last - 1])
            return (
                f" It had given up {count} connections to port {port} of the same host within {span(_WITHIN)}, the "
                f"last {before} before, as its requests there were not answered: checks that failed, it seems, for "
                "which it ends what it has with this server."
            )
    return ""


def _given_up(connections: list[Connection]) -> dict[int, list[int]]:
    """Return when a client reset connections on which it had asked in vain, by the port, in order, in Unix ns."""
    found: dict[int, list[int]] = {}
    for one in connections:
        waited, reset = reset_in_vain_ns(one), sighting(one, Fact.RST_ABORTS, Side.CLIENT)
        if waited is not None and waited >= _NOTICED and reset is not None:
            found.setdefault(one.server.port, []).append(reset.time_ns)
    return {port: sorted(times) for port, times in found.items()}
