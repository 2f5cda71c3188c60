"""One connection as a ladder: each frame between the two ends, with the states and their evidence."""

import textwrap
from collections.abc import Iterator

from wirestat.model import Connection, LadderLine, Side, State, Transition
from wirestat.names import respell, spell
from wirestat.report import sockets
from wirestat.report.build import Report
from wirestat.report.history import end
from wirestat.report.layout import GAP, View, paragraph
from wirestat.report.moments import Moment, moments, numbered, remarks
from wirestat.report.streams import display_filter
from wirestat.report.stuck import is_stuck, waits
from wirestat.report.words import moment, offset, place, standing
from wirestat.words import control_bits, some

_ARROW = 5
"""Columns of an arrow beyond its label."""
_LEAST_NOTES = 34
"""Columns that notes need beside a rung; with fewer they go below it."""
_PLACE = (6, 12)
"""Columns of frame and time, if there is room."""


def render(report: Report, connection: Connection, view: View) -> Iterator[str]:
    """Yield the ladder line by line; without traced segments it shows the transitions alone."""
    yield from _header(connection, view)
    yield ""
    yield from _Ladder(connection, report, view).rungs()
    yield ""
    for side in Side:
        yield f"{side} {standing(end(connection, side), view.names)}"
    if view.beside is not None:
        for line in sockets.ends(view.beside, connection, view.names):
            yield from paragraph(line, "", view.width, hang=GAP)
    if is_stuck(connection.client.state, connection.server.state):
        for need in waits(connection):
            yield f"{GAP}{need}"
    for finding in report.findings_of(connection):
        text = respell(f"{finding.severity}: {finding.id} {finding.title}: {finding.explanation}", view.names)
        yield from paragraph(text, "", view.width, hang=GAP)
    if view.full:
        yield f"filter: {display_filter(report, connection)}"


def _header(connection: Connection, view: View) -> Iterator[str]:
    title = f"connection #{connection.id}"
    begun = moment(connection.first_time_ns, view.zone)
    about = f"first frame at {begun}; client named by {connection.direction_reason}"
    first, *rest = paragraph(f"{title}, {about}", "", view.width, hang=GAP)
    yield view.paint("title", title) + first.removeprefix(title)
    yield from rest
    if connection.previous is not None:
        yield f"incarnation {connection.incarnation} of these addresses and ports; before it #{connection.previous}"
    if connection.tunnel:
        yield f"in {connection.tunnel}"
    for side in Side:
        one = end(connection, side)
        yield f"{GAP}{side}  {place(one)}  {some(one.frames, 'segment')}, {some(one.bytes, 'byte')}"


class _Ladder:
    """Draws moments one below the other, and tracks the states believed at each."""

    def __init__(self, connection: Connection, report: Report, view: View) -> None:
        self._moments = moments(connection, report.ladder(connection.id))
        self._start_ns = report.start_ns
        self._view = view
        self._first = {side: end(connection, side).first_state for side in Side}
        self._believed: dict[Side, list[Transition]] = {side: [] for side in Side}
        self._width = max(len(spell(state, view.names)) for state in State)
        self._is_bare, self._place = False, _PLACE
        self._fit()

    def _fit(self) -> None:
        """Make arrows as long as their labels; if these are too long for a line, their numbers go below."""
        segments = [one.segment for one in self._moments if one.segment]
        for is_bare, columns in ((False, _PLACE), (True, _PLACE), (True, self._tight())):
            self._is_bare, self._place = is_bare, columns
            self._shaft = max((len(self._label(one)) for one in segments), default=0) + _ARROW
            if len(self._rung(("", ""), ("", "x" * self._width))) <= self._view.width:
                break

    def _tight(self) -> tuple[int, int]:
        """Return the minimum columns of frames and times."""
        places = [self._where(one) for one in self._moments]
        frame, time = (
            max(map(len, column), default=0) for column in zip(("frame", "time"), *places, strict=True)
        )
        return frame, time

    def _where(self, one: Moment) -> tuple[str, str]:
        frame = "" if one.frame is None else str(one.frame)
        return frame, "" if one.time_ns is None else offset(one.time_ns, self._start_ns)

    def _label(self, line: LadderLine) -> str:
        return control_bits(line.flags) if self._is_bare else f"{control_bits(line.flags)} {numbered(line)}"

    def rungs(self) -> Iterator[str]:
        """Yield the heading, the states before the first frame, and a rung for each moment."""
        yield self._rung(("frame", "time"), ("client", "server"))
        client, server = (spell(self._first[side], self._view.names) for side in Side)
        yield self._rung(("", ""), (client, server))
        for one in self._moments:
            yield from self._moment(one)

    def _moment(self, one: Moment) -> Iterator[str]:
        before = [self._state(side) for side in Side]
        for step in one.disproved:
            self._believed[step.endpoint].remove(step)
        for step in one.made:
            self._believed[step.endpoint].append(step)
        after = [self._state(side) for side in Side]
        client, server = (
            "" if old is new else spell(new, self._view.names) for old, new in zip(before, after, strict=True)
        )
        place = self._where(one)
        arrow = _arrow(self._label(one.segment), one.segment.sender, self._shaft) if one.segment else ""
        numbers = [numbered(one.segment)] if one.segment and self._is_bare else []
        words = "; ".join([*numbers, *remarks(one, self._view.names)])
        if self._room() < _LEAST_NOTES:
            yield self._rung(place, (client, server), arrow)
            for note in paragraph(words, " " * (sum(self._place) + len(GAP) + 1), self._view.width):
                yield self._view.paint("faint", note)
            return
        notes = textwrap.wrap(words, self._room()) or [""]
        yield self._rung(place, (client, server), arrow, notes[0])
        for more in notes[1:]:
            yield self._rung(("", ""), ("", ""), "", more)

    def _state(self, side: Side) -> State:
        steps = self._believed[side]
        return steps[-1].to if steps else self._first[side]

    def _room(self) -> int:
        """Columns left for notes."""
        return self._view.width - len(self._rung(("", ""), ("", ""), "", "x"))

    def _rung(self, place: tuple[str, str], states: tuple[str, str], shaft: str = "", note: str = "") -> str:
        client, server = states
        width = self._width
        frame, time = self._place
        drawn = f"{place[0]:>{frame}} {place[1]:>{time}}  {client:>{width}} │{shaft:{self._shaft}}│ {server:<{width}}"
        return f"{drawn}  {self._view.paint('faint', note) if note else ''}".rstrip()


def _arrow(label: str, sender: Side, width: int) -> str:
    """Draw a segment as an arrow from its sender."""
    if sender is Side.CLIENT:
        return f" {f'{label} ':─<{width - 2}}▶"
    return f"◀{f' {label}':─>{width - 2}} "
