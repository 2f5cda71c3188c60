"""FINs without the flag ACK, which each segment of an open connection has to bear: nobody takes them."""

from wirestat.diagnosis.advice import advise, capture_at, ss_this
from wirestat.diagnosis.case import Case
from wirestat.diagnosis.grounds import showing
from wirestat.diagnosis.rivals import cause, unlikely
from wirestat.diagnosis.verdict import Verdict
from wirestat.model import State
from wirestat.vocabulary import Fact
from wirestat.words import some

_AGAIN = 2
"""One may be anybody's: whoever closes sends it again."""


def lone_fins(case: Case) -> Verdict | None:
    """Judge an end that closes again and again with a FIN that bears no ACK."""
    closer = next((end for end in case.ends if (end.figure(Fact.NO_ACK_BIT) or 0) >= _AGAIN), None)
    if closer is None or closer.has(Fact.FIN_SENT) or case.has(Fact.MID_STREAM):
        return None
    sent = closer.figure(Fact.NO_ACK_BIT) or 0
    state, after = State.FIN_WAIT1, ""
    if closer.other.has(Fact.FIN_SENT):
        state, after = State.LAST_ACK, f" {closer.other.subject} had closed before."
    return Verdict(
        kind="without ACK",
        grounds=(showing(closer, Fact.NO_ACK_BIT),),
        doubts=("somebody else could have sent them in its name; their TTL and number are its own",),
        fault=closer.fault,
        frames=case.evidence(closer.frame(Fact.NO_ACK_BIT), case.connection.last_frame),
        explanation=f"{closer} closes with a FIN without ACK, {some(sent, 'time')} so far: what lacks the flag "
        f"ACK is dropped without a word (RFC 9293, 3.10.7.4), so {closer.other} does not hear of the close. "
        f"{closer.subject} itself is in {state} by its own count.{after}",
        rivals=(
            cause("a mistake of its stack: the flag ACK has to be set on all but the first SYN"),
            unlikely("the FIN is lost on the way", "its copies would be answered"),
        ),
        advice=advise(
            f"See whether the stack of {closer.address} has an update; until then, {closer.other} has to give such "
            "connections up by a time-out.",
            capture_at(closer.other),
            ss_this(closer.other),
        ),
    )
