"""Paths that doze off within seconds: what a client says after each of its pauses has to be sent twice."""

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, still_open, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.diagnosis.words import times
from wirestat.model import Fault, Severity, State
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.vocabulary import Fact

_PAUSES = 3
"""So many in a row are no chance loss, where nothing else is lost."""
_PAUSE = 2 * SECOND
"""Whoever asks more often keeps the way awake."""


def each_is_sent_twice(case: Case) -> Verdict | None:
    """Judge a client all of whose requests but the first, each after a pause, came again once, and nothing else did.

    The first follows the handshake at once. A server that acknowledges too late would have that come again as well.
    """
    client, server = case.client, case.server
    if not client.has(Fact.DATA_RESENT) or case.has(Fact.MID_STREAM, Fact.ONE_WAY, Fact.FRAMES_MISSING):
        return None
    if client.has(Fact.RST_SENT, Fact.DATA_RESENT_UNANSWERED, Fact.STALLED) or server.has(Fact.RST_SENT):
        return None
    sent, opened, again = client.record, client.entered(State.ESTABLISHED), client.fact(Fact.DATA_RESENT)
    pauses = sent.turns - 1
    if pauses < _PAUSES or sent.retransmitted_frames != pauses or opened is None or again is None:
        return None
    if server.record.retransmitted_frames or server.record.turns < sent.turns:
        return None
    if (server.figure(Fact.GOT_TWICE) or 0) * 2 > pauses:
        return None  # most requests arrived at the first try (D57)
    pause = sent.think_ns // pauses
    if pause < _PAUSE or again.time_ns - opened.time_ns < _PAUSE:
        return None
    return Verdict(
        kind="short pauses",
        grounds=(showing(client, Fact.DATA_RESENT),),
        doubts=("one capture does not tell whether the request or its answer was lost",),
        fault=Fault.PATH,
        frames=case.evidence(opened.frame, again.frame, case.connection.last_frame),
        explanation=f"{client} paused {times(pauses)} between an answer of {server} and its next request, for "
        f"{span(pause)} on the average: each request after a pause had to be sent twice, and nothing else. The "
        "path seems to sleep, and the first packet wakes it.",
        rivals=(
            cause("a radio link, a modem or a board that saves power"),
            cause("a neighbour entry, a tunnel or a table on the way that runs out within seconds"),
            still_open(f"{server} is slow to acknowledge after a pause", "capture there"),
            unlikely("chance loss", f"it struck all of {pauses}, and nothing else"),
        ),
        severity=Severity.NOTE,
        advice=advise(
            f"Keep the path awake by words that come more often than every {span(pause)}, or turn off what saves "
            "power on it.",
            ss_this(client),
            capture_at(server),
        ),
    )
