"""A comparison as a finished value: the report on all captures together, and their differences."""

import msgspec

from wirestat.crossing import Comparison
from wirestat.report.build import Report


class Compared(msgspec.Struct, frozen=True):
    """The complete comparison of several captures of the same traffic."""

    report: Report
    """The report; each end's states come from the capture nearest to it."""
    comparison: Comparison

    def name(self, point: int) -> str:
        """Return the name of a point."""
        return self.comparison.points[point].name

    def stage(self, before: int, behind: int) -> str:
        """Name a stage: ``client.pcap → server.pcap``."""
        return f"{self.name(before)} → {self.name(behind)}"

    def frame(self, number: int) -> tuple[int, int]:
        """Return the point of a frame of the report, and its number in that capture.

        The report counts frames on from capture to capture.
        """
        for point, one in enumerate(self.comparison.points):
            if number <= one.frames:
                return point, number
            number -= one.frames
        return len(self.comparison.points) - 1, number
