"""The machine of the witness: the tables and thresholds by which the tracker infers states, as text and diagrams.

Its counterpart is ``wirestat.report.machine``, which draws the RFC's machine; the two are independent.
"""

from collections.abc import Iterator, Sequence

from wirestat.facts import CONNECTION_FACTS, ENDPOINT_FACTS, FIGURES
from wirestat.model import Evidence, State
from wirestat.names import Dialect, spell
from wirestat.report.layout import GAP, View, paragraph
from wirestat.spans import span
from wirestat.timers import Timers
from wirestat.witness import Alternative, Effect, Machine, Row, Threshold, Unit

_MANY = 5
"""A row with more states than this is drawn from one box for all of them."""
_ARROWS = {
    Evidence.SEEN: "-->",
    Evidence.PRESUMED: "-.->",
    Evidence.IMPLIED: "-.->",
    Evidence.TIMER: "==>",
}
_STYLES = {
    Evidence.SEEN: "solid",
    Evidence.PRESUMED: "dashed",
    Evidence.IMPLIED: "dotted",
    Evidence.TIMER: "bold",
}


def text(machine: Machine, timers: Timers, view: View) -> Iterator[str]:
    """Yield every row of both tables and every threshold with its reason, then the facts and the timers."""
    yield view.paint("title", "What each cue does to an end, and why")
    for row in machine.rows:
        yield from paragraph(f"{row.cue}: {effect(row, view.names)}", GAP, view.width, hang=GAP)
        yield from paragraph(f"in {among(row.states, view.names)}: {row.because}", GAP * 2, view.width)
    yield ""
    yield view.paint("title", "Which other state an end may as well be in, when, and why")
    for one in machine.alternatives:
        states = f"{among(one.states, view.names)}, or {other(one, view.names)}"
        yield from paragraph(f"{states}: {one.when}", GAP, view.width, hang=GAP)
        yield from paragraph(one.because, GAP * 2, view.width)
    yield ""
    yield view.paint("title", "Numbers that inference compares with, why, and where they come from")
    for number in machine.thresholds:
        yield from paragraph(f"{number.name}, {amount(number)}: {number.why}", GAP, view.width, hang=GAP)
        yield from paragraph(number.source, GAP * 2, view.width)
    yield ""
    yield view.paint("title", "Facts that it notes beside, for the rules")
    for words, of in ((CONNECTION_FACTS, "the connection"), (ENDPOINT_FACTS, "an end")):
        for fact, meaning in words.items():
            figure = f" (its number: {FIGURES[fact]})" if fact in FIGURES else ""
            yield from paragraph(f"{fact}, of {of}: {meaning}{figure}", GAP, view.width, hang=GAP)
    yield ""
    yield view.paint("title", f"Timers of the {timers.name} profile")
    yield from paragraph(str(timers).partition(", ")[2], GAP, view.width)


def effect(row: Row, names: Dialect) -> str:
    """Describe the effect of a row.

    >>> from wirestat.vocabulary import Cue
    >>> gone = Row((State.SYN_SENT,), Cue.SENT_RST, Effect.ENTER, State.CLOSED, Evidence.SEEN, None, "")
    >>> effect(gone, Dialect.LINUX)
    'it enters CLOSED, seen'
    """
    match row.effect:
        case Effect.ENTER if row.to is not None:
            return f"it enters {spell(row.to, names)}, {row.evidence}"
        case Effect.CONFIRM:
            return f"proves what was presumed from '{row.cause}'"
        case Effect.UNDO:
            return f"disproves what was presumed from '{row.cause}'"
        case _:
            return "what a timer was taken to have ended goes on"


def among(states: Sequence[State], names: Dialect) -> str:
    """Name the states of a row.

    >>> among((State.SYN_SENT, State.LAST_ACK), Dialect.LINUX)
    'SYN_SENT or LAST_ACK'
    """
    spelled = [spell(state, names) for state in states]
    return " or ".join([", ".join(spelled[:-1]), spelled[-1]]) if len(spelled) > 1 else spelled[0]


def other(row: Alternative, names: Dialect) -> str:
    """Name the other state of a row.

    >>> other(Alternative((State.LAST_ACK,), "in doubt", State.CLOSED, ""), Dialect.LINUX)
    'CLOSED'
    """
    return spell(row.other, names) if row.other else "a state that it was taken to have left"


def amount(number: Threshold) -> str:
    """Write the value of a threshold with its unit.

    >>> amount(Threshold("PAUSE", Unit.NS, 500_000_000, "", ""))
    '500 ms'
    >>> amount(Threshold("TOO_SOON", Unit.QUARTERS, 3, "", ""))
    '3/4'
    >>> amount(Threshold("SYSTEM_PORTS", Unit.PORT, 1024, "", ""))
    'port 1024'
    """
    match number.unit:
        case Unit.NS:
            return span(number.value)
        case Unit.PORT:
            return f"port {number.value}"
        case Unit.QUARTERS:
            return f"{number.value}/4"
        case _:
            return f"{number.value:,} {number.unit}"


def mermaid(machine: Machine, _timers: Timers, view: View) -> Iterator[str]:
    """Yield a mermaid diagram: lines are solid for seen changes, thick for timers, else dotted."""
    yield "flowchart TD"
    for state in State:
        yield f'    {state}(["{spell(state, view.names)}"])'
    for key, states in _crowds(machine.rows).items():
        yield f'    {key}["{"<br>".join(spell(state, view.names) for state in states)}"]'
    for origin, target, evidence, label in _edges(machine.rows):
        yield f'    {origin} {_ARROWS[evidence]}|"{label}"| {target}'


def dot(machine: Machine, _timers: Timers, view: View) -> Iterator[str]:
    """Yield a graph for graphviz: solid is seen, dashed presumed, dotted implied, bold by a timer."""
    yield "digraph witness {"
    yield "    node [shape=box, style=rounded];"
    for state in State:
        yield f'    {state} [label="{spell(state, view.names)}"];'
    for key, states in _crowds(machine.rows).items():
        names = "\\n".join(spell(state, view.names) for state in states)
        yield f'    {key} [label="{names}", style=solid];'
    for origin, target, evidence, label in _edges(machine.rows):
        yield f'    {origin} -> {target} [label="{label}", style={_STYLES[evidence]}];'
    yield "}"


def _crowds(rows: Sequence[Row]) -> dict[str, tuple[State, ...]]:
    """Assign a key to each large set of states that a row starts from."""
    crowds = dict.fromkeys(row.states for row in rows if row.to and len(row.states) > _MANY)
    return {f"MANY_{number}": states for number, states in enumerate(crowds, start=1)}


def _edges(rows: Sequence[Row]) -> Iterator[tuple[str, str, Evidence, str]]:
    """Join the cues that lead from one state, or one large set, to the same state with the same evidence."""
    keys = {states: key for key, states in _crowds(rows).items()}
    labels: dict[tuple[str, str, Evidence], dict[str, None]] = {}
    for row in rows:
        if row.to is None or row.evidence is None:
            continue
        origins = [keys[row.states]] if row.states in keys else [state.value for state in row.states]
        for origin in origins:
            labels.setdefault((origin, row.to.value, row.evidence), {})[row.cue] = None
    for (origin, target, evidence), cues in labels.items():
        kind = " (implied)" if evidence is Evidence.IMPLIED else ""
        yield origin, target, evidence, " or ".join(cues) + kind


RENDERERS = {"text": text, "mermaid": mermaid, "dot": dot}
