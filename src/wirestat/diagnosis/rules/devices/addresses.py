"""Addresses that are not one host's: two stacks that answer for one."""

from wirestat.diagnosis.advice import advise, capture_at, on
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Evidence, Fault, Severity, State
from wirestat.spans import span
from wirestat.vocabulary import Fact


@rule(
    "D43",
    "Two hosts answer for one address",
    Severity.ERROR,
    rests_on={Basis.ORDER, Basis.OPENING},
    replaces={"D05", "D06", "D07", "D18", "D27", "D28", "D33"},
)
def two_hosts_answer(case: Case) -> Verdict | None:
    """One SYN, or one request, was answered twice, by two hosts that do not know of each other.

    What it means: two TCP stacks answer for the server's address, and neither knows of the other: an address that is
    given to two machines, a user-space stack beside the kernel's, two nodes of a cluster that both believe that the
    address is theirs, a load balancer that copies the SYN to several servers. The client follows the first answer,
    and resets or ignores the second; whatever reaches the wrong stack is reset by it. A request may be answered
    twice as well: somebody on the way answers it in the server's name, and closes, and then the server's own answer
    comes under the same numbers. Providers and filters show pages of their own so. Where packets are shared out and
    not connections, the ACK reaches another host than its SYN did: that resets it, and the SYN-ACK comes again.

    Why it matters: connections work or break by chance, by which of the two answers first. Neither host's log tells
    why.

    Rivals: a SYN that the network copied on its way to a server that keeps no state (SYN cookies), which makes up a
    number for each copy. A server that lost the connection between two SYNs of the client (then the client asked
    again).

    What to do: find out who answers: ``arping`` shows two hardware addresses for one IP address, and a capture with
    ``-e`` from which of them each SYN-ACK came. A user-space stack needs the kernel's resets and answers filtered.

    See it: ``wirestat pcaps/field/two-stacks-answer-one-syn/capture.pcap``: a kernel beside a user-space stack.

    RFC 9293: 3.4.1 (initial sequence numbers), 3.10.7.4 (a SYN-ACK with another number draws an ACK).
    """
    client, server = case.client, case.server
    if _answered_before_it(server):
        return _answered_first(case)
    if _refused_and_asked(case):
        return _one_resets_what_the_other_opens(case)
    if not server.has(Fact.TWO_SYN_ACKS) or client.has(Fact.SYN_RESENT) or case.has(Fact.ONE_WAY):
        return None
    second, first = server.fact(Fact.TWO_SYN_ACKS), server.entered(State.SYN_RECV)
    resets = [reset for end in case.ends if (reset := end.fact(Fact.RST_SENT))]
    # A stack that means it resets what it does not know: a SYN-ACK alone is easily forged.
    is_met = any(second is None or reset.time_ns >= second.time_ns for reset in resets)
    if first is None or first.evidence is Evidence.IMPLIED:
        return None  # the first of the two is but concluded from what the client acknowledges
    numbers = f"{server.record.isn} and {second.figure}" if second and second.figure else "different numbers"
    apart = f", {span(second.time_ns - first.time_ns)} apart" if second else ""
    ttl = "" if server.record.ttl is None else f" Its packets came with a TTL of {server.record.ttl} last."
    return Verdict(
        grounds=(showing(server, Fact.TWO_SYN_ACKS, Fact.RST_SENT), showing(client, Fact.RST_SENT)),
        severity=None if is_met else Severity.NOTE,
        kind="" if is_met else "nobody resets",
        weak=not is_met,
        doubts=("a copy of the SYN that reached a server with SYN cookies would look the same",),
        fault=Fault.SERVER if is_met else Fault.UNDECIDED,
        frames=case.evidence(
            case.connection.first_frame,
            first.frame,
            server.frame(Fact.TWO_SYN_ACKS),
            client.frame(Fact.RST_SENT),
            server.frame(Fact.RST_SENT),
        ),
        explanation=f"Two hosts {'answer' if is_met else 'seem to answer'} for {server.address}: one SYN of "
        f"{client} to {server} drew two SYN-ACKs with "
        f"initial sequence numbers of their own ({numbers}){apart}, "
        f"and {'a' if is_met else 'no'} reset followed.{ttl}",
        rivals=(
            ruled_out("a SYN-ACK that was sent again", "its number would be the same"),
            *_causes(),
            unlikely("a forged SYN-ACK", "whoever forges it must see the SYN")
            if is_met
            else still_open("a forged SYN-ACK", "nobody reset it, nor what it answers"),
        ),
        advice=advise(
            f"Find out who answers for {server.address}: compare hardware addresses, TTLs and time stamps of the two "
            "SYN-ACKs.",
            on(client, f"arping -c 3 {server.address}"),
            f"  $ tcpdump -e -nr CAPTURE 'src host {server.address} and tcp src port {server.port} and "
            "tcp[13] & 18 == 18'",
            capture_at(server),
        ),
    )


