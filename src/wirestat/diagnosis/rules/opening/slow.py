"""Connects that came about, and took longer than they should."""

from collections import Counter

from wirestat.diagnosis.advice import advise
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rules.opening.slow_kinds import kind_of, was_refused
from wirestat.diagnosis.rules.path.foreign_echoes import foreign_echo
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Connection, Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact

_SLOW = 500 * MILLISECOND
"""No stack sends a SYN again sooner than this; a connect that took less needed no retry."""
_SOME = 3
"""Of fewer connections to a socket a slow one is an accident."""
_SEVERAL = 2
_LONG = 3 * SECOND
"""So many retries over such a time are no chance loss, though the connection is the only one."""
_TWO_ANSWERS = (
    " It got two SYN-ACKs with initial sequence numbers of their own: the SYN and its copy reached two servers, or "
    "one that keeps no state (SYN cookies)."
)


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
    SYNs under load, or while the program stands still: then requests that it let in before are answered all at once
    as it goes on. A connection table on the way: a port that is reused too soon (IPVS, conntrack), two connects
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
    if client.has(Fact.RST_TURNS_AWAY):
        return None  # its SYN met another connection (D20)
    if was_refused(client) and foreign_echo(case):
        return None  # a time stamp of another is why (D45)
    asked, opened = client.entered(State.SYN_SENT), client.entered(State.ESTABLISHED)
    if asked is None or opened is None or opened.time_ns - asked.time_ns < _SLOW:
        return None
    took, kind, option = opened.time_ns - asked.time_ns, kind_of(case), _unanswered_with_an_option(case)
    return Verdict(
        grounds=(
            being(client, State.ESTABLISHED),
            showing(client, Fact.SYN_RESENT, Fact.SYN_RESENT_AFTER_SYN_ACK),
        ),
        severity=Severity.NOTE if kind.is_slight or _may_be_an_accident(case, took) else None,
        kind="late" if kind.is_slight else "halt" if kind.told else "",
        doubts=(kind.doubt,),
        fault=Fault.PATH if option.endswith("drops these.") else kind.fault,
        frames=case.evidence(asked.frame, client.frame(Fact.SYN_RESENT), opened.frame),
        explanation=f"{client} needed {span(took)} to connect to {server}: {_fate(client, kind.words)}."
        + (_TWO_ANSWERS if server.has(Fact.TWO_SYN_ACKS) else "")
        + _reuse(case)
        + option
        + kind.told,
        rivals=kind.rivals,
        advice=advise(
            "See what the slow connects share, and the others do not: a reused port, one instant, one client. "
            f"Then {kind.step}.",
            *kind.commands,
        ),
    )


def _may_be_an_accident(case: Case, took: int) -> bool:
    """Say whether it is one of few connections, and needed no more than one retry: any packet may be lost once."""
    is_rare = case.listener is None or case.listener.connections < _SOME
    return is_rare and (took < _LONG or (case.client.figure(Fact.SYN_RESENT) or 1) < _SEVERAL)


def _fate(client: End, words: str) -> str:
    """Say what became of its first SYN, and of the copies that had the same fate."""
    copies = client.figure(Fact.SYN_RESENT) or 1
    was_heard = client.has(Fact.SYN_RESENT_AFTER_SYN_ACK) or client.other.has(Fact.UNASKED_SYN_ACK)
    is_counted = copies >= _SEVERAL and not was_heard
    if is_counted and client.other.has(Fact.TWO_SYN_ACKS):
        return f"of its {copies + 1} SYNs two were answered, the first of these late"
    if is_counted and words.startswith("was answered late"):
        return f"one of its {copies + 1} SYNs was answered, and late"
    return f"its SYN {words} {times(copies)}" if is_counted else f"its first SYN {words}"


def _reuse(case: Case) -> str:
    """Say whether it reuses ports, and whether the server takes its SYN for one of the connection before."""
    if not case.has(Fact.REUSED_TUPLE):
        return ""
    before = case.before if case.has(Fact.REUSED_IN_TIME_WAIT) else None
    if before is None:
        return " It reuses a port."
    told = " It reuses the ports of a connection that was still in TIME_WAIT"
    own, old = case.client.record.isn, before.client.isn
    if own is None or old is None or (own - old) % 2**32 > before.client.bytes + len(("SYN", "FIN")):
        return f"{told}."
    return (
        f"{told}, and its sequence number is not above that one's: a host takes such a SYN for an old one until "
        "TIME_WAIT is over."
    )


_ASKED = {
    Fact.SYN_WITH_ECN: "asked for ECN ({}, with ECE and CWR)",
    Fact.SYN_WITH_FAST_OPEN: "carried the option of TCP Fast Open ({})",
    Fact.SYN_WITH_MULTIPATH: "asked for Multipath TCP ({})",
}
"""Marks that some networks drop a SYN for; a host leaves them out of later copies."""


def _unanswered_with_an_option(case: Case) -> str:
    """Say that only SYNs that asked for something went unanswered, where that is so.

    Hosts leave it out of their first copy or a later one: one SYN that is lost by chance looks the same.
    """
    client = case.client
    copies = client.figure(Fact.SYN_RESENT)
    for fact, words in _ASKED.items():
        asked = client.figure(fact)
        if not asked or copies is None or asked > copies:
            continue
        told = words.format(f"{asked} of {copies + 1}")
        if asked >= _SEVERAL or _is_usual(case, fact):
            return f" The unanswered SYNs alone {told}: something on the way drops these."
        if case.of_socket(len) <= _SOME:
            return f" The unanswered SYN alone {told}: something on the way may drop these, or it was chance."
    stamped = client.figure(Fact.SYN_LEFT_OUT_STAMPS)
    if stamped and copies is not None and stamped <= copies:
        return (
            f" Only the SYN without a time stamp was answered; {stamped} before it bore one: something on the way "
            "may drop these, or the client leaves it out after some copies whatever becomes of them."
        )
    return ""


def _is_usual(case: Case, fact: Fact) -> bool:
    """Say whether several connects to the socket asked so, and most of all that needed another SYN."""
    retried, asked = case.of_socket(_retried)
    return asked[fact] >= _SOME and 2 * asked[fact] > max(retried, case.of_socket(len))


def _retried(connections: list[Connection]) -> tuple[int, Counter[Fact]]:
    """Count the connections that needed another SYN, and by what they asked for those of them that asked for it."""
    retried = [one for one in connections if one.syn_copies]
    return len(retried), Counter(fact for one in retried for fact in _ASKED if is_shown(one, fact))
