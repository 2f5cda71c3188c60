"""Refusals after which the client goes on asking by its own timer: they do not reach it."""

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import Rival, cause
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_SEVERAL = 2
_BY_A_TIMER = SECOND
"""Windows, which asks three times, does not wait so long between a refusal and its next SYN (0.5 s)."""


def unheard_refusals(case: Case) -> str:
    """Say that the client sent the same SYN on and on, as if it were not refused: a sentence, or nothing."""
    client, refused = case.client, case.server.fact(Fact.REFUSED)
    again, last_ns = client.fact(Fact.SYN_RESENT), client.record.last_time_ns
    if refused is None or again is None or last_ns is None or again.moment < refused.moment:
        return ""
    copies, lasted = again.figure or 0, last_ns - refused.time_ns
    if copies < _SEVERAL or lasted < copies * _BY_A_TIMER or not client.has(Fact.SPOKE_AFTER_RST):
        return ""
    return (
        f" The client sent the same SYN {some(copies, 'more time')} within {span(lasted)}, as a stack does that "
        "hears nothing: the refusals do not reach it, it seems, or it takes no notice of them."
    )


def why_unheard(unheard: str) -> tuple[Rival, ...]:
    """Name what keeps a refusal from its client."""
    if not unheard:
        return ()
    return (
        cause(
            "a device on the way back that drops resets", "then clients hang where they should fail at once"
        ),
        cause("a client that asks again whatever it is told"),
    )
