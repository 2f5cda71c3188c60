"""How what was observed compares with what RFC 9293 documents."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from wirestat.names import spell
from wirestat.report.build import Report
from wirestat.report.conformance import Observed, Statement
from wirestat.report.layout import GAP, View, more, paragraph
from wirestat.report.words import count


def lines(report: Report, view: View) -> Iterator[str]:
    """Give the counts, what was never seen, and every change of state that the RFC does not know."""
    comparison = report.conformance
    if not report.summary.connections:
        return
    kinds, times = len(comparison.documented), sum(row.count for row in comparison.documented)
    yield view.paint("title", "beside RFC 9293: ") + (
        f"{count(kinds, 'documented change')} of state seen {count(times, 'time')}, "
        f"{count(len(comparison.undocumented), 'undocumented one')}"
    )
    for row in comparison.undocumented[: view.limit]:
        yield from paragraph(_undocumented(row, view), GAP, view.width)
    yield from more(
        len(comparison.undocumented[: view.limit]), len(comparison.undocumented), "--limit 0 shows all"
    )
    if gaps := sum(row.count for row in comparison.not_comparable):
        yield f"{GAP}{count(gaps, 'change')} to or from UNKNOWN cannot be compared"
    if kinds and (unseen := _by_origin(comparison.never_seen, view)):
        yield from paragraph(f"never seen: {', '.join(unseen)}", GAP, view.width, hang=GAP)


def _by_origin(unseen: Iterable[Statement], view: View) -> list[str]:
    """Write what a capture could show and this one does not, one word for all that leads from one state."""
    targets: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for statement in unseen:
        if not statement.silent:
            targets[spell(statement.from_state, view.names)][spell(statement.to, view.names)] = None
    return [f"{origin}→{'|'.join(names)}" for origin, names in targets.items()]


def _arrow(change: Observed, view: View) -> str:
    return f"{spell(change.from_state, view.names)}→{spell(change.to, view.names)}"


def _undocumented(row: Observed, view: View) -> str:
    where = ", ".join(f"#{id}" for id in row.examples)
    return f"not documented: {_arrow(row, view)}, {count(row.count, 'time')}: connections {where}"
