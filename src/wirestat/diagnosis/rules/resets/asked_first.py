"""Acknowledgements that a firewall makes of a SYN, to see whether the server still has the connection before."""

from wirestat.diagnosis.advice import advise, capture_at
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.shown import is_shown
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity, Side
from wirestat.spans import span
from wirestat.vocabulary import Fact


def asked_first(case: Case) -> Verdict | None:
    """Judge an acknowledgement that was reset, and whose number the SYN bore that came next on the same ports."""
    client, server, after = case.client, case.server, case.after
    if after is None or not is_shown(after, Fact.SYN_CAME_AS_ACK, Side.CLIENT):
        return None
    later = span(after.first_time_ns - case.connection.first_time_ns)
    return Verdict(
        severity=Severity.NOTE,
        kind="asked first",
        grounds=(showing(server, Fact.RST_SENT),),
        doubts=("only a capture before the device shows that the client had sent a SYN",),
        fault=Fault.PATH,
        frames=case.evidence(case.connection.first_frame, server.frame(Fact.RST_SENT), after.first_frame),
        explanation=f"an ACK of {client} for no connection was reset by {server}, and a SYN with that very number "
        f"followed {later} later. Something on the way seems to have made an ACK of the first SYN, to see whether "
        "the server still had the connection before between these ports, and to have let only the copy pass: the "
        f"client waited {later} longer for its connection.",
        rivals=(
            cause(
                "a firewall that had not seen the connection before end",
                "Check Point: Smart Connection Reuse",
            ),
            unlikely(
                "a host that forgot its connection (D07)", "its SYN would not bear the number of the ACK"
            ),
        ),
        advice=advise(
            "Let the firewall see how connections end, or have the client use its ports again later; capture on both "
            "sides of it.",
            capture_at(client),
        ),
    )
