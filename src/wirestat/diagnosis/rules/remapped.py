"""Clients behind a device that translates addresses and lost its table: their connections go on from other ports."""

from typing import NamedTuple

from wirestat.diagnosis.advice import advise, capture_at
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.rivals import cause, still_open
from wirestat.diagnosis.rules.reasons import may_be_injected
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 2
"""One connection that stops as another begins is chance."""
_AT_ONCE = 5 * SECOND
"""Connections that speak each few seconds show the loss within so long."""
_SHOWN = 4
"""So many are shown; the others are counted."""


def goes_on_from_other_ports(case: Case, end: End) -> Verdict | None:
    """Judge a reset of what began without a SYN as others of the same client, still open, fell silent for good."""
    if end is not case.server or not case.has(Fact.MID_STREAM):
        return None
    own = case.connection
    mates = case.of_both(_Mates.of)
    new = [one for one in mates.unknown if abs(one.first_time_ns - own.first_time_ns) <= _AT_ONCE]
    began = min((one.first_time_ns for one in new), default=own.first_time_ns)
    before = [one for one in mates.open if one.first_time_ns < began]
    silent = [one for one in before if one.last_time_ns < began <= one.last_time_ns + _AT_ONCE]
    if not _SEVERAL <= len(new) <= len(silent) or len(silent) < len(before):
        return None  # where some go on as they were, the table was not lost
    stopped = min(one.last_time_ns for one in silent)
    return Verdict(
        kind="other ports",
        severity=Severity.WARNING,
        grounds=(being(case.client, case.client.state), showing(end, Fact.RST_NO_SOCKET)),
        doubts=("one capture does not tell that they are the same connections",),
        weak=True,
        fault=Fault.PATH,
        frames=case.evidence(*(one.last_frame for one in silent[:_SHOWN]), end.frame(Fact.RST_SENT)),
        explanation=f"{case.client} sent to {end} without a SYN and was answered by a reset, one of "
        f"{len(new):,} such; {some(len(silent), 'open connection')} of the same address to this socket fell silent "
        f"within {span(began - stopped)} before. A device that translates addresses seems to have lost its table and "
        "has sent the same connections on from other ports: the server never knew these.",
        rivals=(
            cause("a gateway whose table was flushed, or that was restarted or failed over"),
            still_open(f"{end} lost other connections of this client"),
            may_be_injected(end),
        ),
        advice=advise(
            f"See what translates addresses to {case.client.address}, and what happened to it at that time.",
            "  gateway$ conntrack -S; conntrack -E -e DESTROY -p tcp",
            capture_at(case.client),
        ),
    )


class _Mates(NamedTuple):
    """The connections of one client to the socket."""

    unknown: list[Connection]
    """Those that began without a SYN, and of which their server knew nothing."""
    open: list[Connection]

    @classmethod
    def of(cls, connections: list[Connection]) -> "_Mates":
        """Study them."""
        return cls(
            [
                one
                for one in connections
                if is_shown(one, Fact.MID_STREAM) and is_shown(one, Fact.RST_NO_SOCKET)
            ],
            [one for one in connections if one.client.state is one.server.state is State.ESTABLISHED],
        )
