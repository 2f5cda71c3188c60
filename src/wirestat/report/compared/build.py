"""A comparison as a finished value: the report on all captures together, and what tells them apart."""

import msgspec

from wirestat.crossing import Comparison
from wirestat.report.build import Report


class Compared(msgspec.Struct, frozen=True):
    """All that there is to say about several captures of the same traffic."""

    report: Report
    """The ends' states are those that the capture nearest to each end shows."""
    comparison: Comparison

    def name(self, point: int) -> str:
        """Return what the point is called."""
        return self.comparison.points[point].name

    def stage(self, before: int, behind: int) -> str:
        """Name a stage: ``client.pcap → server.pcap``."""
        return f"{self.name(before)} → {self.name(behind)}"

    def frame(self, number: int) -> tuple[int, int]:
        """Return the point, and the number in its own capture, of a frame that the report names.

        The report counts frames on from capture to capture.
        """
        for point, one in enumerate(self.comparison.points):
            if number <= one.frames:
                return point, number
            number -= one.frames
        return len(self.comparison.points) - 1, number
