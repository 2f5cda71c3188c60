"""Somebody else who answers SYNs for the server: a SYN proxy, a front end, a load balancer."""

from wirestat.diagnosis.advice import advise, capture_at, on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.vocabulary import Fact

_NEIGHBOURS = 2
"""Routing protocols send with so low a TTL on purpose, once a connection is open."""
_DETOUR = 32
"""No way is longer than another by more hops: few are longer than that in all."""
_ROUTES = 3
"""Routes of one host differ by so many hops, where several are used at once."""


@rule("D44", "Answered by a proxy", Severity.NOTE, rests_on={Basis.ORDER, Basis.OPENING})
def answered_by_a_proxy(case: Case) -> Verdict | None:
    """The SYN-ACK does not come from whoever speaks later in the server's name.

    What it means: a SYN proxy (a firewall's protection against floods), a load balancer or another front end answers
    SYNs for the server, and opens a connection to it only when the client is known to be there. Its marks are a
    SYN-ACK with a window of zero, which a bare ACK opens before any data, and a SYN-ACK whose TTL is not that of the
    packets that follow. An accelerator on a slow way acknowledges for the server: its acknowledgements have a TTL of
    their own all along.

    Why it matters: the client is connected to the proxy. Whether the server behind it accepts, the client learns
    only later: as a reset, or as data that nobody answers. The state told of the server is the proxy's.

    Rivals: a server that is so short of memory that it opens with no window at all. A route that changed between the
    SYN-ACK and the first data.

    What to do: nothing where connections work. Where data stays unanswered, look at the proxy: whether it reaches the
    server behind it, with which options, and on which route the answers come back.

    See it: ``wirestat pcaps/field/syn-proxy-and-data-ignored/capture.pcap``: the server behind never answers.

    RFC 9293: 3.5 (establishing a connection); it knows no proxies.
    """
    client, server = case.client, case.server
    signs = _signs(server)
    if not signs or case.has(Fact.REORDERED_BY_TAP):
        return None
    in_vain = client.record.unacknowledged_bytes > 0 and client.has(Fact.DATA_RESENT)
    what = (
        " What the client sent since was never acknowledged: nobody behind the proxy took it."
        if in_vain
        else ""
    )
    return Verdict(
        severity=None if in_vain else Severity.INFO,
        grounds=(
            showing(server, Fact.SYN_ACK_WINDOW_ZERO, Fact.SYN_ACK_TTL_DIFFERS, Fact.ACKS_FROM_ELSEWHERE),
        ),
        weak=signs == [_ttl(server)] and not in_vain,
        doubts=("only a capture behind the proxy shows whether the server knows of the connection",),
        fault=Fault.PATH if in_vain else Fault.UNDECIDED,
        frames=case.evidence(
            server.frame(Fact.SYN_ACK_WINDOW_ZERO, Fact.SYN_ACK_TTL_DIFFERS),
            server.frame(Fact.ACKS_FROM_ELSEWHERE),
            client.frame(Fact.DATA_RESENT) if in_vain else None,
        ),
        explanation=f"Somebody else {_does(server)} in the name of {server}: {' and '.join(signs)}. It is a SYN "
        f"proxy, a load balancer{_accelerator(server)} or another front end.{what}",
        rivals=(
            unlikely("a server without a receive buffer", "the window opens at once"),
            still_open("a route that changed meanwhile")
            if not server.has(Fact.SYN_ACK_WINDOW_ZERO)
            else cause("SYN proxy of a firewall (nftables synproxy, iptables SYNPROXY)"),
            cause("a load balancer or CDN that ends connections itself"),
        ),
        advice=advise(
            "Look at the device that answers: whether it reaches the server behind it. On Linux that is SYNPROXY or "
            "nftables' synproxy.",
            "  proxy$ cat /proc/net/stat/synproxy; nft list synproxys; iptables-save | grep -i synproxy",
            "  proxy$ conntrack -S | grep -E 'invalid=[1-9]|drop=[1-9]'",
            on(client, f"traceroute -T -p {server.port} {server.address}"),
            capture_at(server),
        ),
    )


def _does(server: End) -> str:
    """Say what somebody else does in the server's name, as far as the signs tell."""
    answered = server.has(Fact.SYN_ACK_WINDOW_ZERO) or _ttl(server)
    return "answered the SYN" if answered else "acknowledges"


def _accelerator(server: End) -> str:
    return ", an accelerator (satellite, mobile network)" if server.has(Fact.ACKS_FROM_ELSEWHERE) else ""


def _signs(server: End) -> list[str]:
    signs = []
    # Who keeps it shut for long is no proxy that asks a server, but has no room yet (D23).
    if server.has(Fact.SYN_ACK_WINDOW_ZERO) and not server.has(Fact.ZERO_WINDOW_HELD):
        signs.append("its SYN-ACK had a window of zero, which a bare ACK opened before any data")
    if ttl := _ttl(server):
        signs.append(ttl)
    if server.has(Fact.ACKS_FROM_ELSEWHERE) and not server.ttls_take_turns:
        signs.append(
            f"its bare acknowledgements come with a TTL of {server.figure(Fact.ACKS_FROM_ELSEWHERE)} and its data "
            "with another, in turn"
        )
    return signs


def _ttl(server: End) -> str:
    """Say that its SYN-ACK came from elsewhere; nothing where a route that is a little longer explains the TTL.

    Where several ways are used in turn, nothing does that one may be longer by.
    """
    if not server.has(Fact.SYN_ACK_TTL_DIFFERS) or server.has(Fact.SYN_ACK_TTL_AGAIN):
        return ""
    first, later = server.figure(Fact.SYN_ACK_TTL_DIFFERS), server.record.ttl
    if first is None or later is None or abs(first - later) <= _ROUTES or min(first, later) <= _NEIGHBOURS:
        return ""
    if server.ttls_take_turns and abs(first - later) <= _DETOUR:
        return ""
    again = f", but for its reset, which has {first} again" if server.figure(Fact.RST_SENT) == first else ""
    return f"its SYN-ACK came with a TTL of {first}, and the packets that followed with {later}{again}"
