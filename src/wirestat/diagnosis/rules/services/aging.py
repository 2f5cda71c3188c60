"""Connections that are ended for their age."""

from bisect import bisect_left, bisect_right

from wirestat.diagnosis.advice import advise, capture_at, on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_SHARE = 3
_SPREAD = 50
"""Ages that are equal but for one part in so many are the same, by a wide measure."""
_FEW_WORDS = 2
"""Turns at speaking: a greeting and one message."""
_SMALL = 4096
"""Bytes: who sends more is busy, whatever it waits for."""


@rule(
    "D39",
    "Reset at a certain age",
    Severity.WARNING,
    rests_on={Basis.OPENING, Basis.TIMES, Basis.SILENCE},
    replaces={"D07", "D08", "D16", "D27", "D30"},
)
def reset_at_a_certain_age(case: Case) -> Verdict | None:
    """Several connections to one socket were reset at the same age, whatever they were doing.

    What it means: something limits how long a connection may live: a firewall's session limit, a proxy's maximum
    duration of a stream, a load balancer that is told to drain, a credential that expires. It is no idle time-out:
    the connections may have been busy. A device that forgets them at that age answers what comes next by a reset.

    Why it matters: long transfers and streams break in the middle, at the same time after their beginning each time.

    Rivals: an idle time-out (D08), which depends on the last silence and not on the age. A restart (D07), which
    strikes all connections at one instant and so at different ages.

    What to do: look for that number among the limits of the devices on the way and of the server, and have clients
    begin anew before it.

    See it: ``wirestat pcaps/field/maximum-age-of-twelve-hours/capture.pcap``: a limit of twelve hours.

    RFC 9293: 3.10.5 (ABORT); it knows no age.
    """
    by_fact = ((end, fact) for fact in (Fact.RST_ABORTS, Fact.RST_NO_SOCKET) for end in case.ends)
    end = next((end for end, fact in by_fact if end.has(fact)), None)
    limit = case.age_limit if end else None
    if end is None or limit is None or _was_outlived(case, limit.age_ns):
        return None
    if end.has(Fact.KEEPALIVE_UNANSWERED):
        return None  # it gave up by its probes: the age is theirs
    # A limit is set in whole seconds, and the tap sees them a little longer or shorter.
    age = span((limit.age_ns + SECOND // 2) // SECOND * SECOND)
    foreign = end.has(Fact.RST_TTL_DIFFERS, Fact.RST_LOOKS_FOREIGN)
    own = end.fault if end.has(Fact.RST_ABORTS) else Fault.UNDECIDED
    mute = _says_little(end) and _says_little(end.other)
    waited = (
        f"{end.other} said little at the beginning, and then did no more than acknowledge" if mute else ""
    )
    return Verdict(
        grounds=(
            showing(end, Fact.RST_SENT, Fact.RST_ABORTS, Fact.RST_NO_SOCKET),
            showing(None, Fact.REUSED_TUPLE),
        ),
        weak=mute,
        doubts=(
            "a time-out for what the other end did not say would look the same"
            if mute
            else "one capture does not tell whose limit it is",
        ),
        fault=Fault.PATH if foreign else own,
        frames=case.evidence(case.connection.first_frame, end.frame(Fact.RST_SENT)),
        explanation=f"{end} reset the connection at an age of {age}, as {limit.resets} of its "
        "connections were: a maximum age"
        + (f", or a limit to a silence: {waited} (a missing heartbeat)." if mute else "."),
        rivals=(
            *((cause("a heartbeat that the other end's application did not send", waited),) if mute else ()),
            unlikely("chance", "the ages are the same"),
            ruled_out("a restart (D07)", "it would strike connections of all ages"),
            cause("a device on the way that answers in the end's name", "compare the reset's TTL"),
        ),
        advice=advise(
            f"Look for a limit of {age} at the server and on the way, and begin anew before it.",
            on(
                end, "grep -rnsE 'max[-_](connection|stream|age|duration)' /etc/nginx /etc/haproxy /etc/envoy"
            ),
            capture_at(end),
        ),
    )


def _was_outlived(case: Case, age_ns: int) -> bool:
    """Say whether connections of the same client to this socket grew older than that: then it is no limit.

    One that did among many that did not may be an exception; a third as many are none.
    """
    beyond = age_ns + age_ns // _SPREAD
    open_since, closed_at_age = case.of_both(_ages)
    older = (
        bisect_left(open_since, case.now_ns - beyond)
        + len(closed_at_age)
        - bisect_right(closed_at_age, beyond)
    )
    return older > 0 and older * _SHARE >= len(open_since) + len(closed_at_age) - older


def _ages(connections: list[Connection]) -> tuple[list[int], list[int]]:
    """Return since when connections are open, in Unix ns, and at what ages others ended, in ns, each in order."""
    open_since, closed_at_age = [], []
    for one in connections:
        if one.client.state is State.ESTABLISHED and one.server.state is State.ESTABLISHED:
            open_since.append(one.first_time_ns)
        else:
            closed_at_age.append(one.last_time_ns - one.first_time_ns)
    return sorted(open_since), sorted(closed_at_age)


def _says_little(end: End) -> bool:
    """Say whether it spoke at the beginning, and then sent no more than now and then a few bytes of its own."""
    return 0 < end.record.turns <= _FEW_WORDS and end.record.bytes <= _SMALL
