"""The rest of a message that comes a fifth of a second late: a cork held it."""

from wirestat.diagnosis.advice import advise, ss_this
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.registry import Basis, rule
from wirestat.diagnosis.rivals import cause, ruled_out
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import Severity
from wirestat.vocabulary import Fact
from wirestat.words import some


@rule("D65", "Last piece held back", Severity.NOTE, rests_on={Basis.TIMES})
def held_back(case: Case) -> Verdict | None:
    """An end sends full segments at once, and the rest of its message about 200 ms later, again and again.

    What it means: the application has set ``TCP_CORK`` on Linux (or ``MSG_MORE``), or what it sends with does so for
    it (``sendfile``), and has not taken the cork out when the message was whole. The kernel then keeps what does not
    fill a segment for 200 ms.

    Why it matters: each message takes a fifth of a second, on the fastest of networks, and neither end is busy.

    Rivals: Nagle's algorithm with a delayed acknowledgement (D53): then the rest leaves in the moment in which what
    came before it is acknowledged. An application that pauses for 200 ms by itself.

    What to do: take the cork out after each message, or set ``TCP_NODELAY``, which sends what is held.

    See it: no capture is kept: the rule is tested on played conversations.

    RFC 9293: none; 3.7.4 is about Nagle's algorithm.
    """
    end = next((end for end in case.ends if end.has(Fact.HELD_BACK)), None)
    if end is None or case.has(Fact.ONE_WAY, Fact.FRAMES_MISSING, Fact.REORDERED_BY_TAP):
        return None
    times, message = end.figure(Fact.HELD_BACK) or 0, "answer" if end is case.server else "request"
    return Verdict(
        weak=True,
        grounds=(showing(end, Fact.HELD_BACK),),
        doubts=("what its application did in between does not show",),
        fault=end.fault,
        measure=times,
        frames=case.evidence(case.connection.first_frame, end.frame(Fact.HELD_BACK)),
        explanation=f"{end} sent full segments at once and the rest of its {message} about 0.2 s later, on "
        f"{times} of {some(end.record.turns, message)}, though {end.other} had acknowledged everything "
        "before: the time for which TCP_CORK of Linux holds what fills no segment.",
        rivals=(
            cause("TCP_CORK or MSG_MORE, and nobody takes the cork out when the message is whole"),
            cause("an application that waits for 200 ms before it writes the rest"),
            ruled_out("Nagle's algorithm (D53)", "all before was acknowledged long ago"),
        ),
        advice=advise(
            f"Have {end.address} take the cork out after each message, or set TCP_NODELAY then.",
            ss_this(end),
        ),
    )
