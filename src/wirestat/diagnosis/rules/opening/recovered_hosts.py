"""A host that several clients ask in vain for a while, and that has come back: one finding for all of them."""

from wirestat.diagnosis import filters
from wirestat.diagnosis.advice import advise, at
from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.places import Place
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.together import counted
from wirestat.diagnosis.verdict import Overall
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Fault, Severity
from wirestat.spans import span
from wirestat.words import some


def tell_server(analysis: Analysis, server: str, asked: list[Connection], until: int) -> Overall:
    """Judge connections that were begun with a host while it answered nobody."""
    began = asked[0].first_time_ns
    failed = sum(one.server.first_time_ns is None for one in asked)
    clients = {one.client.address for one in asked}
    others = _heard_meanwhile(analysis, server, clients, began, until)
    became = f"{failed} of them failed" if failed else "all were answered only after that"
    sockets = sorted({(one.server.address, one.server.port) for one in asked})
    elsewhere = f" {some(others, 'other host')} answered these clients meanwhile." if others else ""
    return Overall(
        severity=None if failed else Severity.WARNING,
        doubts=("one capture does not tell whether the host was down or the way to it",),
        fault=Fault.SERVER if others else Fault.UNDECIDED,
        explanation=f"{server} answered nobody for {span(until - began)}, from {instant(analysis, began)} until "
        f"{instant(analysis, until)}: {some(len(clients), 'client')} began {some(len(asked), 'connection')} with it, "
        f"and {became}. Before and after it answers them.{elsewhere}",
        rivals=(
            cause("a restart of the host, of its network, or of what stands before it (a failover)"),
            ruled_out("an outage at the clients", "other hosts answered them")
            if others
            else still_open("an outage of what all of these clients share"),
            ruled_out("an accept queue that is full", "nothing of this host was captured meanwhile"),
        ),
        advice=advise(
            f"See what happened to {server}, its switch and what stands before it from {instant(analysis, began)} "
            f"until {instant(analysis, until)}.",
            at(
                server,
                analysis.timers.name,
                "last -x reboot shutdown | head; journalctl -k --since '1 hour ago'",
            ),
        ),
        display_filter=filters.of_sockets(sockets, filters.address(server)),
        **counted(asked),
        place=Place(server, None, began),
        replaces=frozenset({"D01", "D34"}),
        absorbs=frozenset(one.id for one in asked),
    )


def _heard_meanwhile(analysis: Analysis, server: str, clients: set[str], began: int, until: int) -> int:
    """Count other hosts that began or ended to speak to these clients meanwhile."""
    heard = {
        one.server.address
        for one in analysis.connections()
        if one.client.address in clients
        and one.server.address != server
        and any(began < (time or 0) < until for time in (one.server.first_time_ns, one.server.last_time_ns))
    }
    return len(heard)
