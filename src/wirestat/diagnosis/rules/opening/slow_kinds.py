"""Kinds of slow connect, by what became of the first SYN: who may be at fault then, and what to look at."""

from bisect import bisect_left, bisect_right

import msgspec
from msgspec.structs import replace

from wirestat.diagnosis.advice import capture_at, nstat, on, ss_listen
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.opening.copied_syns import (
    are_answered_each,
    came_sooner_than_the_way_takes,
    had_arrived,
    was_sent_by_a_timer,
    was_the_first_to_arrive,
)
from wirestat.diagnosis.rules.opening.spent_ports import spent_ports, told_of, why_spent
from wirestat.diagnosis.shown import opened_ns
from wirestat.diagnosis.study.halts import Halt, halt
from wirestat.diagnosis.study.serial import Serial, few_at_a_time, one_by_one
from wirestat.diagnosis.words import instant
from wirestat.model import Connection, Fault, Side, State
from wirestat.timers import MILLISECOND, SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_HALT = 2 * SECOND
"""Who waits less may have been served one after the other."""
_INSTANT = 50 * MILLISECOND
"""A program that goes on answers, and makes room, within this time."""
_SEVERAL = 3
"""Fewer SYNs in vain are lost by chance."""


class Slowness(msgspec.Struct, frozen=True):
    """The fate of the first SYN."""

    words: str
    """The end of the sentence that begins "its first SYN"."""
    doubt: str
    fault: Fault
    rivals: tuple[Rival, ...]
    step: str
    """The end of the sentence that begins "then"."""
    commands: tuple[str, ...]
    is_slight: bool = False
    """Whether nothing was lost."""
    told: str = ""
    """A sentence on what others of the socket tell."""


def kind_of(case: Case) -> Slowness:
    """Say what became of the first SYN of a connect that needed another."""
    server, client = case.server, case.client
    second = server.fact(Fact.SYN_ACK_RESENT)
    answered = client.has(Fact.SYN_RESENT_AFTER_SYN_ACK)
    opened = client.entered(State.ESTABLISHED)
    is_late = answered and (second is None or (opened is not None and second.moment > opened.moment))
    if _was_tested(client):
        return _tested(case)
    if was_refused(client):
        return _answer_refused(case)
    if had_arrived(case) and was_sent_by_a_timer(case):
        return _answer_lost(case)
    if was_the_first_to_arrive(case):
        return _late(case)
    if are_answered_each(case) or (not answered and came_sooner_than_the_way_takes(case)):
        return _late(case)
    if not answered and server.has(Fact.TWO_SYN_ACKS):
        return replace(_late(case), is_slight=False)  # a SYN, or an answer to one, may have been lost
    if not answered and _came_late(case):
        return replace(_late(case), is_slight=False, words="was answered late, or only a copy of it was")
    if answered or had_arrived(case):
        return _late(case) if is_late else _answer_lost(case)
    return _ran_out(case) or _stood_still(case) or _met_a_full_queue(case) or _unanswered(case)


def _came_late(case: Case) -> bool:
    """Say whether the SYN-ACK came so long after the last SYN that it was late, whichever of the SYNs it answers."""
    return (case.connection.syn_to_syn_ack_ns or 0) >= SECOND


def _late(case: Case) -> Slowness:
    return Slowness(
        "was answered late, with a copy under way",
        "one capture does not tell who was late",
        Fault.UNDECIDED,
        (
            cause("a way that takes longer than a SYN waits (satellites)", "then data is answered as late"),
            cause(
                "a queue on the way that is full (bufferbloat)",
                "then other connections are answered late meanwhile",
            ),
            cause("a radio link that slept, or a tunnel that came up"),
            cause("a server that was late"),
            *(
                (cause("an answer that was lost on its way back", "the tap is not at the client"),)
                if case.server.has(Fact.SYN_ACK_RESENT) and case.tap is not Side.CLIENT
                else (cause("an answer before it that was lost: a server sends it again by its timer"),)
                if _came_late(case)
                else ()
            ),
        ),
        "see whether the SYN-ACK leaves the server as late as it comes here",
        (capture_at(case.server),),
        is_slight=True,
    )


