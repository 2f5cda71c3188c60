"""How observed transitions conform to those that RFC 9293 documents."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from wirestat.names import spell
from wirestat.report.build import Report
from wirestat.report.conformance import Conformance, Observed, Statement
from wirestat.report.layout import GAP, View, more, paragraph
from wirestat.words import some

_TITLE = "beside RFC 9293: "
_RESETS = "note 3"
"""Figure 5 covers resets only in its third note: they are possible in every state, so not seeing one means little."""


def lines(report: Report, view: View) -> Iterator[str]:
    """Yield the counts and every undocumented change of state; in full also the changes never seen."""
    conformance = report.conformance
    if not report.summary.connections:
        return
    first, *rest = paragraph(_TITLE + _counts(conformance), "", view.width, hang=GAP)
    yield view.paint("title", _TITLE) + first.removeprefix(_TITLE)
    yield from rest
    odd = conformance.undocumented
    for row in odd[: view.limit]:
        yield from paragraph(_undocumented(row, view), GAP, view.width, hang=GAP)
    yield from more(len(odd[: view.limit]), len(odd), view)
    if not view.full:
        return
    if gaps := sum(row.count for row in conformance.not_comparable):
        yield f"{GAP}{some(gaps, 'change')} to or from UNKNOWN cannot be compared"
    if conformance.documented and (unseen := _by_origin(conformance.never_seen, view)):
        for line in paragraph(f"never seen: {', '.join(unseen)}", GAP, view.width, hang=GAP):
            yield view.paint("faint", line)


def _counts(conformance: Conformance) -> str:
    seen = len(conformance.documented)
    missing = {(row.from_state, row.to) for row in conformance.never_seen if not row.silent}
    times = some(sum(row.count for row in conformance.documented), "time")
    odd = len(conformance.undocumented) or "none"
    return f"{seen} of {seen + len(missing)} documented changes of state seen, {times}; {odd} undocumented"


def _by_origin(unseen: Iterable[Statement], view: View) -> list[str]:
    """Write the changes of Figure 5 that this capture does not show, joined by their first state."""
    targets: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for statement in unseen:
        if "Figure 5" in statement.section and _RESETS not in statement.section and not statement.silent:
            targets[spell(statement.from_state, view.names)][spell(statement.to, view.names)] = None
    return [f"{origin}→{'|'.join(names)}" for origin, names in targets.items()]


def _undocumented(row: Observed, view: View) -> str:
    change = f"{spell(row.from_state, view.names)}→{spell(row.to, view.names)}"
    where = ", ".join(f"#{id}" for id in row.examples)
    return f"not documented: {change}, {some(row.count, 'time')}, in {where}"
