"""SYN-ACKs that came again and again until the client, which had not asked again, acknowledged one."""

from wirestat.diagnosis.advice import advise, capture_at, nstat
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_COPIES = 2
"""One copy of a SYN-ACK is a loss like others."""
_LONG = 3 * SECOND
"""A client that has to wait so long has missed two copies at least."""


def answered_late(case: Case) -> Verdict | None:
    """Judge a connection that the client acknowledged after several SYN-ACKs only, with one SYN (else D34 tells)."""
    client, server = case.client, case.server
    if not server.has(Fact.SYN_ACK_RESENT) or server.has(Fact.SYN_ACK_RESENT_AFTER_ACK, Fact.TWO_SYN_ACKS):
        return None
    if client.has(Fact.SYN_RESENT) or case.has(Fact.ONE_WAY, Fact.MID_STREAM, Fact.FRAMES_MISSING):
        return None
    answered, opened = server.entered(State.SYN_RECV), server.entered(State.ESTABLISHED)
    copies = server.figure(Fact.SYN_ACK_RESENT) or 1
    if answered is None or opened is None or copies < _COPIES:
        return None
    took = opened.time_ns - answered.time_ns
    if took < _LONG:
        return None
    return Verdict(
        severity=Severity.WARNING,
        kind="answered late",
        grounds=(being(client, State.ESTABLISHED), showing(server, Fact.SYN_ACK_RESENT)),
        measure=took,
        doubts=("one capture does not tell whether SYN-ACKs or their acknowledgements were lost",),
        fault=Fault.PATH,
        frames=case.evidence(answered.frame, server.frame(Fact.SYN_ACK_RESENT), opened.frame),
        explanation=f"{server} sent its SYN-ACK {times(copies + 1)}, and {client} acknowledged it only "
        f"{span(took)} after the first: either those before did not reach the client, or what it answered was lost "
        "on its way to the tap.",
        rivals=(
            cause("a way to the client, or from it, that was down for that time"),
            cause("a device on the way that lets through what one direction says only after a while"),
            cause("a client whose host stood still", "it did not send its SYN again either"),
            ruled_out("the server ignores the ACK (D05)", "none came before the last SYN-ACK"),
        ),
        advice=advise(
            "Capture at the client: see when the first SYN-ACK arrives there, and whether an ACK leaves.",
            capture_at(client),
            nstat(server, "TcpExtTCPTimeouts", "TcpRetransSegs"),
        ),
    )
