"""Requests on idle connections that the server closes: those that cross the close, and those that come after it."""

from bisect import bisect_left, insort

from wirestat.diagnosis.advice import advise, idle_settings, on, ss_address, ss_state
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.rules.closing.after_fin import LAST_WORDS, is_a_request
from wirestat.diagnosis.rules.opening.restarts import closed_together
from wirestat.diagnosis.shown import sighting
from wirestat.diagnosis.study.known import matching_timeouts, server_timeouts
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_A_TRIP = 250 * MILLISECOND
"""Hardly anything is under way for longer."""
_TURNS = 2
"""A request that was answered, and the one that crossed."""
_SEVERAL = 3
"""So many silences of one length are a time-out's."""
_ALIKE = 50
"""Silences that differ by one part in so many are of one length."""
_NO_TIME = 50 * MILLISECOND
"""So soon after a FIN, or within two round trips, nobody looks whether a connection is still open."""


@rule(
    "D17",
    "Keep-alive race",
    Severity.WARNING,
    rests_on={Basis.ORDER, Basis.TIMES},
    replaces={"D12", "D16", "D27", "D30"},
    corroborates=True,
)
def keepalive_race(case: Case) -> Verdict | None:
    """The server closed an idle connection while the client's next request was on its way.

    What it means: the server's idle time-out ran out, and within one round trip the client took the same connection
    for a new request. FIN (or reset) and request crossed; the request is answered by a reset or not at all.

    Why it matters: a request fails now and then for no reason that either log shows. Proxies turn it into a 502.

    Rivals: an idle time-out on the way (D08): no FIN. A server that closes after an error: no silence before.

    What to do: let the server's idle time-out be longer than the client's or the proxy's, so that the asking side
    is the one that closes. The server's is ``keepalive_timeout`` in nginx, ``KeepAliveTimeout`` in Apache, ``timeout
    http-keep-alive`` in HAProxy, ``server.keepAliveTimeout`` in Node.js (5 s); the asking side's is the idle time of
    its connection pool, or of the load balancer (60 s for an AWS application load balancer). Let clients repeat
    requests that are safe to repeat.

    See it: ``wirestat pcaps/keep-alive-race/client.pcap``: a request crosses the server's close.

    RFC 9293: 3.6 (closing); RFC 9112, 9.6 (tear-down of persistent connections).
    """
    server = case.server
    if not server.has(Fact.CLOSE_CROSSED_REQUEST) or not _did_cross(case):
        return _may_have_crossed(case)
    gap = server.figure(Fact.CLOSE_CROSSED_REQUEST)
    silence = "a silence" if gap is None else f"a silence of {span(gap)}"
    near = matching_timeouts(gap or 0, server_timeouts(server.port), own=True)
    alike = case.of_socket(_races).get(case.connection.id, 0)
    return Verdict(
        severity=None if near or _was_a_request_lost(case) else Severity.NOTE,
        grounds=(showing(server, Fact.CLOSE_CROSSED_REQUEST, Fact.FIN_SENT, Fact.RST_SENT),),
        weak=not (near or alike),
        measure=gap,
        doubts=(
            "one capture does not tell which of its time-outs it is"
            if alike
            else "the same silence on several connections would prove the time-out",
        ),
        fault=Fault.SERVER,
        frames=case.evidence(server.frame(Fact.CLOSE_CROSSED_REQUEST), server.frame(Fact.RST_SENT)),
        explanation=f"After {silence}{', which matches ' + near[0] if near else ''}, {server} closed while "
        f"a request of {case.client} was on its way.{_told_of(alike)}{_from_its_own_word(case, gap or 0)}",
        rivals=(ruled_out("an idle time-out on the way (D08)", "the server itself closed"),),
        advice=advise(
            f"Whoever asks must let go first: have {case.client.address} drop idle connections sooner than "
            f"{'the server does' if gap is None else f'after {span(gap)}'}, or raise the server's idle time-out "
            "above that of its clients. The first command shows who holds the connections, the second looks for that "
            "time-out where it usually stands.",
            on(
                case.client,
                f"ss -tnop '( dport = :{server.port} )' dst {ss_address(server.address)}",
            ),
            idle_settings(server),
        ),
    )


