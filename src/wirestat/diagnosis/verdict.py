"""A rule's verdict on one connection, before it is weighed and before like verdicts are joined."""

from typing import Any

import msgspec

from wirestat.diagnosis.grounds import Ground
from wirestat.diagnosis.members import Look
from wirestat.diagnosis.places import NOWHERE, Place
from wirestat.diagnosis.rivals import Rival
from wirestat.model import Fault, Severity


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """The content of every verdict. How sure it is follows from that (``wirestat.diagnosis.certainty``)."""

    fault: Fault
    explanation: str
    """The event, in one or two sentences with this case's numbers."""
    rivals: tuple[Rival, ...] = ()
    """Other explanations."""
    advice: str
    """The remedy; then the commands that tell more, one a line (``wirestat.diagnosis.advice``)."""
    frames: tuple[int, ...] = ()
    doubts: tuple[str, ...] = ()
    """Reasons against being certain, each in a phrase; defects of the capture are added later."""
    weak: bool = False
    """Whether its signs are but a hint, which its doubts explain: it is never more than possible."""
    severity: Severity | None = None
    """Where it is not the rule's usual one."""
    asks_nothing: bool = False
    """Whether its advice is to do nothing, or nothing unless something else is wrong."""


class Verdict(Judgement, frozen=True, kw_only=True):
    """One rule's judgement of one connection."""

    grounds: tuple[Ground, ...]
    """The states and facts that it rests on."""
    kind: str = ""
    """Verdicts of one rule that are of different kinds are not joined."""
    is_of_host: bool = False
    """Whether verdicts on several ports of one host are one event."""
    is_of_client: bool = False
    """Whether verdicts on one client are one event, whomever it asked."""
    tells_of_instant: bool = False
    """Whether it says itself what else ended at that instant."""
    measure: int | None = None
    """The length of time that others would have to show as well to bear it out, in ns."""


class Overall(Judgement, frozen=True, kw_only=True):
    """A judgement of a capture, a server or an address rather than of one connection."""

    display_filter: str = ""
    count: int = 1
    """How many connections it speaks of."""
    examples: tuple[int, ...] = ()
    """Ids of some of them."""
    replaces: frozenset[str] = frozenset()
    """Diagnoses that it includes, for the connections that it absorbs."""
    absorbs: frozenset[int] = frozenset()
    """Ids of those connections, as far as signatures name them."""
    place: Place = NOWHERE
    """Where and since when; where a rule does not say so, its examples tell."""
    is_for_one_point: bool = False
    """Whether captures at several points tell better what became of each of its connections."""
    looks: frozenset[Look] = frozenset()
    """The signatures of all its connections, where those are more than its examples."""


def overall(verdict: Verdict, **changes: Any) -> Overall:
    """Return a verdict on a connection as one that may speak of several, with some of its fields changed."""
    kept = {name: getattr(verdict, name) for name in Judgement.__struct_fields__}
    return Overall(**(kept | changes))
