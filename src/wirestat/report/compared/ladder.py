"""One connection as a ladder with a column for each point: where each segment passed, how long it took, and losses.

The client's state is on the left and the server's on the right, each from the capture nearest to it.
"""

import textwrap
from collections.abc import Iterator

from wirestat.crossing import Crossing, Fate, Leg, Passage
from wirestat.model import Connection, Side, State
from wirestat.names import respell, spell
from wirestat.report.compared.build import Compared
from wirestat.report.compared.journeys import late
from wirestat.report.compared.stages import field
from wirestat.report.history import end
from wirestat.report.layout import View, paragraph
from wirestat.report.words import ends, moment, offset, standing
from wirestat.spans import span
from wirestat.words import control_bits

_LEAST_NOTES = 30
"""Minimum columns of notes, even if the terminal must break the line."""
_EXPECTED = frozenset({"ttl"})
"""Changes that every router makes, not shown."""


def render(compared: Compared, id: int, view: View) -> Iterator[str]:
    """Yield the ladder line by line."""
    connection = compared.report.connection(id)
    crossing = compared.comparison.crossing(id)
    yield view.paint("title", f"connection #{id}") + f", {ends(connection)}"
    yield f"first captured at {moment(connection.first_time_ns, view.zone)}; known by {crossing.known_by}"
    yield ""
    yield from _Ladder(connection, crossing, compared, view).rungs()
    yield ""
    if crossing.beyond:
        yield f"… and {crossing.beyond:,} more segments"
    for side in Side:
        yield f"{side} {standing(end(connection, side), view.names)}"
    for finding in compared.report.findings_of(connection):
        text = respell(f"{finding.severity}: {finding.id} {finding.title}: {finding.explanation}", view.names)
        yield from paragraph(text, "", view.width, hang="  ")


class _Ladder:
    """Draws passages one below the other, and the states as they change."""

    def __init__(self, connection: Connection, crossing: Crossing, compared: Compared, view: View) -> None:
        self._crossing = crossing
        self._compared = compared
        self._view = view
        self._names = [compared.name(point) for point in crossing.path]
        self._columns = max(len(name) for name in (*self._names, "frame 00000"))
        self._state = max(len(spell(state, view.names)) for state in State)
        self._label = max((len(_label(one)) for one in crossing.passages), default=0)
        self._steps = sorted(
            (step for step in connection.transitions if step.retracted_by is None),
            key=lambda step: step.time_ns,
        )
        self._first = {side: end(connection, side).first_state for side in Side}

    def rungs(self) -> Iterator[str]:
        """Yield the heading, the states before the first segment, and a rung for each segment."""
        yield self._rung("time", ("client", "server"), "", self._names)
        client, server = (spell(self._first[side], self._view.names) for side in Side)
        yield self._rung("", (client, server), "", [""] * len(self._names))
        steps = iter(self._steps)
        pending = next(steps, None)
        for place, passage in enumerate(self._crossing.passages):
            reached = self._reached(place)
            states = dict.fromkeys(Side, "")
            while pending is not None and pending.time_ns < reached:
                states[pending.endpoint] = spell(pending.to, self._view.names)
                pending = next(steps, None)
            yield from self._passage(passage, (states[Side.CLIENT], states[Side.SERVER]))
        states = dict.fromkeys(Side, "")
        while pending is not None:
            states[pending.endpoint] = spell(pending.to, self._view.names)
            pending = next(steps, None)
        if any(states.values()):
            yield self._rung("", (states[Side.CLIENT], states[Side.SERVER]), "", [""] * len(self._names))

    def _reached(self, place: int) -> int:
        """Return the time from which states belong to the next rung."""
        passages = self._crossing.passages
        return passages[place + 1].time_ns if place + 1 < len(passages) else passages[place].time_ns + 1

    def _passage(self, passage: Passage, states: tuple[str, str]) -> Iterator[str]:
        seen = {sight.point: f"frame {sight.frame}" for sight in passage.sights}
        cells = [seen.get(point, _absent(passage, point)) for point in self._crossing.path]
        notes = textwrap.wrap("; ".join(self._notes(passage)), self._room()) or [""]
        time = offset(passage.time_ns, self._compared.report.start_ns)
        yield self._rung(time, states, _arrow(passage, self._label), cells, notes[0])
        for note in notes[1:]:
            yield self._rung("", ("", ""), "", [""] * len(cells), note)

    def _notes(self, passage: Passage) -> Iterator[str]:
        if passage.fate is Fate.MISSED:
            yield f"passed {self._compared.name(passage.behind)}, which did not capture it"
        elif passage.fate is Fate.OUTSIDE:
            yield f"{self._compared.stage(passage.before, passage.behind)}: beyond the time of one capture"
        elif passage.fate is not Fate.ARRIVED:
            yield f"{passage.fate} {self._compared.stage(passage.before, passage.behind)}"
        if passage.in_pieces:
            yield "cut or joined"
        yield from (note for leg in passage.legs for note in _leg(leg))

    def _room(self) -> int:
        empty = self._rung("", ("", ""), "", [""] * len(self._names), "x")
        return max(self._view.width - len(empty), _LEAST_NOTES)

    def _rung(self, time: str, states: tuple[str, str], arrow: str, cells: list[str], note: str = "") -> str:
        points = " │ ".join(f"{cell:^{self._columns}}" for cell in cells)
        left, right = (f"{state:{sign}{self._state}}" for state, sign in zip(states, "><", strict=True))
        line = f"{time:>12}  {left} │ {points} │ {right}  {arrow:<{self._label + 2}}"
        return f"{line}  {self._view.paint('faint', note) if note else ''}".rstrip()


def _absent(passage: Passage, point: int) -> str:
    """Mark a point where the segment should have been captured."""
    if passage.fate in (Fate.LOST, Fate.MISSED) and point == passage.behind:
        return "✗" if passage.fate is Fate.LOST else "?"
    return "·"


def _label(passage: Passage) -> str:
    ack = f" ack {passage.ack}" if passage.ack is not None else ""
    length = f" len {passage.payload}" if passage.payload else ""
    return f"{control_bits(passage.flags)} seq {passage.seq}{ack}{length}"


def _arrow(passage: Passage, width: int) -> str:
    """Return the arrow of a direction."""
    label = f"{_label(passage):<{width}}"
    return f"→ {label}" if passage.sender is Side.CLIENT else f"← {label}"


def _leg(leg: Leg) -> Iterator[str]:
    words = late(leg) or span(leg.delay_ns)
    changes = [field(change) for change in leg.changes if change.field not in _EXPECTED]
    yield ", ".join([words, *changes])
