"""The differences, for people: a line a change, the worst first."""

from collections import Counter
from collections.abc import Iterator, Sequence

from wirestat.diff.changes import CONNECT, CONNECTIONS, FINDING, VERDICTS, Shift
from wirestat.report.layout import View, more, table
from wirestat.spans import span
from wirestat.words import some


def lines(changes: Sequence[Shift], services: tuple[int, int], view: View) -> Iterator[str]:
    """Yield it line by line."""
    counts = Counter(change.verdict for change in changes)
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS if counts[verdict])
    before, after = (some(number, "service") for number in services)
    head = f"{before} before, {after} after: {told or 'nothing differs beyond chance'}"
    yield view.paint("title", head)
    if not changes:
        return
    yield ""
    rows = [("", "service", "what", "before", "after", "of", "chance")]
    for change in changes[: view.limit]:
        of = f"{change.before_cases:,} and {change.after_cases:,}"
        chance = "" if change.chance is None else _chance(change.chance)
        rows.append(
            (
                change.verdict, change.service, change.measure, _value(change, change.before),
                _value(change, change.after), of, chance,
            )
        )  # fmt: skip
    heading, *body = table(rows, "<<<>>>>", indent="")
    yield view.paint("faint", heading)
    yield from body
    yield from more(len(rows) - 1, len(changes), view)


def _value(change: Shift, value: float | None) -> str:
    if value is None:
        return "none"
    if change.measure == CONNECT:
        return span(round(value))
    if change.measure == CONNECTIONS or change.measure.startswith(FINDING):
        return f"{value:,.0f}"
    return f"{value:.1%}"


def _chance(chance: float) -> str:
    return "below 0.0001" if chance < 0.0001 else f"{chance:.4f}"