def _answered_before_it(server: End) -> bool:
    """Say whether somebody else answered and closed in its name before it answered itself, by TTLs and numbers."""
    if not server.has(Fact.SPOKE_PAST_FIN) or not server.has(Fact.SYN_ACK_TTL_DIFFERS):
        return False
    other, fin = server.fact(Fact.SYN_ACK_TTL_DIFFERS), server.fact(Fact.FIN_SENT)
    own = server.fact(Fact.SPOKE_PAST_FIN)
    if other is None or own is None or not other.moment < own.moment:
        return False
    is_of_other = fin is None or other.moment <= fin.moment < own.moment  # the FIN may have been taken back
    return is_of_other and server.record.ttl == other.figure


def _answered_first(case: Case) -> Verdict:
    client, server = case.client, case.server
    other, own = server.fact(Fact.SYN_ACK_TTL_DIFFERS), server.fact(Fact.SPOKE_PAST_FIN)
    later = f" {span(own.time_ns - other.time_ns)} later" if other and own else ""
    return Verdict(
        kind="answer",
        severity=Severity.WARNING,
        grounds=(showing(server, Fact.SYN_ACK_TTL_DIFFERS, Fact.SPOKE_PAST_FIN, Fact.FIN_SENT),),
        doubts=("only a capture at the server shows which of the answers left there",),
        fault=Fault.PATH,
        frames=case.evidence(
            server.frame(Fact.SYN_ACK_TTL_DIFFERS),
            server.frame(Fact.SPOKE_PAST_FIN),
            client.frame(Fact.RST_SENT),
        ),
        explanation=f"The request of {client} was answered twice: first with data and a FIN whose TTL is not that of "
        f"the SYN-ACK ({server.record.ttl}), and{later} by {server} itself, under the same numbers and with the TTL "
        "of the SYN-ACK. Nobody sends data beyond its own FIN: somebody on the way gave the first answer.",
        rivals=(
            cause("a filter or provider that shows a page of its own (a block page, a portal)"),
            cause("a transparent cache that loses the race against the server"),
            unlikely("a route that changed", "the TTL went back, and the numbers overlap"),
        ),
        advice=advise(
            f"Read what the first answer says, and capture at {server.address}: it did not leave there.",
            capture_at(server),
            on(client, f"traceroute -T -p {server.port} {server.address}"),
        ),
    )


def _refused_and_asked(case: Case) -> bool:
    """Say whether a handshake's ACK was reset in the server's name, and the same SYN-ACK was sent again after that.

    A listener that resets an ACK because its queue is full forgets the SYN as well.
    """
    server = case.server
    if not (server.has(Fact.RST_ANSWERS_HANDSHAKE_ACK) and server.has(Fact.SYN_ACK_RESENT_AFTER_ACK)):
        return False
    if case.client.has(Fact.SYN_RESENT) or case.has(Fact.ONE_WAY):
        return False
    reset, again = server.fact(Fact.RST_ANSWERS_HANDSHAKE_ACK), server.fact(Fact.SYN_ACK_RESENT_AFTER_ACK)
    if reset is None or again is None:
        return False
    return again.time_ns > reset.time_ns


def _one_resets_what_the_other_opens(case: Case) -> Verdict:
    client, server = case.client, case.server
    reset, again = server.fact(Fact.RST_ANSWERS_HANDSHAKE_ACK), server.fact(Fact.SYN_ACK_RESENT_AFTER_ACK)
    later = f" {span(again.time_ns - reset.time_ns)} later" if reset and again else ""
    return Verdict(
        kind="reset",
        grounds=(showing(server, Fact.RST_ANSWERS_HANDSHAKE_ACK, Fact.SYN_ACK_RESENT_AFTER_ACK),),
        doubts=("a reset that a device on the way made up would look the same",),
        fault=Fault.PATH,
        frames=case.evidence(
            server.frame(Fact.RST_ANSWERS_HANDSHAKE_ACK), server.frame(Fact.SYN_ACK_RESENT_AFTER_ACK)
        ),
        explanation=f"Two hosts answer for {server.address}: one answered the SYN of {client} to {server}, and sent "
        f"its SYN-ACK again{later}; the ACK had come to another, which knew of no connection and reset it.",
        rivals=(
            cause(
                "a device that shares the packets of one connection out between hosts (equal-cost paths by packet)"
            ),
            *_causes(),
            still_open("a reset that a device on the way made up (D18)"),
            ruled_out("a full accept queue (D06)", "who resets the ACK forgets the SYN, and asks no more"),
        ),
        advice=advise(
            f"Find out who answers for {server.address}: compare hardware addresses, TTLs and time stamps of the "
            "SYN-ACK and the reset, and see whether a balancer or router shares out by packet.",
            on(client, f"arping -c 3 {server.address}"),
            f"  $ tcpdump -e -nr CAPTURE 'src host {server.address} and tcp src port {server.port}'",
            capture_at(server),
        ),
    )


def _causes() -> tuple[Rival, ...]:
    return (
        cause("one address is given to two machines"),
        cause("a user-space stack or a proxy answers beside the kernel"),
        cause("a load balancer hands the SYN to several servers"),
    )
