"""Clients that take a greeting and say nothing, where they answer others at once."""

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Connection, Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_PATIENT = 5 * SECOND
"""Who only looks whether somebody greets leaves sooner."""
_GREETING = 1024
"""Greetings have no more bytes."""
_SPOKE = 3
"""Answers to so many greetings are a habit."""


def greeting_unread(case: Case) -> Verdict | None:
    """Judge a client that left without a word after a greeting, where it had answered as a rule."""
    client, server = case.client, case.server
    if client.has(Fact.SENT_DATA) or not (client.has(Fact.FIN_AFTER_IDLE) and server.has(Fact.SENT_DATA)):
        return None
    if case.has(Fact.MID_STREAM, Fact.ONE_WAY, Fact.FRAMES_MISSING) or server.record.unacknowledged_bytes:
        return None
    waited, left = client.figure(Fact.FIN_AFTER_IDLE) or 0, client.fact(Fact.FIN_SENT)
    own = server.fact(Fact.FIN_SENT, Fact.RST_SENT)
    is_greeting = server.record.turns == 1 and server.record.bytes <= _GREETING
    if left is None or waited < _PATIENT or not is_greeting or (own is not None and own.moment < left.moment):
        return None
    spoke = case.of_both(_answered)
    if spoke < _SPOKE:
        return None
    return Verdict(
        severity=Severity.NOTE,
        kind="greeting unread",
        grounds=(being(client, State.ESTABLISHED), showing(server, Fact.SENT_DATA)),
        weak=True,
        measure=waited,
        doubts=("one capture does not tell what the client's program did",),
        fault=Fault.CLIENT,
        frames=case.evidence(server.frame(Fact.SENT_DATA), left.frame),
        explanation=f"{server.subject} greeted {client} with {server.record.bytes} bytes, which were acknowledged; "
        f"the client said nothing for {span(waited)}, and left. On {spoke} others of its connections to this socket "
        "it answered the greeting.",
        rivals=(
            cause("a stack that acknowledges what comes before its program asks for data, and drops it"),
            cause("a program that was busy, or gave up for another reason"),
            still_open("a person who is asked, and takes that long"),
            ruled_out("a server that is slow", "it had spoken"),
        ),
        advice=advise(
            f"See what the program at {client.address} was waiting for, and whether its stack hands on what comes "
            "right after the handshake: compare when the greeting came here, and on those that went well.",
            capture_at(client),
            ss_this(client),
        ),
    )


def _answered(connections: list[Connection]) -> int:
    """Count where a server greeted and its client spoke: there the server has the first word and the last."""
    return sum(one.server.turns > one.client.turns > 0 for one in connections)
