"""SYNs that meet a connection of the same ports which the capture does not have."""

from wirestat.diagnosis.advice import advise, nstat, on, ss_state
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, State
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact

_SLOW = 500 * MILLISECOND
"""A connect that took longer needed a retransmission timer."""


def met_another(case: Case) -> Verdict | None:
    """Judge a SYN that drew the acknowledgement of something else, which the client reset (RFC 9293, 3.5.1): the
    server still holds a connection of these ports."""
    client, server = case.client, case.server
    reset, asked, opened = (
        client.fact(Fact.RST_TURNS_AWAY),
        client.entered(State.SYN_SENT),
        client.entered(State.ESTABLISHED),
    )
    if reset is None:
        return None
    has_one_before = case.before is not None
    began = asked.frame if asked else None
    return Verdict(
        kind="of another",
        grounds=(showing(client, Fact.RST_TURNS_AWAY), showing(server, Fact.CHALLENGE_ACK)),
        weak=opened is None or not has_one_before,
        doubts=("the capture does not show the connection of before",),
        fault=Fault.UNDECIDED,
        frames=case.evidence(
            began, server.frame(Fact.CHALLENGE_ACK), reset.frame, opened.frame if opened else None
        ),
        explanation=f"The SYN of {client} drew an acknowledgement of numbers that it never used: {server} still held "
        f"another connection of these ports, it seems. The client reset that{_in_the_end(case, client)}."
        + (
            " The connection that it had on these ports before has other numbers: somebody else has used them at the "
            "server since, as another host behind the same address does."
            if has_one_before
            else ""
        ),
        rivals=(
            cause(
                "a NAT that gives one port to several hosts in turn: the old connection is in TIME_WAIT at the server"
            ),
            unlikely("the client was rebooted (D21)", "it had a connection of these ports before")
            if has_one_before
            else cause("the client was rebooted (D21)", "then the old connection is still open"),
            unlikely(
                "an acknowledgement that somebody made up", "the server took the SYN once that was reset"
            )
            if opened
            else cause("an acknowledgement that somebody made up", "compare its TTL"),
        ),
        advice=advise(
            "Capture at the server as well. Let the NAT use more ports or addresses, and reuse none sooner than "
            "TIME_WAIT ends.",
            on(client, "uptime"),
            ss_state(server, "time-wait"),
            nstat(server, "TcpExtTCPChallengeACK", "TcpExtPAWSEstab", "TcpExtTWRecycled"),
        ),
    )


def _in_the_end(case: Case, client: End) -> str:
    """Say how long the connect took in the end."""
    asked, opened = client.entered(State.SYN_SENT), client.entered(State.ESTABLISHED)
    if asked is None:
        return ""
    if opened is None:
        copies = case.connection.syn_copies
        return f", and none of its {copies + 1:,} SYNs was taken" if copies else ""
    took = opened.time_ns - asked.time_ns
    return f", and the connect took {span(took)}" if took >= _SLOW else ", and its next SYN was taken"
