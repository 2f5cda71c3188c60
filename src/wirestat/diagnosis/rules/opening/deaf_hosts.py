"""Hosts that the SYN-ACK reaches and that do not take it: seen by a tap at the client."""

from wirestat.diagnosis.advice import advise, nstat, on, sysctl
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, cause
from wirestat.diagnosis.study.tap import place
from wirestat.model import Connection, Side
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

DEAF = 2
"""So many copies of a SYN after its answer: the answer did not arrive. One may have been under way."""
_SOON = 500 * MILLISECOND
"""A copy that comes so long after the answer was not under way: no handshake waits longer."""
_SEVERAL = 3
"""So many handshakes of a host that show the tap there, and none that shows it elsewhere, are no chance."""


def is_seen_there(case: Case) -> bool:
    """Say whether the tap is at the client's host, by handshakes with this server, or several with others."""
    return case.tap is Side.CLIENT or (case.tap is None and case.of_client(_is_at_client))


def _is_at_client(connections: list[Connection]) -> bool:
    places = [where for one in connections if (where := place(one)) is not None]
    return len(places) >= _SEVERAL and all(where is Side.CLIENT for where in places)


def why_deaf() -> tuple[Rival, ...]:
    """Name what keeps a host from taking a SYN-ACK that arrives there."""
    return (
        cause(
            "reverse path filtering (rp_filter) of a host with several cards",
            "then it came by another card than the one that the host would answer by",
        ),
        cause("a packet filter of that host, between the tap and its TCP"),
    )


def where_it_is_dropped(client: End) -> str:
    """Say what to look at in a host that does not take what arrives."""
    return advise(
        "See by which card the SYN-ACK comes, and whether the host's filters drop it there.",
        on(client, "tcpdump -ni any -e 'tcp[tcpflags] & tcp-syn != 0'"),
        sysctl(client, "net.ipv4.conf.all.rp_filter", "net.ipv4.conf.default.rp_filter"),
        nstat(client, "TcpExtIPReversePathFilter", "TcpInCsumErrors"),
        on(client, "nft list ruleset"),
    )


def answered_once(case: Case) -> bool:
    """Say whether the server answered the first SYN, repeated nothing, and let the copies of it go unanswered."""
    client, server = case.client, case.server
    if not client.has(Fact.SYN_RESENT_AFTER_SYN_ACK) or server.has(Fact.RST_SENT, Fact.TWO_SYN_ACKS):
        return False
    if case.has(Fact.ONE_WAY):
        return False
    heard, asked = server.record.last_time_ns, client.record.last_time_ns
    least = SECOND if (client.figure(Fact.SYN_RESENT) or 0) >= DEAF else _SOON
    return heard is not None and asked is not None and asked - heard >= least
