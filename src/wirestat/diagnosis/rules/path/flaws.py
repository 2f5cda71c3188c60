"""A flaw in what an end sends: what is found about it, before D45 makes it a verdict."""

from typing import NamedTuple

from wirestat.diagnosis.case import End
from wirestat.diagnosis.rivals import Rival
from wirestat.model import Fault, Severity
from wirestat.vocabulary import Fact


class SegmentFlaw(NamedTuple):
    """A flaw in the segments of an end, and its effect."""

    end: End
    fact: Fact
    what: str
    fault: Fault
    rivals: tuple[Rival, ...]
    advice: str
    doubts: tuple[str, ...] = ()
    weak: bool = False
    severity: Severity | None = None
