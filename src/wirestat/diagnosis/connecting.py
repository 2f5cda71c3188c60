"""Connects that came about, and took longer than they should."""

from wirestat.diagnosis.advice import advise, capture_at, nstat, on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.copies import are_answered_each
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, Side, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_SLOW = 500 * MILLISECOND
"""No stack sends a SYN again sooner than this; a connect that took less needed no retry."""


_TWO_ANSWERS = (
    " It got two SYN-ACKs with initial sequence numbers of their own: the SYN and its copy reached two servers, or "
    "one that keeps no state (SYN cookies)."
)
_WHO_TESTS = (
    cause(
        "a guard against floods that tests clients",
        "it answers in the server's name, and sees who resets that",
    ),
    cause("another incarnation of the connection at the server", "an old SYN-ACK of its own"),
    still_open("a forged SYN-ACK", "compare its TTL with that of the server's other packets"),
)
"""Who answers a SYN with a wrong number (RFC 9293, 3.10.7.3)."""


@rule(
    "D34",
    "Slow connect",
    Severity.WARNING,
    rests_on={Basis.REPEATS, Basis.TIMES, Basis.OPENING},
    replaces={"D20"},
)
def slow_connect(case: Case) -> Verdict | None:
    """A connect succeeded, and it took a retry or more: "it hangs for exactly one second now and then".

    What it means: the first SYN, or the answer to it, was lost or dropped, and a retransmission timer had to run
    out: 1 s, 3 s, 7 s after the first SYN on most stacks, or 1, 2, 3, 4 s on newer Linux. The finding tells how
    long it took from the first SYN until the client was connected.

    Why it matters: every affected request waits for as long, whatever the application does. A share of slow
    connects that does not change with the load points to something that drops SYNs by rule and not by chance.

    Rivals: chance loss, which strikes other segments of the same path as well. A full accept queue, which drops
    SYNs under load. A connection table on the way: a port that is reused too soon (IPVS, conntrack), two connects
    that a source NAT gave one port in the same instant. A server whose time stamps go backward for it (PAWS in
    TIME_WAIT).

    What to do: compare the slow connects with the others: is a port reused, do they come at one instant, or from
    one client? Capture at the server to see whether the first SYN arrives there.

    See it: ``wirestat pcaps/syn-lost/client.pcap``: the first SYN is lost.

    RFC 9293: 3.5 (establishing a connection), 3.8.1 (retransmission time-out); RFC 6298, 5 (back-off from one
    second).
    """
    client, server = case.client, case.server
    if not client.has(Fact.SYN_RESENT) or case.has(Fact.MID_STREAM, Fact.ONE_WAY) or server.has(Fact.REFUSED):
        return None
    asked, opened = client.entered(State.SYN_SENT), client.entered(State.ESTABLISHED)
    if asked is None or opened is None or opened.time_ns - asked.time_ns < _SLOW:
        return None
    took = opened.time_ns - asked.time_ns
    second = server.frame(Fact.SYN_ACK_RESENT)
    answered = client.has(Fact.SYN_RESENT_AFTER_SYN_ACK)
    is_late = are_answered_each(case) or (answered and (second is None or second > opened.frame))
    option = _unanswered_with_an_option(client)
    return Verdict(
        grounds=(
            being(client, State.ESTABLISHED),
            showing(client, Fact.SYN_RESENT, Fact.SYN_RESENT_AFTER_SYN_ACK),
        ),
        severity=Severity.NOTE
        if is_late or case.listener is None or case.listener.connections < _SOME
        else None,
        kind="late" if is_late else "",
        doubts=(
            "one capture does not tell who was late"
            if is_late
            else "one capture does not tell where the first SYN was dropped",
        ),
        fault=Fault.PATH if (answered and not is_late) or option else Fault.UNDECIDED,
        frames=case.evidence(asked.frame, client.frame(Fact.SYN_RESENT), opened.frame),
        explanation=f"{client} needed {span(took)} to connect to {server}: its first SYN "
        + (
            "was answered late, with a copy under way."
            if is_late
            else "was answered, and the answer did not arrive."
            if answered
            else "was answered by an acknowledgement of another number, which it has to reset."
            if _was_tested(client)
            else "went unanswered."
        )
        + (_TWO_ANSWERS if server.has(Fact.TWO_SYN_ACKS) else "")
        + (" It reuses a port." if case.has(Fact.REUSED_TUPLE) else "")
        + option,
        rivals=_WHO_TESTS if _was_tested(client) else _WHAT_DELAYS if is_late else _what_drops(case),
        advice=advise(
            "See what the slow connects share, and the others do not: a reused port, one instant, one client. "
            "Then see whether the first SYN arrives at the server.",
            capture_at(server),
            nstat(
                server,
                "TcpExtListenOverflows",
                "TcpExtListenDrops",
                "TcpExtPAWSActive",
                "TcpExtTCPReqQFullDrop",
            ),
            on(client, "conntrack -S | grep -E 'insert_failed=[1-9]|drop=[1-9]'"),
            "  balancer$ ipvsadm -Lnc; sysctl net.ipv4.vs.conn_reuse_mode",
        ),
    )


_ASKED = {
    Fact.SYN_WITH_ECN: "asked for ECN ({}, with ECE and CWR)",
    Fact.SYN_WITH_FAST_OPEN: "carried the option of TCP Fast Open ({})",
    Fact.SYN_WITH_MULTIPATH: "asked for Multipath TCP ({})",
}
"""Marks that some networks drop a SYN for; a host leaves them out of later copies."""


def _unanswered_with_an_option(client: End) -> str:
    """Say that only SYNs that asked for something went unanswered, where that is so."""
    copies = client.figure(Fact.SYN_RESENT)
    for fact, words in _ASKED.items():
        asked = client.figure(fact)
        if asked and copies is not None and asked <= copies:
            told = words.format(f"{asked} of {copies + 1}")
            return f" The unanswered SYNs alone {told}: something on the way drops these."
    return ""


_WHAT_DELAYS = (
    cause(
        "a queue on the way that is full (bufferbloat)", "then other connections are answered late meanwhile"
    ),
    cause("a radio link that slept, or a tunnel that came up"),
    cause("a server that was late"),
)
_SOME = 3
"""Of fewer connections to a socket a slow one is an accident."""


def _what_drops(case: Case) -> tuple[Rival, ...]:
    reuse = "this connection reuses one" if case.has(Fact.REUSED_TUPLE) else ""
    causes = (
        cause(
            "a port reused while a device on the way (IPVS, conntrack) or the server (TIME_WAIT) holds it",
            reuse,
        ),
        cause("an accept queue that is full for a moment"),
        cause("a race for one port in a source NAT", "then another connect begins in the same instant"),
        ruled_out("the client waited", "it sent its SYN again"),
    )
    if case.tap is Side.SERVER:
        return causes
    return (*causes, cause("chance loss", "then data is sent again as well"))


def _was_tested(client: End) -> bool:
    """Say whether its first SYN drew a SYN-ACK that acknowledges something else, and it reset that."""
    wrong, again = client.other.fact(Fact.UNASKED_SYN_ACK), client.fact(Fact.SYN_RESENT)
    reset = client.fact(Fact.RST_SENT)
    if wrong is None or again is None or reset is None:
        return False
    return wrong.frame < reset.frame < again.frame
