"""The time before a reset: a close, a silence, an answer of a front end, and whether it ended anything at all."""

from bisect import bisect_left

from wirestat.diagnosis.case import End
from wirestat.model import Sighting, State
from wirestat.vocabulary import Fact

_FIRST_TTLS = (64, 128)
"""The TTLs that Unix and Windows begin with; above that are routers, and stacks of their own (255)."""


def ended_silence(end: End) -> int | None:
    """Return the silence, in ns, that a reset of this end broke."""
    if not end.has(Fact.IDLE_GAP):
        return None
    gap, reset = end.fact(Fact.IDLE_GAP), end.fact(Fact.RST_SENT)
    return gap.figure if gap is not None and reset is not None and gap.frame == reset.frame else None


def front_end(end: End) -> str:
    """Say that the reset came from whoever answered the SYN, and not from who sent the data, as its TTL may tell."""
    opened, reset = end.figure(Fact.SYN_ACK_TTL_DIFFERS), end.figure(Fact.RST_SENT)
    if opened is None or opened != reset or end.has(Fact.SYN_ACK_TTL_AGAIN):
        return ""
    if end.ttls_take_turns and _is_of_one_stack(opened, end.record.ttl or 0):
        return ""  # two ways, or two machines alike
    others = "the data" if end.record.bytes else "what else it sent"
    return (
        f" The reset has the TTL of the SYN-ACK ({opened}), and {others} came with {end.record.ttl}: the front end "
        "that answered the SYN reset it."
    )


def _is_of_one_stack(ttl: int, other: int) -> bool:
    """Say whether two TTLs have come down from the same first one, as those of one stack have by whatever way."""
    return bisect_left(_FIRST_TTLS, ttl) == bisect_left(_FIRST_TTLS, other)


def had_closed(closer: End, resetter: End) -> bool:
    """Say whether an end had sent its FIN when the other, or itself, sent the reset."""
    return closed_before(closer, resetter.fact(Fact.RST_SENT))


def closed_before(closer: End, seen: Sighting | None) -> bool:
    """Say whether an end had sent its FIN before something showed."""
    fin = closer.fact(Fact.FIN_SENT)
    return fin is not None and seen is not None and fin.moment < seen.moment


def had_no_effect(end: End) -> bool:
    """Say whether the first reset of an end was none that the other has to accept (D28), and ended neither."""
    if not end.has(Fact.RST_IN_WINDOW, Fact.RST_OUT_OF_WINDOW):
        return False
    first, aborts = end.frame(Fact.RST_SENT), end.frame(Fact.RST_ABORTS)
    if first == aborts and end.state is end.other.state is State.CLOSED:
        return False
    return first in (end.frame(Fact.RST_IN_WINDOW), end.frame(Fact.RST_OUT_OF_WINDOW))
