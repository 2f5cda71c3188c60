"""A comparison for an engineer in a hurry: what is wrong, and between which two points it went wrong."""

from collections.abc import Callable, Iterator

from wirestat.report.compared import clocks, journeys, stages
from wirestat.report.compared.build import Compared
from wirestat.report.layout import View
from wirestat.report.sections import captures, findings, fitness, states, stopped, verdict

_Section = Callable[[Compared, View], Iterator[str]]

HEAD: tuple[_Section, ...] = (
    lambda compared, view: verdict.lines(compared.report, view),
    lambda compared, view: captures.lines(compared.report, view),
    clocks.lines,
    lambda compared, view: fitness.lines(compared.report, view),
    lambda compared, view: states.lines(compared.report, view),
    stages.lines,
    lambda compared, view: findings.lines(compared.report, view),
)
"""The sections from top to bottom; each yields its lines, possibly none."""

SINGLE: tuple[_Section, ...] = (lambda compared, view: stopped.lines(compared.report, view),)
"""The sections about single connections, after the incidents on the way."""


def _journeys(chosen: bytes | None) -> _Section:
    return lambda compared, view: journeys.lines(compared, view, chosen)


def render(
    compared: Compared, view: View, *, singles: bool = True, chosen: bytes | None = None
) -> Iterator[str]:
    """Yield the comparison line by line, an empty line between sections; without ``singles`` only what is common.

    ``chosen`` has a byte for each connection in the order of ids: incidents of those with a 0 are left out.
    """
    separate = False
    for section in (*HEAD, _journeys(chosen), *SINGLE) if singles else HEAD:
        for line in section(compared, view):
            if separate:
                yield ""
                separate = False
            yield line
        separate = True
