"""Resets that come for a SYN so late that no host itself refuses by them."""

from wirestat.diagnosis.advice import advise, capture_server
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import being, showing
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

NO_TRIP = 2 * SECOND
"""No answer is on its way for longer than this."""


def late_by(case: Case) -> int:
    """Return how long after the last SYN its reset came, in ns."""
    reset, asked = case.server.fact(Fact.REFUSED, Fact.RST_SENT), case.client.record.last_time_ns
    return 0 if reset is None or asked is None else reset.time_ns - asked


def is_late_refusal(case: Case) -> bool:
    """Say whether all that came for its SYNs was a reset, when the client should have given up."""
    client, server = case.client, case.server
    other = (Fact.RST_OUT_OF_WINDOW, Fact.RST_IN_WINDOW, Fact.SENT_DATA, Fact.RST_AFTER_IDLE)
    if not server.has(Fact.RST_SENT) or server.has(*other) or server.record.frames != 1:
        return False
    only_asked = client.entered(State.SYN_SENT) and not client.entered(State.ESTABLISHED)
    return bool(only_asked) and late_by(case) > NO_TRIP


def given_up_for(case: Case, late: int) -> Verdict:
    """Judge a reset that came too late to be a host's own answer."""
    client, server = case.client, case.server
    return Verdict(
        grounds=(
            being(client, State.SYN_SENT),
            showing(server, Fact.REFUSED, Fact.RST_SENT),
            showing(client, Fact.SYN_RESENT),
        ),
        doubts=("only a capture at the server shows whether the SYN arrived there",),
        fault=Fault.PATH,
        frames=case.evidence(case.connection.first_frame, server.frame(Fact.REFUSED, Fact.RST_SENT)),
        explanation=f"{server} answered the SYN of {client} with a reset {span(late)} after the last of them. A host "
        "that refuses does so at once: something on the way seems to connect in the client's name, and gave up.",
        rivals=(
            cause("a NAT, proxy or load balancer that got no answer from the server itself"),
            unlikely("nothing listens", "the reset would have come within a round trip"),
        ),
        advice=advise(
            f"See whether {server.socket} can be reached from the gateway, and capture there.",
            capture_server(server),
        ),
    )
