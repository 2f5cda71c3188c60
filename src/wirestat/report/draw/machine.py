"""The diagram of RFC 9293, Figure 5: plain, or with the number of times a capture shows each arrow."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from math import log10

from wirestat import rfc9293
from wirestat.model import State
from wirestat.names import Dialect, spell
from wirestat.report.build import Report
from wirestat.report.conformance import RFC_NAMES, STATES, Conformity, Observed
from wirestat.report.draw.figure import BELOW, HALF_HEIGHT, HALF_WIDTH, HEIGHT, PLACES, WIDTH, Way, way
from wirestat.report.draw.svg import document, element, label, titled
from wirestat.report.layout import table

_FOOT = 44
"""Room for the words below the diagram."""
_EVENT = 16
"""Maximum columns of an arrow's label line."""


def documented(names: Dialect, ground: str = "auto") -> Iterator[str]:
    """Yield the figure, each arrow with its event and action."""
    parts = []
    for arrow in rfc9293.ARROWS:
        origin, target = STATES[arrow.origin], STATES[arrow.target]
        drawn, is_known = way(origin, target)
        if not is_known or rfc9293.FIGURE_5 not in arrow.section or "note 3" in arrow.section:
            continue
        parts.append(_arrow(drawn, "s-faint", "faint", f"{arrow.event}: RFC 9293, {arrow.section}"))
        action = "" if arrow.action == "-" else arrow.action
        parts += _words(drawn, textwrap.wrap(arrow.event, _EVENT), action)
    parts += _boxes(names, with_unknown=False)
    parts.append(
        _foot(
            "What happens, and below it what the end does. Resets and time-outs lead to CLOSED from everywhere."
        )
    )
    about = "; ".join(f"{one.origin} to {one.target} on {one.event}" for one in rfc9293.ARROWS[:21])
    yield from document((WIDTH, HEIGHT + _FOOT), "The states of TCP, RFC 9293 Figure 5", about, parts, ground)


def counted(report: Report, names: Dialect, ground: str = "auto") -> Iterator[str]:
    """Yield the diagram with the changes seen and their counts, those never seen, and undocumented ones."""
    comparison = report.conformance
    seen = [*comparison.documented, *comparison.undocumented, *comparison.not_comparable]
    made = {(row.from_state, row.to) for row in seen}
    parts = []
    for origin in State:
        for target in State:
            drawn, is_known = way(origin, target)
            if is_known and (origin, target) not in made:
                parts.append(_arrow(drawn, "s-line", "faint", f"{origin} to {target}: never seen", thick=1))
    parts += [_seen(row) for row in seen]
    parts += _boxes(names, with_unknown=any(State.UNKNOWN in pair for pair in made))
    parts += [
        label(f"{row.count:,}", *_at(row), "f-ink strong halo large", way(row.from_state, row.to)[0].anchor)
        for row in seen
    ]
    parts.append(
        _foot(
            "Thick arrows were walked, and say how often. Thin ones were never seen, dashed ones are undocumented."
        )
    )
    about = (
        ", ".join(f"{row.from_state} to {row.to} {row.count:,} times" for row in seen) or "nothing was seen"
    )
    yield from document((WIDTH, HEIGHT + _FOOT), "Changes of state beside RFC 9293", about, parts, ground)


def mermaid(report: Report, names: Dialect) -> Iterator[str]:
    """Yield the observed changes as a state diagram, for documents that render it."""
    comparison = report.conformance
    yield "stateDiagram-v2"
    for row in (*comparison.documented, *comparison.undocumented, *comparison.not_comparable):
        odd = ", not documented" if row.standing is Conformity.UNDOCUMENTED else ""
        yield f"    {_key(row.from_state, names)} --> {_key(row.to, names)}: {row.count:,}{odd}"


def text(report: Report, names: Dialect) -> Iterator[str]:
    """Yield a line for each observed change of state, with its count and the RFC's section."""
    comparison = report.conformance
    rows = [
        (
            f"{spell(row.from_state, names)} → {spell(row.to, names)}",
            f"{row.count:,}",
            "; ".join(row.sections) or str(row.standing),
        )
        for row in (*comparison.documented, *comparison.undocumented, *comparison.not_comparable)
    ]
    if not rows:
        yield "no change of state was seen"
        return
    yield from table(rows, "<><", indent="")


def _key(state: State, names: Dialect) -> str:
    return spell(state, names).replace("-", "_")


def _at(row: Observed) -> tuple[float, float]:
    drawn, _ = way(row.from_state, row.to)
    return drawn.x, drawn.y + 4


def _seen(row: Observed) -> str:
    drawn, _ = way(row.from_state, row.to)
    is_odd = row.standing is Conformity.UNDOCUMENTED
    where = "; ".join(row.sections) or ("not documented" if is_odd else "a gap in the capture")
    words = f"{row.from_state} to {row.to}: {row.count:,} times, {where}"
    kind = "bad" if is_odd else "ink"
    thick = 1.4 + min(3.0, log10(row.count + 1) * 0.8)
    return _arrow(drawn, f"s-{kind}", kind, words, thick, "6 4" if is_odd else None)


def _arrow(
    drawn: Way, classes: str, head: str, words: str, thick: float = 1.3, dashes: str | None = None
) -> str:
    return element(
        "path", titled(words), d=drawn.path, class_=classes, stroke_width=thick, stroke_dasharray=dashes,
        marker_end=f"url(#head-{head})",
    )  # fmt: skip


def _words(drawn: Way, event: list[str], action: str) -> Iterator[str]:
    """Write the event, and below it the action."""
    lines = [(line, "f-ink") for line in event] + ([(action, "f-faint")] if action else [])
    for number, (line, colour) in enumerate(lines):
        y = drawn.y + number * 12 - (len(lines) - 1) * 6
        yield label(line, drawn.x, y, f"{colour} halo small", drawn.anchor)


def _boxes(names: Dialect, with_unknown: bool) -> Iterator[str]:
    for name, (x, y) in PLACES.items():
        state = State.CLOSED if name == BELOW else State(name)
        if state is State.UNKNOWN and not with_unknown:
            continue
        left, top = x - HALF_WIDTH, y - HALF_HEIGHT
        meaning = rfc9293.STATES.get(RFC_NAMES.get(state, ""), "the capture does not say")
        yield element(
            "rect",
            titled(meaning),
            x=left,
            y=top,
            width=HALF_WIDTH * 2,
            height=HALF_HEIGHT * 2,
            rx=8,
            class_="f-ground s-box",
        )
        yield element("rect", x=left, y=top, width=8, height=HALF_HEIGHT * 2, rx=3, class_=state)
        yield label(spell(state, names), x + 4, y + 5, "f-ink strong large", "middle")


def _foot(text: str) -> str:
    return label(text, WIDTH / 2, HEIGHT + _FOOT - 14, "f-faint", "middle")
