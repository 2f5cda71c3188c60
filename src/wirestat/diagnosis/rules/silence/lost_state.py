"""Connections between two hosts that all fall silent at one instant, while those begun later are well."""

from collections.abc import Iterator
from typing import NamedTuple

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.shown import is_shown, sighting
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import instant, times
from wirestat.model import Connection, Endpoint, Fault, Side
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_ASKED = (Fact.DATA_RESENT, Fact.KEEPALIVE_UNANSWERED, Fact.FIN_RESENT)
"""An end said something again, or waits for the answer to a probe."""
_SEVERAL = 3
"""Fewer do not fall silent at one instant but by chance."""
_PAUSE = 3 * SECOND
"""A device forgets nothing that was silent for less."""
_LONG = 2 * SECOND
"""Whoever has been asked again for so long is silent by no chance loss."""


class _Death(NamedTuple):
    """An end that was heard last at one instant, and asked in vain from another on, in Unix ns."""

    id: int
    heard_ns: int
    vain_ns: int
    """When the first copy was sent, or a probe."""
    asker: Side


class Loss(NamedTuple):
    """The instant at which connections between two hosts fell silent."""

    after_ns: int
    """When one of them was last answered, in Unix ns."""
    until_ns: int
    """When the first of them was asked in vain."""
    askers: dict[int, Side]
    """Who asks in vain, by the ids of the connections."""
    later: int
    """How many were begun after that, and are well."""


def lost_with_others(case: Case) -> Verdict | None:
    """Judge one of several connections between two hosts that fell silent at one instant, whatever their ports."""
    if not any(end.has(*_ASKED) for end in case.ends) or case.has(Fact.ONE_WAY):
        return None
    loss = case.between_hosts(_loss)
    if loss is None or case.connection.id not in loss.askers:
        return None
    end = case.client if loss.askers[case.connection.id] is Side.CLIENT else case.server
    silent = end.other
    mute = (end.record.last_time_ns or 0) - (silent.record.last_time_ns or 0)
    return Verdict(
        kind="one instant",
        is_of_host=True,
        grounds=(showing(end, *_ASKED, Fact.DATA_RESENT_UNANSWERED),),
        doubts=("one capture does not tell which device lost them, or whether the way changed",),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(*_ASKED), case.connection.last_frame),
        explanation=f"{end} {_asked(end)}; {silent} has been silent for {span(mute)}. At one instant, after "
        f"{instant(case.analysis, loss.after_ns)} and before {instant(case.analysis, loss.until_ns)}, "
        f"{some(len(loss.askers), 'connection')} between these hosts fell silent, and none that was open then is "
        f"heard again; {some(loss.later, 'connection')} begun later {'are' if loss.later > 1 else 'is'} well. "
        "A device on the way lost its table at that instant, it seems, or the way changed.",
        rivals=(
            cause("a firewall, a NAT or a balancer that lost its table (a reload, a failover, a restart)"),
            cause(
                "a way that changed, to a device or a host that does not know them (a route, an address that moved)"
            ),
            still_open(
                f"{silent.address} was restarted", "then its packet filter drops what it should reset"
            ),
            ruled_out("a dead host, or a way that is down", "it answers what was begun later"),
            ruled_out(
                "an idle time-out on the way (D08)", f"several had spoken less than {span(_PAUSE)} before"
            ),
        ),
        advice=advise(
            f"See what happened on the way at {instant(case.analysis, loss.after_ns)}: rules that were loaded anew, "
            "a failover, a route. Connect anew what was open; a limit to the wait (TCP_USER_TIMEOUT) makes programs "
            "do so sooner.",
            "  gateway$ journalctl | grep -iE 'nft|firewall|conntrack|vrrp|route'",
            capture_at(silent),
            ss_this(end),
        ),
    )


def _asked(end: End) -> str:
    often, probes = end.figure(Fact.DATA_RESENT_UNANSWERED), end.figure(Fact.KEEPALIVE_UNANSWERED)
    if often or end.has(Fact.DATA_RESENT):
        return f"resent the same data {times(often or end.record.retransmitted_frames)}"
    return f"probed the connection {times(probes)}" if probes else "closed and resent its FIN"


def _loss(connections: list[Connection]) -> Loss | None:
    """Return the instant after which none of the connections that were open is heard, and others are."""
    deaths = {death.id: death for one in connections for death in _deaths(one)}
    if len(deaths) < _SEVERAL:
        return None
    after = max(death.heard_ns for death in deaths.values())
    until = min(death.vain_ns for death in deaths.values())
    at_once = sum(death.vain_ns - death.heard_ns <= _PAUSE for death in deaths.values())
    if after >= until or at_once < _SEVERAL:
        return None
    well = [one for one in connections if one.id not in deaths and _heard_last(one) > until]
    if any(one.first_time_ns < after for one in well):
        return None
    later = sum(one.first_time_ns > after and one.connect_ns is not None for one in well)
    return Loss(after, until, {id: death.asker for id, death in deaths.items()}, later) if later else None


def _heard_last(one: Connection) -> int:
    """Return when that end was heard last, in Unix ns, which fell silent first."""
    return min(one.client.last_time_ns or 0, one.server.last_time_ns or 0)


def _deaths(one: Connection) -> Iterator[_Death]:
    """Yield the end that is asked in vain until the connection is given up, or the capture ends."""
    for own, other, side, peer in (
        (one.client, one.server, Side.CLIENT, Side.SERVER),
        (one.server, one.client, Side.SERVER, Side.CLIENT),
    ):
        heard, vain = other.last_time_ns, _vain_from(one, side, other)
        if heard is None or vain is None or (own.last_time_ns or 0) - vain < _LONG:
            continue
        is_told = is_shown(one, Fact.RST_SENT, peer) or is_shown(one, Fact.ZERO_WINDOW, peer)
        # Who has said nothing since its SYN-ACK may never have let the client in.
        if not is_told and (one.server.bytes or heard - one.first_time_ns > SECOND):
            yield _Death(one.id, heard, vain, side)


def _vain_from(one: Connection, side: Side, other: Endpoint) -> int | None:
    """Return when an end first said again what nothing answers any more, in Unix ns."""
    seen = (sighting(one, fact, side) for fact in _ASKED)
    return min(
        (each.time_ns for each in seen if each and each.time_ns > (other.last_time_ns or 0)), default=None
    )
