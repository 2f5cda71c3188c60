"""Clients behind a device that translates addresses and lost its table: their connections go on from other ports."""

from typing import NamedTuple

from wirestat.diagnosis.advice import advise, capture_at, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.rivals import cause, still_open
from wirestat.diagnosis.rules.resets.reasons import may_be_injected
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
_MARGIN = 10
"""Silences that differ by one part in so many are of one length."""
_SHOWN = 4
"""So many are shown; the others are counted."""


def goes_on_from_other_ports(case: Case, end: End) -> Verdict | None:
    """Judge a reset of what began without a SYN as others of the same client, still open, fell silent for good."""
    if end is not case.server or not case.has(Fact.MID_STREAM):
        return None
    own = case.connection
    mates = case.of_both(_Mates.of)
    new = [one for one in mates.unknown if abs(one.first_time_ns - own.first_time_ns) <= _AT_ONCE]
    began = new[0].first_time_ns if new else own.first_time_ns
    before = [one for one in mates.open if one.first_time_ns < began]
    silent = [one for one in before if one.last_time_ns < began]
    spoke = [one.last_time_ns for one in silent if began <= one.last_time_ns + _AT_ONCE]
    if not _SEVERAL <= len(new) <= len(silent) or len(silent) < len(before) or len(spoke) < _SEVERAL:
        return _idle_ones(case, end, new, mates)  # where some go on as they were, the table was not lost
    stopped = min(spoke)
    several = f", {len(spoke):,} of them" if len(spoke) < len(silent) else ""
    return _moved(
        case,
        end,
        _Moved(
            "other ports",
            silent,
            f"one of {len(new):,} such; {some(len(silent), 'open connection')} of the same address to this socket "
            f"fell silent{several} within {span(began - stopped)} before. A device that translates "
            "addresses seems to have lost its table and has sent the same connections on from other ports: the "
            "server never knew these.",
            "a gateway whose table was flushed, or that was restarted or failed over",
            "what happened to it at that time.",
            ("  gateway$ conntrack -S; conntrack -E -e DESTROY -p tcp",),
        ),
    )


def _idle_ones(case: Case, end: End, new: list[Connection], mates: "_Mates") -> Verdict | None:
    """Judge the same where those that fell silent had been so for longer than any that went on."""
    began = new[0].first_time_ns if new else 0
    silent = [one for one in mates.open if one.last_time_ns < began]
    on = [one for one in mates.well if one.first_time_ns < began <= one.last_time_ns]
    gap = min((began - one.last_time_ns for one in silent), default=0)
    lived = max((one.client.longest_think_ns for one in on), default=0)
    if not _SEVERAL <= len(new) <= len(silent) or not on or gap < SECOND or lived >= gap - gap // _MARGIN:
        return None
    return _moved(
        case,
        end,
        _Moved(
            "other ports after a silence",
            silent,
            f"one of {len(new):,} such; {some(len(silent), 'open connection')} of the same address to this socket "
            f"had been silent for {span(gap)} or more, and stay so, and those that go on were silent for "
            f"{span(lived)} at most. A device that translates addresses seems to forget what "
            "is idle (D08), and sends it on from other ports: the server never knew these, and keeps the old ones.",
            "a gateway whose idle time-out lies between these silences",
            "after which silence it forgets; let the ends speak more often (keepalive).",
            (
                "  gateway$ sysctl net.netfilter.nf_conntrack_tcp_timeout_established",
                sysctl(case.client, "net.ipv4.tcp_keepalive_time"),
            ),
        ),
    )


class _Moved(NamedTuple):
    """Connections that a device seems to have sent on from other ports."""

    kind: str
    silent: list[Connection]
    """Those that fell silent."""
    told: str
    """How many they are, since when, and what the device did."""
    gateway: str
    """The device that does so."""
    step: str
    """The question about it, beside that which device it is."""
    commands: tuple[str, ...]


def _moved(case: Case, end: End, moved: _Moved) -> Verdict:
    return Verdict(
        kind=moved.kind,
        severity=Severity.WARNING,
        grounds=(being(case.client, case.client.state), showing(end, Fact.RST_NO_SOCKET)),
        doubts=("one capture does not tell that they are the same connections",),
        weak=True,
        fault=Fault.PATH,
        frames=case.evidence(*(one.last_frame for one in moved.silent[:_SHOWN]), end.frame(Fact.RST_SENT)),
        explanation=f"{case.client} sent to {end} without a SYN and was answered by a reset, {moved.told}",
        rivals=(
            cause(moved.gateway),
            still_open(f"{end} lost other connections of this client"),
            may_be_injected(end),
        ),
        advice=advise(
            f"See what translates addresses to {case.client.address}, and {moved.step}",
            *moved.commands,
            capture_at(case.client),
        ),
    )


class _Mates(NamedTuple):
    """The connections of one client to the socket."""

    unknown: list[Connection]
    """Those that began without a SYN, and of which their server knew nothing, in the order in which they began."""
    open: list[Connection]
    well: list[Connection]
    """Those that began with a SYN, and that nobody reset."""

    @classmethod
    def of(cls, connections: list[Connection]) -> "_Mates":
        """Study them."""
        return cls(
            sorted(
                (
                    one
                    for one in connections
                    if is_shown(one, Fact.MID_STREAM) and is_shown(one, Fact.RST_NO_SOCKET)
                ),
                key=lambda one: one.first_time_ns,
            ),
            [one for one in connections if one.client.state is one.server.state is State.ESTABLISHED],
            [
                one
                for one in connections
                if not is_shown(one, Fact.MID_STREAM) and not is_shown(one, Fact.RST_SENT)
            ],
        )
