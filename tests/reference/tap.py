"""The faults of a capture: it begins late, ends early, misses a direction, doubles, reorders."""

from dataclasses import dataclass

from tests.packets.ip import source_of
from tests.wirescript.wire import ADDRESSES

Frames = list[tuple[int, int, bytes]]

MIRROR_NS = 15_000
"""The delay of a mirror port's second copy."""
OVERTAKING_NS = 100_000
"""Frames this close may be captured in the other order, as by two queues of one adapter."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A capture and its faults."""

    begins: int = 0
    """The number of frames that passed before it began."""
    only: str = "AB"
    """The ends whose frames it captures."""
    doubles: bool = False
    """Whether it has each frame twice."""
    reorders: bool = False
    """Whether frames in quick succession may be swapped."""

    def capture(self, passed: Frames) -> Frames:
        """Return the frames that the capture holds."""
        addresses = {ADDRESSES[4][name] for name in self.only}
        frames = [frame for frame in passed[self.begins :] if source_of(frame[2]) in addresses]
        if self.doubles:
            copies = [(time + MIRROR_NS, length, frame) for time, length, frame in frames]
            frames = sorted(frames + copies, key=lambda frame: frame[0])
        if self.reorders:
            frames = swapped(frames)
        return frames


def swapped(frames: Frames) -> Frames:
    """Swap close neighbours, but keep the times in order."""
    swapped = list(frames)
    for first in range(0, len(frames) - 1):
        (earlier, _, one), (later, _, other) = swapped[first], swapped[first + 1]
        if later - earlier < OVERTAKING_NS and source_of(one) != source_of(other):
            swapped[first] = (earlier, len(other), other)
            swapped[first + 1] = (later, len(one), one)
    return swapped
