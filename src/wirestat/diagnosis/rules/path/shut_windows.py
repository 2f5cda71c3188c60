"""Windows of zero that are told of, and beside which little else is captured: how far they hold anybody up."""

from wirestat.diagnosis.advice import advise, on, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Endpoint, Severity, State
from wirestat.spans import span
from wirestat.vocabulary import Fact

_SEVERAL = 3
"""So many windows of one host that are shut together are no chance."""
_HARDLY = 6
"""Segments; who is heard more often on a connection shows there whether it is held up."""


def takes_nothing(end: End, least_ns: int) -> bool:
    """Say whether an end told of a window of zero for so long, and had not taken what the other sent meanwhile."""
    shut, told, other = end.fact(Fact.ZERO_WINDOW), end.record.last_time_ns, end.other
    asked = other.record.last_time_ns
    if shut is None or told is None or asked is None:
        return False
    if told - shut.time_ns < least_ns or not shut.time_ns < asked < told:
        return False
    closed = other.fact(Fact.FIN_SENT)
    waits_to_close = closed is not None and closed.moment > shut.moment and other.state is State.FIN_WAIT1
    return other.record.unacknowledged_bytes > 0 or waits_to_close


def holds_nobody_up(end: End) -> bool:
    """Say whether the other end has sent no data at all, and nothing since a window of zero was told of."""
    shut, spoke = end.fact(Fact.ZERO_WINDOW), end.other.record.last_time_ns
    if shut is None or end.other.has(Fact.SENT_DATA):
        return False
    return spoke is None or spoke <= shut.time_ns


def told_of_none(case: Case, end: End) -> Verdict:
    """Judge a window of zero which nobody is seen to wait for."""
    held = end.figure(Fact.ZERO_WINDOW_HELD) or 0
    return Verdict(
        severity=Severity.NOTE,
        kind="nobody waits",
        grounds=(showing(end, Fact.ZERO_WINDOW, Fact.ZERO_WINDOW_HELD),),
        weak=True,
        doubts=("whether there was anything to send does not show",),
        fault=end.fault,
        frames=case.evidence(end.frame(Fact.ZERO_WINDOW), end.frame(Fact.ZERO_WINDOW_HELD)),
        explanation=f"{end} told of a receive window of zero, and of no room in the {span(held)} after that; "
        f"{end.other} sent nothing in that time, no probe either: that it had to wait is not shown.",
        rivals=(
            cause("an application that does not read"),
            still_open("a sender that had nothing more to say", "it did not ask whether there is room"),
            still_open("probes, or the word of more room, that the capture lacks"),
        ),
        advice=advise("See what the receiving application does instead of reading.", ss_this(end)),
    )


def among_many(case: Case) -> Verdict | None:
    """Judge a window of zero of which little else is captured, as several of its host are shut at one time."""
    end = next((end for end in case.ends if end.has(Fact.ZERO_WINDOW) and _is_shut(end.record)), None)
    if end is None or case.connection.frames > _HARDLY or end.state is State.CLOSED:
        return None
    count = case.of_client(_count_clients) if end is case.client else case.of_socket(_count_servers)
    if count < _SEVERAL:
        return None
    return Verdict(
        severity=Severity.NOTE,
        kind="many",
        grounds=(showing(end, Fact.ZERO_WINDOW),),
        weak=True,
        doubts=("for how long it has been so does not show",),
        fault=end.fault,
        is_of_client=end is case.client,
        frames=case.evidence(end.frame(Fact.ZERO_WINDOW)),
        explanation=f"{end} has a receive window of zero, here and on {count - 1:,} other connections, of which "
        "hardly anything else was captured: the program that reads there stands still, or cannot keep up.",
        rivals=(
            cause(
                "one program that serves all of them and does not read: stopped, blocked, or waiting for another"
            ),
            cause("memory for sockets at its limit (tcp_mem)"),
        ),
        advice=advise(
            "See what that program does, and how full its sockets are (Recv-Q).",
            on(end, "ss -tnmp state established"),
            on(end, "cat /proc/net/sockstat"),
        ),
    )


def _is_shut(end: Endpoint) -> bool:
    return end.window == 0 and end.state is not State.CLOSED


def _count_clients(connections: list[Connection]) -> int:
    return sum(_is_shut(one.client) and one.frames <= _HARDLY for one in connections)


def _count_servers(connections: list[Connection]) -> int:
    return sum(_is_shut(one.server) and one.frames <= _HARDLY for one in connections)
