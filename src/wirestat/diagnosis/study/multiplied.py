"""Frames that the network multiplies, as the hosts report that get them: copies that are none of the tap's."""

from wirestat.summary import Signature, Summary
from wirestat.vocabulary import Fact

MANY = 100
"""Fewer copies are an accident of the network."""
_SEVERAL = 2
"""Connections: the network multiplies frames of all that pass, and a single one may be an accident."""


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
