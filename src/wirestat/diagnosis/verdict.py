"""What a rule says about one connection, before doubt is cast and before like verdicts are joined."""

from typing import Any

import msgspec

from wirestat.model import Confidence, Fault, Severity


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One rule's judgement of one connection, or of a capture as a whole."""

    confidence: Confidence
    fault: Fault
    explanation: str
    """What happened here, in one or two sentences with this case's numbers."""
    rivals: tuple[str, ...] = ()
    """What else it might have been, each with why it is ruled out or still open."""
    advice: str
    """What to do; then the commands that tell more, one a line (``wirestat.diagnosis.advice``)."""
    frames: tuple[int, ...] = ()
    doubts: tuple[str, ...] = ()
    """Why the rule itself is not certain, each in a phrase; what is wrong with the capture is added later."""
    severity: Severity | None = None
    """Where it is not the rule's usual one."""


class Overall(Verdict, frozen=True, kw_only=True):
    """A judgement of a capture, a server or an address rather than of one connection."""

    display_filter: str = ""
    count: int = 1
    """How many connections it speaks of."""
    examples: tuple[int, ...] = ()
    """Ids of some of them."""
    replaces: frozenset[str] = frozenset()
    """Diagnoses that it includes, for the connections that it absorbs."""
    absorbs: frozenset[int] = frozenset()
    """Ids of the connections, as far as signatures name them."""


def overall(verdict: Verdict, **changes: Any) -> Overall:
    """Return a verdict on a connection as one that may speak of several, with some of its fields changed."""
    return Overall(**(msgspec.structs.asdict(verdict) | changes))
