"""Losses that cost more each time: a timer that acknowledgements do not set back."""

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.spans import span
from wirestat.vocabulary import Fact

_UNFIT = (Fact.ONE_WAY, Fact.FRAMES_MISSING)


def longer_waits(case: Case) -> Verdict | None:
    """Judge an end that lets more time pass before it makes up for each loss than for the one before."""
    end = next((end for end in case.ends if end.has(Fact.BACKS_OFF_LONGER)), None)
    if end is None or case.has(*_UNFIT):
        return None
    if end.other.has(Fact.ZERO_WINDOW):
        return None  # it was told to wait (D23)
    took = end.figure(Fact.BACKS_OFF_LONGER) or 0
    return Verdict(
        kind="longer each time",
        grounds=(showing(end, Fact.BACKS_OFF_LONGER, Fact.DATA_RESENT),),
        doubts=("one capture does not tell where the data are lost",),
        fault=end.fault,
        measure=took,
        frames=case.evidence(end.frame(Fact.DATA_RESENT), end.frame(Fact.BACKS_OFF_LONGER)),
        explanation=f"{end} waits longer each time before it sends lost data again, by half or more, and waited "
        f"at least {span(took)} in all. {end.other.subject} acknowledged what came in between at once, and that has "
        "to set the timer back (RFC 6298, 5.3): its back-off is kept from one loss to the next.",
        rivals=(
            cause("a mistake of its stack: the back-off of the timer is not undone by an acknowledgement"),
            unlikely("a round trip that grows", "the acknowledgements come as soon as before"),
        ),
        advice=advise(
            f"See whether the stack of {end.address} has an update; fewer losses make it less bad.",
            capture_at(end.other),
            ss_this(end.other),
        ),
    )
