"""The RFC's state machine, from ``rfc9293``: as text, as a mermaid diagram, for graphviz."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from wirestat import rfc9293
from wirestat.names import Dialect, parse_state, spell
from wirestat.report.layout import GAP, View, columns, paragraph


def text(view: View) -> Iterator[str]:
    """Yield the states and their meaning, then every arrow under the section that documents it."""
    yield view.paint("title", "The states of a TCP endpoint (RFC 9293, 3.3.2)")
    width = max(len(_name(state, view.names)) for state in rfc9293.STATES)
    for state, meaning in rfc9293.STATES.items():
        first, *rest = paragraph(meaning, " " * (width + 4), view.width)
        yield f"{GAP}{_name(state, view.names):<{width}}{first[width + 2 :]}"
        yield from rest
    yield ""
    yield view.paint("title", "The changes of state, and where they are documented")
    for section, rows in groupby(_rows(view.names), key=lambda row: row[0]):
        yield f"{GAP}{view.paint('faint', section)}"
        yield from (f"{GAP * 2}{GAP.join(cells).rstrip()}" for _, cells in rows)


def _rows(names: Dialect) -> Iterator[tuple[str, list[str]]]:
    """Yield a row for every arrow with its section, grouped by section, all of one width."""
    sections = list(dict.fromkeys(arrow.section for arrow in rfc9293.ARROWS))
    arrows = sorted(rfc9293.ARROWS, key=lambda arrow: sections.index(arrow.section))
    rows = [
        (f"{_name(arrow.origin, names)} → {_name(arrow.target, names)}", arrow.event, arrow.action)
        for arrow in arrows
    ]
    yield from zip(map(attrgetter("section"), arrows), columns(rows, "<<<"), strict=True)


def mermaid(view: View) -> Iterator[str]:
    """Yield a mermaid state diagram of what a capture can show, for documents that render it."""
    yield "stateDiagram-v2"
    for state in rfc9293.STATES:
        yield f'    state "{_name(state, view.names)}" as {_key(state)}'
    for origin, target, label in _edges():
        yield f"    {_key(origin)} --> {_key(target)}: {label}"


def dot(view: View) -> Iterator[str]:
    """Yield a graph for graphviz."""
    yield "digraph tcp {"
    yield "    node [shape=box, style=rounded];"
    for state in rfc9293.STATES:
        yield f'    {_key(state)} [label="{_name(state, view.names)}"];'
    for origin, target, label in _edges():
        yield f'    {_key(origin)} -> {_key(target)} [label="{label}"];'
    yield "}"


def _edges() -> Iterator[tuple[str, str, str]]:
    """Join the arrows between the same two states; time-outs and aborts of every state are left out."""
    labels: dict[tuple[str, str], dict[str, None]] = {}
    for arrow in rfc9293.ARROWS:
        if not arrow.silent:
            labels.setdefault((arrow.origin, arrow.target), {})[arrow.event] = None
    for (origin, target), events in labels.items():
        yield origin, target, " or ".join(events)


def _key(state: str) -> str:
    return state.replace("-", "_")


def _name(state: str, dialect: Dialect) -> str:
    return spell(parse_state(state), dialect)


RENDERERS = {"text": text, "mermaid": mermaid, "dot": dot}
