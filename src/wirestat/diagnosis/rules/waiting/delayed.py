"""Answers in pieces: the second waits until the first is acknowledged, and that takes its time."""

from wirestat.diagnosis.advice import advise, on, ss_this
from wirestat.diagnosis.case import Case, End
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Severity
from wirestat.spans import span
from wirestat.timers import MILLISECOND
from wirestat.vocabulary import Fact
from wirestat.words import some

_EACH = 10 * MILLISECOND
"""Who waits for every other answer, 25 ms or more, waits longer on the average."""
_LITTLE = 300 * MILLISECOND
"""Nobody notices less in all."""
_USUAL_MSS = 1460
_FEW_TURNS = 2
"""Who speaks no more often, and waits many times, sends one long answer bit by bit."""


@rule("D53", "Waiting for a delayed acknowledgement", Severity.NOTE, rests_on={Basis.TIMES, Basis.ORDER})
def delayed_acknowledgement(case: Case) -> Verdict | None:
    """An end's words leave in pieces: each at the moment in which the one before is acknowledged, late.

    What it means: the application writes an answer, or a request, in small pieces. Nagle's algorithm keeps the second
    back as long as the first is not acknowledged, and the other end delays its acknowledgement: it waits for more, or
    for something to send with it. Linux and macOS delay it by 40 to 100 ms, Windows by 40 or 200 ms.
    A small stack that has room for one segment at a time does the same to all that it sends.

    Why it matters: each exchange takes so much longer, on the fastest of networks, and neither end is busy.

    Rivals: an application that takes as long by chance; it would not go on in the very moment of the acknowledgement.

    What to do: write each message at once (a buffer, ``writev``, ``TCP_CORK``), or turn Nagle's algorithm off
    (``TCP_NODELAY``) at the end that writes in pieces.

    See it: ``wirestat pcaps/field/every-answer-waits-for-an-acknowledgement/capture.pcap``: 40 ms an answer.

    RFC 9293: 3.7.4 (Nagle's algorithm), 3.8.6.3 (delayed acknowledgements).
    """
    end = next((end for end in case.ends if end.has(Fact.WAITED_FOR_ACK)), None)
    if end is None:
        return None
    waited = end.figure(Fact.WAITED_FOR_ACK) or 0
    if waited < end.record.turns * _EACH:
        return None  # it waited at the beginning, and has not made a habit of it
    is_one_by_one = end.record.turns <= _FEW_TURNS
    return Verdict(
        severity=Severity.INFO if waited < _LITTLE else None,
        grounds=(showing(end, Fact.WAITED_FOR_ACK),),
        doubts=("what its application did in between does not show",),
        fault=end.fault,
        frames=case.evidence(case.connection.first_frame, end.frame(Fact.WAITED_FOR_ACK)),
        explanation=f"{end} waited about {span(waited)} in all for delayed acknowledgements of {end.other}, over "
        f"{some(end.record.turns, _what(end))}: "
        + (
            "it has one segment under way at a time, and sends the next at the moment in which that is acknowledged."
            if is_one_by_one
            else "what it sends leaves in two pieces, the second at the moment in which the first is acknowledged "
            "(Nagle's algorithm)."
        ),
        rivals=(
            *(
                (
                    cause(
                        "a small stack with room for one segment (lwIP, uIP), or a protocol that asks for each"
                    ),
                )
                if is_one_by_one
                else ()
            ),
            cause("an application that writes one message in pieces"),
            *(
                (
                    cause(
                        "a stack that keeps one write under way (a proxy, a tunnel), whole segments or not",
                        "TCP_NODELAY does not help there",
                    ),
                )
                if end.record.bytes > end.record.turns * (end.other.record.mss or _USUAL_MSS)
                else ()
            ),
            unlikely(
                "an application that takes as long", "it would not go on in the moment of the acknowledgement"
            ),
        ),
        advice=advise(
            f"Have {end.address} write each message at once, or set TCP_NODELAY there"
            + (": two full segments are acknowledged at once." if is_one_by_one else "."),
            ss_this(end),
            on(end.other, "nstat -az TcpExtDelayedACKs"),
        ),
    )


def _what(end: End) -> str:
    return "answer" if end.side == "server" else "request"