def _may_have_crossed(case: Case) -> Verdict | None:
    """Judge a request right behind the server's close that begins a capture, and that it does not acknowledge."""
    client, server = case.client, case.server
    if not case.has(Fact.MID_STREAM) or server.has(Fact.SENT_DATA) or not client.has(Fact.SENT_DATA):
        return None
    closed, reset = server.fact(Fact.FIN_SENT), server.fact(Fact.RST_NO_SOCKET)
    asked_ns, lost = client.record.first_time_ns, client.record.unacknowledged_bytes
    if (
        closed is None
        or reset is None
        or asked_ns is None
        or lost <= LAST_WORDS
        or lost < client.record.bytes
    ):
        return None
    if (
        closed.frame != case.connection.first_frame
        or server.has(Fact.FIN_RESENT)
        or client.has(Fact.DATA_RESENT)
    ):
        return None
    if asked_ns - closed.time_ns > _A_TRIP or server.entered(State.FIN_WAIT2, State.TIME_WAIT):
        return None
    return Verdict(
        severity=Severity.WARNING,
        kind="begun with the close",
        grounds=(showing(server, Fact.FIN_SENT, Fact.RST_SENT), showing(client, Fact.SENT_DATA)),
        weak=True,
        doubts=("the capture begins with the close: how long it had been idle does not show",),
        fault=Fault.SERVER,
        frames=case.evidence(closed.frame, reset.frame),
        explanation=f"{server} closed, and {some(lost, 'byte')} of {client} came {span(asked_ns - closed.time_ns)} "
        "later, which do not acknowledge that: a request seems to have been on its way, and was answered by a reset.",
        rivals=(
            cause(
                "an idle time-out of the server's, shorter than that of who keeps the connections in its pool"
            ),
            still_open("a client that was still sending its request when the server broke it off (D12)"),
        ),
        advice=advise(
            f"Whoever asks must let go first: have {client.address} drop idle connections sooner than the server "
            "does.",
            on(client, f"ss -tnop '( dport = :{server.port} )' dst {ss_address(server.address)}"),
            idle_settings(server),
        ),
    )


def _races(connections: list[Connection]) -> dict[int, int]:
    """Count for each connection, by id, the others whose races ended silences of its length, 0 unless they prove it.

    Closes at one instant prove nothing: a server that is stopped closes all that is idle.
    """
    seen = ((sighting(one, Fact.CLOSE_CROSSED_REQUEST, Side.SERVER), one.id) for one in connections)
    races = sorted((race.figure, race.time_ns, id) for race, id in seen if race is not None and race.figure)
    alike: dict[int, int] = {}
    times: list[int] = []
    first = behind = 0
    for gap, _, id in races:
        within = gap // _ALIKE
        while behind < len(races) and races[behind][0] <= gap + within:
            insort(times, races[behind][1])
            behind += 1
        while races[first][0] < gap - within:
            del times[bisect_left(times, races[first][1])]
            first += 1
        proves = len(times) >= _SEVERAL and times[-1] - times[0] >= gap
        alike[id] = len(times) - 1 if proves else 0
    return alike


def _told_of(alike: int) -> str:
    return (
        f" The silence was as long on {some(alike, 'other')} of this socket: a time-out runs out."
        if alike
        else ""
    )


def _from_its_own_word(case: Case, gap_ns: int) -> str:
    """Say how much longer the server's own clock ran, which starts with its last word, where a trip matters."""
    one = case.connection
    trip = 0 if one.syn_copies else one.connect_ns or 0
    if trip < gap_ns // _ALIKE:
        return ""
    return (
        f" Its own time-out counts from its own last word, up to about a round trip before: {span(gap_ns)} to "
        f"{span(gap_ns + trip)}."
    )


def _was_a_request_lost(case: Case) -> bool:
    """Say whether the reset threw away as much as the client's requests are long, and no farewell: it was served
    before."""
    client, server = case.client.record, case.server
    if not server.has(Fact.RST_SENT) or not server.has(Fact.SENT_DATA) or client.turns < _TURNS:
        return False
    return 2 * client.unacknowledged_bytes * client.turns >= client.bytes