def _answer_lost(case: Case) -> Slowness:
    client = case.client
    here = "the tap is at the client" if case.tap is Side.CLIENT else ""
    return Slowness(
        "was answered, and the answer did not arrive",
        "one capture does not tell where the SYN-ACK was lost",
        Fault.PATH,
        (
            cause("chance loss on the way back", "then data of the server is sent again as well"),
            cause("a filter or a connection table before the client that drops the SYN-ACK"),
            cause(
                "a client that throws the SYN-ACK away: checksum, host firewall, reverse path filter", here
            ),
            ruled_out("a SYN that was dropped", "it was answered"),
        ),
        "see whether the SYN-ACK arrives at the client",
        (
            capture_at(client),
            nstat(client, "TcpInCsumErrors", "TcpExtIPReversePathFilter"),
            on(client, "conntrack -S | grep -E 'invalid=[1-9]|drop=[1-9]'"),
        ),
    )


def _tested(case: Case) -> Slowness:
    return Slowness(
        "was answered by an acknowledgement of another number, which it has to reset",
        "one capture does not tell who answered with that number",
        Fault.UNDECIDED,
        (
            cause(
                "a guard against floods that tests clients",
                "it answers in the server's name, and sees who resets that",
            ),
            cause("another incarnation of the connection at the server", "an old SYN-ACK of its own"),
            still_open("a forged SYN-ACK", "compare its TTL with that of the server's other packets"),
        ),
        "see who sent the answer with the other number: compare the TTLs of the two",
        (
            capture_at(case.server),
            on(case.client, f"traceroute -T -p {case.server.port} {case.server.address}"),
        ),
    )


def _answer_refused(case: Case) -> Slowness:
    return Slowness(
        "was answered, and it refused that answer by a reset",
        "one capture does not tell why the client refused the answer",
        Fault.UNDECIDED,
        (
            cause("a time stamp in the SYN-ACK that is no echo of the SYN's (PAWS)"),
            cause("a packet filter of the client that calls the answer out of state"),
            ruled_out("a SYN that was dropped", "it was answered"),
        ),
        "hold the refused SYN-ACK against the one that was accepted, option by option",
        (nstat(case.client, "TcpExtPAWSActive", "TcpExtTSEcrRejected", "TcpInCsumErrors"),),
    )


def was_refused(client: End) -> bool:
    """Say whether it reset the answer to its SYN, and asked again."""
    reset, again = client.fact(Fact.RST_ANSWERS_SYN_ACK), client.fact(Fact.SYN_RESENT)
    return reset is not None and again is not None and reset.moment < again.moment


def _unanswered(case: Case) -> Slowness:
    server = case.server
    return Slowness(
        "went unanswered",
        "one capture does not tell where the first SYN was dropped"
        if case.tap is Side.SERVER
        else "one capture does not tell where the first SYN, or the answer to it, was lost",
        Fault.UNDECIDED,
        _what_drops(case),
        "see whether the first SYN arrives at the server",
        (
            capture_at(server),
            nstat(
                server,
                "TcpExtListenOverflows",
                "TcpExtListenDrops",
                "TcpExtPAWSActive",
                "TcpExtTCPReqQFullDrop",
            ),
            on(case.client, "conntrack -S | grep -E 'insert_failed=[1-9]|drop=[1-9]'"),
            "  balancer$ ipvsadm -Lnc; sysctl net.ipv4.vs.conn_reuse_mode",
        ),
    )


def _ran_out(case: Case) -> Slowness | None:
    """Say that its SYNs came while all ports that a translation has for its client were in use."""
    spent = spent_ports(case)
    if spent is None:
        return None
    return Slowness(
        "went unanswered",
        "one capture does not tell which device drops it",
        Fault.PATH,
        (
            *why_spent(spent, "an accept queue that is full for a moment"),
            unlikely("chance loss", "it goes with how many ports this client used of late"),
            ruled_out("the client waited", "it sent its SYN again"),
        ),
        "give the client more ports or addresses in the translation, or have it keep connections open and share them",
        (capture_at(case.server),),
        told=told_of(spent),
    )


