"""A request that crosses the close of an idle connection."""

from wirestat.diagnosis.advice import advise, idle_settings, on, ss_address
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import ruled_out
from wirestat.diagnosis.study.known import matching_timeouts, server_timeouts
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, State
from wirestat.spans import span
from wirestat.vocabulary import Fact

_TURNS = 2
"""A request that was answered, and the one that crossed."""


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
        return None
    gap = server.figure(Fact.CLOSE_CROSSED_REQUEST)
    silence = "a silence" if gap is None else f"a silence of {span(gap)}"
    near = matching_timeouts(gap or 0, server_timeouts(server.port), own=True)
    return Verdict(
        severity=None if near or _was_a_request_lost(case) else Severity.NOTE,
        grounds=(showing(server, Fact.CLOSE_CROSSED_REQUEST, Fact.FIN_SENT, Fact.RST_SENT),),
        weak=not near,
        measure=gap,
        doubts=("the same silence on several connections would prove the time-out",),
        fault=Fault.SERVER,
        frames=case.evidence(server.frame(Fact.CLOSE_CROSSED_REQUEST), server.frame(Fact.RST_SENT)),
        explanation=f"After {silence}{', which matches ' + near[0] if near else ''}, {server} closed while "
        f"a request of {case.client} was on its way.",
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
    if resent is not None and resent.frame < crossed.frame:
        return False  # it waited for acknowledgements, and was not idle
    if told is not None and server.has(Fact.FIN_SENT) and told.frame <= crossed.frame:
        return False  # what came acknowledges the FIN, and so was sent after it had arrived
    return server.has(Fact.RST_SENT) or client.record.unacknowledged_bytes > 0