def _did_cross(case: Case) -> bool:
    """Say whether a request was on its way: it does not acknowledge the close, and something became of it."""
    client, server = case.client, case.server
    crossed, told = server.fact(Fact.CLOSE_CROSSED_REQUEST), server.entered(State.FIN_WAIT2, State.TIME_WAIT)
    if not client.has(Fact.SENT_DATA) or crossed is None:
        return False
    resent = client.fact(Fact.DATA_RESENT)
    if resent is not None and resent.moment < crossed.moment:
        return False  # it waited for acknowledgements, and was not idle
    if told is not None and server.has(Fact.FIN_SENT) and told.moment <= crossed.moment:
        return False  # what came acknowledges the FIN, and so was sent after it had arrived
    return server.has(Fact.RST_SENT) or client.record.unacknowledged_bytes > 0


@rule(
    "D36",
    "Written to a closed connection",
    Severity.WARNING,
    rests_on={Basis.ORDER, Basis.TIMES},
    replaces={"D12", "D16", "D17", "D27", "D30"},
)
def written_after_close(case: Case) -> Verdict | None:
    """A client sent a request on an idle connection that the server had closed, and that it knew to be closed.

    What it means: the server dropped the idle connection in good order. Its FIN had arrived: the request
    acknowledges it. The client's connection pool handed the connection out all the same, without looking whether it
    was still open, and the request was answered by a reset.

    Why it matters: the request fails for certain, however much later it is sent; a longer time-out at the server
    only makes it rarer.

    Rivals: a keep-alive race (D17), where request and FIN cross within a round trip; there the request does not
    acknowledge the FIN. A half-close that the client means to answer: the server would not reset it.

    What to do: turn on the check that the pool makes before it hands out a connection (a stale check, validation on
    borrow), or let the pool drop idle connections sooner than the server does.

    See it: ``wirestat pcaps/field/writes-on-what-the-peer-has-closed/capture.pcap``: a pool without a check.

    RFC 9293: 3.6 (closing), 3.10.7.4 (data for an end that has closed); RFC 9112, 9.6.
    """
    client, server = case.client, case.server
    if not server.has(Fact.FIN_AFTER_IDLE) or not server.has(Fact.RST_SENT) or not client.has(Fact.SENT_DATA):
        return None
    told, closed = server.entered(State.FIN_WAIT2, State.TIME_WAIT), server.fact(Fact.FIN_SENT)
    wrote = client.fact(Fact.DATA_AFTER_PEER_FIN) or server.fact(Fact.CLOSE_CROSSED_REQUEST)
    if told is None or closed is None or wrote is None or wrote.moment < told.moment:
        return None
    if not is_a_request(client):
        return None
    after = wrote.time_ns - closed.time_ns
    if after < case.round_trips_ns(2, _NO_TIME) and closed_together(case, server):
        return None  # its program ended as the request came (D12): no check would have helped
    idle = server.figure(Fact.FIN_AFTER_IDLE) or 0
    return Verdict(
        grounds=(
            showing(server, Fact.FIN_SENT, Fact.RST_SENT),
            showing(client, Fact.DATA_AFTER_PEER_FIN, Fact.SENT_DATA),
        ),
        doubts=("what was sent may be a farewell rather than a request",),
        fault=Fault.CLIENT,
        frames=case.evidence(closed.frame, wrote.frame, server.frame(Fact.RST_SENT)),
        explanation=f"{server} closed the connection after a silence of {span(idle)}; {span(after)} later {client}, "
        "which had that FIN, sent a request on it and was answered by a reset.",
        rivals=(
            ruled_out("a keep-alive race (D17)", "what the client sent acknowledges the FIN"),
            ruled_out("an idle time-out on the way (D08)", "the server itself closed"),
        ),
        advice=advise(
            "Have the client's connection pool check a connection before it hands it out, or drop idle ones sooner "
            "than the server does.",
            ss_state(client.other, "fin-wait-2"),
            on(client, f"ss -tnop state close-wait '( dport = :{server.port} )'"),
        ),
    )