def _stood_still(case: Case) -> Slowness | None:
    """Say that its SYNs came while the program stood still, where nobody was let in until it went on.

    A backlog holds so many, who are acknowledged and wait; of the others the kernel drops the SYNs.
    """
    still, opened = case.of_socket(_halt), case.client.entered(State.ESTABLISHED)
    if still is None or opened is None or opened.time_ns < still.until_ns:
        return None
    if not still.last_began_ns < case.connection.first_time_ns < still.until_ns:
        return None
    server, waiting = case.server, some(len(still.waiting), "connection")
    return Slowness(
        "went unanswered",
        "one capture does not tell what the program did",
        Fault.SERVER,
        (
            cause("an accept queue that is full, as the program took nobody from it"),
            unlikely("chance loss, or a path that was cut off", "requests were acknowledged meanwhile"),
            ruled_out("the client waited", "it sent its SYN again"),
        ),
        f"see what the program did until {instant(case.analysis, still.until_ns)}, and how long its backlog is",
        (ss_listen(server), nstat(server, "TcpExtListenOverflows", "TcpExtListenDrops")),
        told=f" The server's program stood still until {instant(case.analysis, still.until_ns)}, it seems: {waiting} "
        "of before, whose requests were acknowledged, got the answers at that instant, and nobody was let in sooner. "
        "Its accept queue was full.",
    )


def _met_a_full_queue(case: Case) -> Slowness | None:
    """Say that its SYNs came while the server worked on one request or a few at a time, and others waited already."""
    serial, opened = case.of_socket(_serial), case.client.entered(State.ESTABLISHED)
    if serial is None or opened is None:
        return None
    came = case.connection.first_time_ns
    began, answered = case.of_socket(_waits)
    waiting = bisect_left(began, came) - bisect_right(answered, came)
    # By its back-off it may have come again only when all of those were answered.
    mostly_ns = came + (opened.time_ns - came) // 2
    if waiting < _SEVERAL or not serial.began_ns <= came or mostly_ns > serial.answered_ns[-1]:
        return None
    server, many = case.server, "one request" if serial.at_once == 1 else f"{serial.at_once} requests"
    return Slowness(
        "went unanswered",
        "how long the server's backlog is does not show",
        Fault.SERVER,
        (
            cause("an accept queue that is full, as the program takes no more from it than it works on"),
            unlikely("chance loss", "it came while others waited"),
            ruled_out("the client waited", "it sent its SYN again"),
        ),
        "see how long the backlog is",
        (ss_listen(server), nstat(server, "TcpExtListenOverflows", "TcpExtListenDrops")),
        told=f" The server seems to work on {many} at a time (D49), and {some(waiting, 'client')} waited already "
        "when it came: its accept queue was full, it seems.",
    )


def _serial(connections: list[Connection]) -> Serial | None:
    return one_by_one(connections) or few_at_a_time(connections)


def _waits(connections: list[Connection]) -> tuple[list[int], list[int]]:
    """Return when those began that were answered, and when each was, in order, in Unix ns."""
    served = [one for one in connections if one.server.bytes and one.server.last_time_ns]
    return sorted(one.first_time_ns for one in served), sorted(one.server.last_time_ns or 0 for one in served)


def _halt(connections: list[Connection]) -> Halt | None:
    """Return the halt of a socket's program in which requests were acknowledged, and nobody was let in."""
    still = halt(connections, _HALT)
    if still is None or any(one.client.retransmitted_bytes for one in still.waiting):
        return None
    begun = [one for one in connections if still.last_began_ns < one.first_time_ns < still.until_ns]
    if sum(one.syn_copies for one in begun) < _SEVERAL:
        return None
    queued = max(one.first_time_ns + (one.connect_ns or 0) for one in still.waiting)
    return None if any(queued < at < still.until_ns - _INSTANT for at in opened_ns(connections)) else still


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
    return (
        *causes,
        cause("chance loss", "then data is sent again as well"),
        cause("an answer that was lost on its way back, before the tap"),
    )


def _was_tested(client: End) -> bool:
    """Say whether its first SYN drew a SYN-ACK that acknowledges something else, and it reset that."""
    wrong, again = client.other.fact(Fact.UNASKED_SYN_ACK), client.fact(Fact.SYN_RESENT)
    reset = client.fact(Fact.RST_SENT)
    if wrong is None or again is None or reset is None:
        return False
    return wrong.moment < reset.moment < again.moment
