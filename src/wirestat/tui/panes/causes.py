"""The list of causes: what is wrong, for how many connections of how many, since when, and its trend."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from wirestat.diagnosis.finding import is_about_capture
from wirestat.model import Finding, Severity
from wirestat.names import Dialect, respell
from wirestat.report.build import Report
from wirestat.report.handles import Identity, handles, identity
from wirestat.report.sections.causes import how_many
from wirestat.tui.cells import Cell, ListColumn, fit, segments, short, titles
from wirestat.tui.listing import Line
from wirestat.tui.styles import FAINT, GOOD, PLAIN, SEVERITIES

_NOUN = re.compile(" connections?$")
"""The heading says it."""
GROWS_NS = 10 * 10**9
"""A cause grows if it took more connections within this time."""
_COLUMNS = (
    ListColumn("", 7),
    ListColumn("cause", 24, most=70),
    ListColumn("where", 15, "<", 3, most=43),
    ListColumn("connections", 14, "<", 1, most=26),
    ListColumn("since", 5, ">", 2),
    ListColumn("", 10, "<", 4),
)


class Cause(msgspec.Struct):
    """One cause, from its first finding to its last."""

    name: str
    """``D05.2``: its name in the last report that had it."""
    finding: Finding
    since_ns: int
    count: int
    """The number of connections at the last growth check."""
    grew_ns: int
    """When it last took more."""
    over_ns: int | None = None
    """When it was closed; ``None`` while it is open."""


class Causes:
    """All causes since the beginning: open ones first, the most severe at the top."""

    def __init__(self, names: Dialect, *, is_live: bool) -> None:
        """Begin with none; only live causes grow or close."""
        self._is_live = is_live
        self.empty = "nothing is wrong so far"
        self._names = names
        self._known: dict[Identity, Cause] = {}
        self._rows: list[Cause] = []
        self._now_ns = 0

    def learn(self, report: Report) -> None:
        """Take a new report."""
        now_ns = self._now_ns = report.end_ns
        found = {
            identity(finding): (name, finding)
            for name, finding in handles(report).items()
            if not finding.asks_nothing and not _is_remark(finding)
        }
        for which, (name, finding) in found.items():
            cause = self._known.get(which)
            if cause is None:
                since_ns = finding.since_ns or now_ns
                self._known[which] = Cause(name, finding, since_ns, finding.count, now_ns)
                continue
            if finding.count > cause.count:
                cause.grew_ns = now_ns
            cause.name, cause.finding, cause.count, cause.over_ns = name, finding, finding.count, None
        for which, cause in self._known.items():
            if which not in found and cause.over_ns is None:
                cause.over_ns = now_ns
        self._rows = sorted(self._known.values(), key=_urgency)

    def __len__(self) -> int:
        return len(self._rows)

    def height(self, width: int) -> int:
        """Take one line."""
        return 1

    def key(self, row: int) -> Identity:
        """Return what the cause is about."""
        return identity(self._rows[row].finding)

    def find(self, which: Identity) -> Cause | None:
        """Return a cause by its key."""
        return self._known.get(which)

    def heading(self, width: int) -> list[Line]:
        """Name the columns."""
        return [titles(_COLUMNS, width)]

    def lines(self, row: int, width: int) -> Sequence[Line]:
        """Draw a cause."""
        cause = self._rows[row]
        finding = cause.finding
        is_over = cause.over_ns is not None
        style = FAINT if is_over else SEVERITIES[finding.severity]
        plain = FAINT if is_over else PLAIN
        cells = [
            Cell(finding.severity, style),
            Cell(f"{cause.name} {respell(finding.title, self._names)}", style),
            Cell(finding.where, plain),
            Cell("" if is_about_capture(finding) else _how_many(finding), plain),
            Cell(short(self._now_ns - cause.since_ns), FAINT),
            self._course(cause),
        ]
        return [segments(_COLUMNS, fit(_COLUMNS, width), cells)]

    def _course(self, cause: Cause) -> Cell:
        if cause.over_ns is not None:
            return Cell(f"over {short(self._now_ns - cause.over_ns)}", GOOD)
        if (
            self._is_live
            and cause.count > 1
            and self._now_ns - cause.grew_ns < GROWS_NS
            and cause.grew_ns > cause.since_ns
        ):
            return Cell("growing", SEVERITIES[Severity.WARNING])
        return Cell("", FAINT)


def _urgency(cause: Cause) -> tuple[bool, int, int]:
    return cause.over_ns is not None, -cause.finding.severity.rank, -cause.finding.count


def _is_remark(finding: Finding) -> bool:
    """Whether a finding is a mere remark on the capture: the pane of the capture shows those."""
    return is_about_capture(finding) and finding.severity is Severity.INFO


def _how_many(finding: Finding) -> str:
    return _NOUN.sub("", how_many(finding))
