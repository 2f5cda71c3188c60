"""Probes whose answers do not reach who probes, though the capture holds them."""

from wirestat.diagnosis.advice import advise, capture_at
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.vocabulary import Fact


def answers_unheard(case: Case) -> Verdict | None:
    """Judge an end that probes, and echoes an older time stamp than that of the answer to its last probe."""
    end = next((end for end in case.ends if end.has(Fact.PROBE_UNHEARD)), None)
    if end is None:
        return None
    after = left_alone(end)
    return Verdict(
        severity=Severity.WARNING,
        kind="answers unheard",
        grounds=(showing(end, Fact.PROBE_UNHEARD, Fact.KEEPALIVE_SENT),),
        doubts=("only a capture at the end that probes shows that nothing arrives there",),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.KEEPALIVE_SENT), end.frame(Fact.PROBE_UNHEARD)),
        explanation=f"{end} probes the connection, and the capture holds the answers of {end.other}; but its later "
        "probes echo an older time stamp than those bore. So the answers do not arrive: they are lost between the "
        f"tap and {end.address}.{after}",
        rivals=(
            cause("one way of two does not work: a bond, a wireless cell or a route that leads elsewhere"),
            cause("a packet filter or a translator, at this end or just before it"),
            ruled_out(f"{end.other} is gone", "it answers"),
            unlikely(
                "a stack that echoes what it should not", "RFC 7323 (4.3) has it take that of an empty answer"
            ),
        ),
        advice=advise(
            f"Capture at {end.address} at the same time, and compare; then see what lies in between.",
            capture_at(end),
        ),
    )


def left_alone(end: End) -> str:
    """Say of an end that heard no answer to its probes, and knew nothing of the connection later, why that may be."""
    if not end.has(Fact.PROBE_UNHEARD) or not end.has(Fact.RST_SENT):
        return ""
    return f" {end.subject} may have given the connection up for want of answers to its probes, before its reset."
