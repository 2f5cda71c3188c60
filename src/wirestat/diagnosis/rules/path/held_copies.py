"""Copies that come together: nothing was lost, all of it was held up on the way and let go at once."""

from wirestat.diagnosis.advice import advise, capture_at, nstat
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, ruled_out, still_open
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Fault, Severity
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_TRIP = 20 * MILLISECOND
"""A sender that learns of a loss sends again a round trip later: copies closer together were not sent so."""
_UNFIT = (Fact.ONE_WAY, Fact.MID_STREAM, Fact.FRAMES_DUPLICATED, Fact.REPLAYED, Fact.REORDERED_BY_TAP)


def bunched(case: Case) -> Verdict | None:
    """Judge an end whose copies came closer together than any timer sends them, at a tap that is not its own."""
    end = next((end for end in case.ends if end.has(Fact.COPIES_TOGETHER)), None)
    if end is None or case.has(*_UNFIT) or end.has(Fact.COPIED_LATER):
        return None
    trip, shown = case.connection.handshake_rtt_ns, end.fact(Fact.COPIES_TOGETHER)
    if shown is None or trip is None or trip < _TRIP or case.tap is end.side:
        return None
    return Verdict(
        kind="held up",
        severity=Severity.NOTE,
        weak=True,
        grounds=(showing(end, Fact.COPIES_TOGETHER, Fact.DATA_RESENT),),
        doubts=("one capture does not tell where they were held up",),
        fault=Fault.PATH,
        frames=case.evidence(end.frame(Fact.DATA_RESENT), shown.frame),
        explanation=f"{some(shown.figure or 0, 'copy')} of one segment of {end} came within milliseconds. "
        f"A timer sends them a fifth of a second apart or more, and what {end} learns from {end.other} takes "
        f"{span(trip)}: they were held up on the way, it seems, and let go at once. Nothing was lost.",
        rivals=(
            cause("a tunnel over TCP, whose outer connection repeats what it loses before it goes on"),
            cause("a radio link that repeats its own frames, or was away for a moment"),
            cause("a queue that stood still (a shaper, a paused device)"),
            still_open("a stack that sends several copies in a row", "capture at the sender"),
            ruled_out("loss (D57)", "all copies arrived"),
        ),
        advice=advise(
            f"See whether a tunnel between {end.address} and {end.other.address} runs over TCP: let it run over UDP.",
            nstat(end.other, "TcpExtTCPDSACKOldSent", "TcpExtDelayedACKLost"),
            capture_at(end),
        ),
    )
