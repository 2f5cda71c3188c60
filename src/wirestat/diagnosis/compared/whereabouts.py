"""Where each segment of a connection went, as captures from several points tell together."""

from collections.abc import Iterable
from typing import NamedTuple

from wirestat.crossing import Comparison, Crossing, Fate, Passage
from wirestat.diagnosis.rivals import Rival
from wirestat.model import Fault, Side
from wirestat.words import some

PASSED = (Fate.ARRIVED, Fate.MISSED)
"""Fates of a segment that went all the way."""
_OPTIONS = {"mss", "window-scale", "sack-permitted", "timestamps", "fast-open"}
"""Changes to a SYN for which a device has to mend the checksum."""
_FIRST_TTLS = frozenset({32, 64, 128, 255})
"""The TTLs that systems send with (RFC 1700 recommends 64)."""


class Location(NamedTuple):
    """Where the missing segment is."""

    fault: Fault
    words: str
    diagnosis: str | None = None
    """A better name for what happened, where the missing segment gives one."""
    doubt: str = ""
    """The reason why it is open all the same."""
    rivals: tuple[Rival, ...] = ()
    """Other explanations that the captures rule out or leave open."""
    advice: str = ""
    """The first thing to do, where that is more than to look at the end at fault."""
    is_instead: bool = False
    """Whether the words stand in the place of what one capture told."""


class Whereabouts:
    """The passages of one connection, asked for what became of some of them."""

    def __init__(self, crossing: Crossing, comparison: Comparison) -> None:
        """Testify about ``crossing``."""
        self.crossing = crossing
        self._comparison = comparison

    def sent(self, side: Side, *kinds: str) -> list[Passage]:
        """Return what an end sent itself: what was made in its name on the way is left out."""
        made = (Fate.INJECTED, Fate.DUPLICATED)
        return [
            passage
            for passage in self.crossing.passages
            if passage.sender is side and passage.kind in kinds and passage.fate not in made
        ]

    def speaks_from_between(self, side: Side) -> bool:
        """Whether all that an end said came into the path between two points, and more than resets.

        Words from before a capture began may have, where it holds nothing of the connection.
        """
        said = [one for one in self.crossing.passages if one.sender is side]
        fates = {Fate.INJECTED, Fate.OUTSIDE} if None in self.crossing.names else {Fate.INJECTED}
        return any(one.kind != "RST" for one in said) and all(one.fate in fates for one in said)

    def lost(self, passages: Iterable[Passage]) -> Passage | None:
        """Return the last of those that were lost."""
        return next((one for one in reversed([*passages]) if one.fate is Fate.LOST), None)

    def arrived(self, passages: Iterable[Passage]) -> bool:
        """Whether any came as far as the point nearest to its receiver."""
        return any(one.fate in PASSED for one in passages)

    def changed(self, passages: Iterable[Passage]) -> str:
        """Say what was changed on the way in some of them: the options that ends go by."""
        changes = {
            change.field: f"{change.field.replace('-', ' ')} {change.before} to {change.behind}"
            for one in passages
            for leg in one.legs
            for change in leg.changes
            if change.field in _OPTIONS
        }
        return ", ".join(changes.values())

    def where(self, passage: Passage) -> str:
        """Name the stage in which something happened to a segment."""
        points = self._comparison.points
        return f"between {points[passage.before].name} and {points[passage.behind].name}"

    def stages(self, passages: Iterable[Passage]) -> str:
        """Name all stages in which something happened to some segments."""
        return " and ".join(dict.fromkeys(map(self.where, passages)))

    def without(self, side: Side) -> str:
        """Name a point that counts what an end sent here to another connection, and has nothing of this one."""
        absent = [at for at, names in enumerate(self.crossing.names) if names is None]
        came = any(
            one.fate is Fate.ARRIVED and one.sender is side and len(one.sights) < len(self.crossing.names)
            for one in self.crossing.passages
        )
        return self._comparison.points[absent[0]].name if absent and came else ""

    def is_next_to(self, side: Side) -> bool:
        """Whether the TTLs at the point nearest to an end are as it sends them: no router is in between."""
        point = self._nearest(side)
        ttls = {
            sight.ttl
            for passage in self.crossing.passages
            for sight in passage.sights
            if passage.sender is side and passage.fate is not Fate.INJECTED and sight.point == point
        }
        return bool(ttls) and ttls <= _FIRST_TTLS

    def nearest(self, side: Side) -> str:
        """Name the point nearest to an end."""
        return self._comparison.points[self._nearest(side)].name

    def may_lack_some(self, side: Side) -> str:
        """Say what makes a capture doubtful that is nearest to an end: it lacks segments that surely passed."""
        point = self._nearest(side)
        stages = self._comparison.stages
        missed = sum(stage.total(Fate.MISSED) for stage in stages if stage.behind == point)
        lacks = f"{self.nearest(side)} lacks {some(missed, 'segment')} that passed there"
        return f"{lacks}, and may have missed this as well" if missed else ""

    def hears(self, side: Side) -> bool:
        """Whether the capture nearest to an end holds anything that set out there, of any connection."""
        point = self._nearest(side)
        return any(sum(stage.entered.values()) for stage in self._comparison.stages if stage.before == point)

    def arrivals(self, side: Side, passages: Iterable[Passage]) -> list[int]:
        """Return when they came to the point nearest to an end, in Unix ns, where they were captured there."""
        point = self._nearest(side)
        return [sight.time_ns for one in passages for sight in one.sights if sight.point == point]

    def slowest(self, passage: Passage) -> str:
        """Name the stage that held a segment up for longest."""
        points, leg = self._comparison.points, max(passage.legs, key=lambda one: one.delay_ns)
        return f"between {points[leg.before].name} and {points[leg.behind].name}"

    def _nearest(self, side: Side) -> int:
        path = self.crossing.path
        return path[0] if side is Side.CLIENT else path[-1]
