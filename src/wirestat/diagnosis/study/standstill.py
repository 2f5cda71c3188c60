"""A stretch of time in which a busy capture holds nothing: it may have stood still, or was joined of several."""

import msgspec

from wirestat.diagnosis.analysis import Analysis
from wirestat.timers import SECOND

_LEAST = 60 * SECOND
"""A shorter standstill changes no judgement."""
_FRAMES = 300
_CONVERSATIONS = 10
"""Fewer conversations may all be silent at once."""
_LONGER = 1_000
"""So many times as long as the frames are apart on the average: no chance."""


class Standstill(msgspec.Struct, frozen=True):
    """Nothing of any kind was captured, though there was much before and after."""

    from_ns: int
    """When it began, in Unix ns."""
    length_ns: int

    @property
    def until_ns(self) -> int:
        """When it ended, in Unix ns."""
        return self.from_ns + self.length_ns


def standstill(analysis: Analysis) -> Standstill | None:
    """Return the longest of the capture, where that is no silence of a few hosts: of one file only."""
    if len(analysis.captures) != 1:
        return None
    capture, summary = analysis.captures[0], analysis.summary
    first, last, began = capture.first_time_ns, capture.last_time_ns, capture.longest_gap_from_ns
    if first is None or last is None or began is None or capture.frames < _FRAMES:
        return None
    if summary.connections + summary.udp_conversations < _CONVERSATIONS:
        return None
    length = capture.longest_gap_ns
    apart = (last - first - length) // capture.frames
    return Standstill(began, length) if length >= max(_LEAST, _LONGER * apart) else None
