"""Frames that the network multiplies, as the hosts report that get them: copies that are none of the tap's."""

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.shown import figure
from wirestat.model import Connection, Side
from wirestat.summary import Signature, Summary
from wirestat.vocabulary import Fact

MANY = 100
"""Fewer copies are an accident of the network."""
_SEVERAL = 2
"""Connections: the network multiplies frames of all that pass, and a single one may be an accident."""


_UNCOUNTED = {Fact.OVERSIZED_SEGMENTS, Fact.FRAMES_MISSING, Fact.MID_STREAM, Fact.ONE_WAY}
"""Where a sender may repeat more segments than the capture shows."""
_MORE = 10
"""So many reports for each segment that was sent again are not of those."""


def got_twice(analysis: Analysis) -> list[tuple[Connection, int]]:
    """Return connections whose ends report far more segments twice (D-SACK) than were sent again, and how many more;
    none where they are few, or where all connections cannot be gone through."""
    if not is_few(analysis) or not any(_reports_copies(one) for one in analysis.summary.signatures):
        return []
    found = [(one, more) for one in analysis.connections() if (more := _beyond_repeats(one))]
    return found if len(found) >= _SEVERAL and sum(more for _, more in found) >= MANY else []


def _reports_copies(one: Signature) -> bool:
    return Fact.GOT_TWICE in one.client_facts or Fact.GOT_TWICE in one.server_facts


def _beyond_repeats(one: Connection) -> int:
    """Count the segments that an end got twice and the other did not send again, where those are most of them."""
    if any(seen.fact in _UNCOUNTED for seen in one.facts):
        return 0
    pairs = ((Side.CLIENT, one.server), (Side.SERVER, one.client))
    more = 0
    for side, sender in pairs:
        reported = figure(one, Fact.GOT_TWICE, side) or 0
        if reported > _MORE * sender.retransmitted_frames:
            more += reported - sender.retransmitted_frames
    return more


def with_multiplied_frames(summary: Summary) -> list[Signature]:
    """Return the signatures of connections whose frames were multiplied; none where few were, or few times."""
    marked = [one for one in summary.signatures if _is_multiplied(one)]
    is_told = summary.duplicate_frames >= MANY and sum(one.count for one in marked) >= _SEVERAL
    return marked if is_told else []


def _is_multiplied(one: Signature) -> bool:
    """Say whether copies of an end's packets came late, and its receiver reports octets that it got twice."""
    both = ((one.client_facts, one.server_facts), (one.server_facts, one.client_facts))
    return Fact.FRAMES_DUPLICATED in one.facts and any(
        Fact.COPIED_LATER in sender and Fact.GOT_TWICE in receiver for sender, receiver in both
    )
