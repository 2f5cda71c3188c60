"""Servers that close a connection because a newer one has come."""

from collections import defaultdict
from itertools import pairwise

from wirestat.diagnosis.advice import advise, on, ss_listen
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.rules.closing.after_fin import is_a_request
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Severity
from wirestat.spans import span
from wirestat.vocabulary import Fact

_TAKE_TURNS = 3
"""Clients that come back so often have each been thrown out by the other."""


@rule(
    "D58",
    "Closed for a newer connection",
    Severity.NOTE,
    rests_on={Basis.TIMES, Basis.ORDER},
    replaces={"D12", "D17", "D30", "D36"},
)
def closed_for_a_newer(case: Case) -> Verdict | None:
    """A server closes one connection in the moment in which another is opened, time and again.

    What it means: the server allows one session of each name, or so many in all, and drops the old for the new. Two
    devices that log in under one name (the client identifier of MQTT, a login, a licence) throw each other out for
    ever. A web server that has no place left closes an idle connection, of which the client may know nothing yet.

    Why it matters: each device reconnects, and its log speaks of a network that fails. The network is fine.

    Rivals: chance, where connections are opened often: only servers are judged that close so as a rule, and of which
    connections are opened seldom. A client that renews its connection closes the old one itself.

    What to do: give each device a name of its own; see which limit of sessions the server has.

    See it: no capture of it is kept: lab servers keep all that they accept.

    RFC 9293: 3.6 (closing a connection); MQTT 3.1.1, 3.1.4 (a second client of one name).
    """
    client, server = case.client, case.server
    if not server.has(Fact.FIN_AFTER_IDLE) or not server.has(Fact.SENT_DATA):
        return None
    found = case.displaced_by
    if found is None:
        return None
    newer = case.analysis.connection(found.by)
    is_other = newer.client.address != client.address
    throw_out = is_other and _take_turns(case.of_socket(_arrivals), client.address, newer.client.address)
    lost = server.has(Fact.RST_SENT) and client.has(Fact.DATA_AFTER_PEER_FIN) and is_a_request(client)
    return Verdict(
        severity=Severity.WARNING if throw_out or lost else None,
        kind="turns" if throw_out else "",
        grounds=(showing(server, Fact.FIN_SENT, Fact.FIN_AFTER_IDLE),),
        doubts=("only the server's log tells why it closed",),
        fault=client.fault if throw_out else server.fault,
        frames=case.evidence(newer.first_frame, server.frame(Fact.FIN_AFTER_IDLE)),
        explanation=f"{server} closed its connection with {client} {span(found.after_ns)} after "
        + (
            f"another client, {newer.client.address}, had connected"
            if is_other
            else "that client had connected anew"
        )
        + f"; it closed {found.in_all} connections in that way."
        + (
            f" {client.address} and {newer.client.address} take turns: each comes back and has the other closed."
            if throw_out
            else ""
        )
        + (" What the client asked on it after that was answered by a reset." if lost else ""),
        rivals=(
            cause(
                "two clients of one name (MQTT client identifier, login, licence), of which the last one stays"
            ),
            cause(
                "a limit of connections: the idle one goes for the new one",
                "nginx's worker_connections do so",
            ),
            unlikely("an idle time-out", "it ran out as another connection came, each time"),
            still_open("a client that asks for the old one to be closed"),
        ),
        advice=advise(
            "Give each client a name of its own, and look in the server's log for sessions that are taken over."
            if throw_out
            else f"See how many sessions at a time what listens on port {server.port} allows, and of one client.",
            ss_listen(server),
            on(server, f"ss -tno state established '( sport = :{server.port} )'"),
        ),
    )


def _arrivals(connections: list[Connection]) -> dict[str, list[tuple[int, str]]]:
    """Return by client when its connections began, in Unix ns, each with its address."""
    found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for each in connections:
        found[each.client.address].append((each.first_time_ns, each.client.address))
    return found


def _take_turns(arrivals: dict[str, list[tuple[int, str]]], one: str, other: str) -> bool:
    """Say whether two clients connect in turn, several times each."""
    came = sorted(arrivals[one] + arrivals[other])
    turns = sum(before[1] != after[1] for before, after in pairwise(came))
    return turns >= _TAKE_TURNS and turns * 2 >= len(came)
