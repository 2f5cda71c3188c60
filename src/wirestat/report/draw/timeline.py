"""Connections over time, two lanes of states each: the client's above the server's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wirestat.model import Connection, Evidence, Side, State
from wirestat.names import Dialect, spell
from wirestat.report.build import Report
from wirestat.report.draw.svg import document, element, label, titled
from wirestat.report.history import end
from wirestat.report.layout import View
from wirestat.report.words import ends, moment
from wirestat.spans import span
from wirestat.timers import MILLISECOND, SECOND
from wirestat.words import some

_LEFT, _RIGHT, _WIDE = 330, 952, 980
_TOP, _ROW, _LANE = 88, 30, 11
_TICKS = 8
"""Maximum labels on the axis."""
_STEPS = (
    *(unit * some for unit in (1_000, MILLISECOND, SECOND) for some in (1, 2, 5, 10, 20, 50, 100, 200, 500)
      if unit * some < 60 * SECOND),
    *(60 * SECOND * some for some in (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440)),
)  # fmt: skip
"""Possible distances between labels, in ns."""
_MARKS = "client above server; dashed and faint: presumed, or another state fits; red stroke: disproved"
_UNDRAWN = frozenset({State.CLOSED, State.LISTEN})


def ticks(length: int) -> Iterator[int]:
    """Yield the instants of an axis of so many ns, counted from its start: round ones.

    >>> [since // SECOND for since in ticks(640 * SECOND)]
    [0, 120, 240, 360, 480, 600]
    """
    step = next(
        (step for step in _STEPS if length < step * _TICKS), _STEPS[-1] * -(-length // (_STEPS[-1] * _TICKS))
    )
    yield from range(0, length + 1, step)


class Bar(NamedTuple):
    """A time span of an end in one state, in Unix ns."""

    state: State
    from_ns: int
    to_ns: int
    is_presumed: bool
    or_others: tuple[State, ...]
    """Alternative states; only for the last stretch."""


def stretches(connection: Connection, side: Side, end_ns: int) -> Iterator[Bar]:
    """Yield the states of an end over time, as best known at the end of the capture."""
    one = end(connection, side)
    state, since, presumed = one.first_state, connection.first_time_ns, False
    for step in connection.transitions:
        if step.endpoint is not side or step.retracted_by is not None:
            continue
        yield Bar(state, since, step.time_ns, presumed, ())
        state, since = step.to, step.time_ns
        presumed = step.evidence is Evidence.PRESUMED and step.confirmed_by is None
    yield Bar(state, since, max(end_ns, since), presumed, one.or_since)


def render(
    report: Report, connections: Sequence[Connection], total: int, names: Dialect, ground: str = "auto"
) -> Iterator[str]:
    """Yield the picture line by line: some of ``total`` connections, from the first of them to the capture's end."""
    begin_ns = min((one.first_time_ns for one in connections), default=report.start_ns)
    drawn = _Timeline(begin_ns, max(report.end_ns, begin_ns + 1), names)
    high = _TOP + len(connections) * _ROW + 40
    parts = [*drawn.frame(high), *drawn.keys(connections)]
    for place, connection in enumerate(connections):
        parts += drawn.row(connection, _TOP + place * _ROW)
    if total > len(connections):
        parts.append(label(f"… and {total - len(connections):,} more", 12, high - 14, "f-faint"))
    about = (
        f"States of {some(len(connections), 'connection')} over {span(drawn.length)}, from {moment(begin_ns)}"
    )
    yield from document((_WIDE, high), "States over time", about, parts, ground)


class _Timeline:
    def __init__(self, begin_ns: int, end_ns: int, names: Dialect) -> None:
        self._begin_ns, self._end_ns, self._names = begin_ns, end_ns, names
        self.length = end_ns - begin_ns

    def frame(self, high: int) -> Iterator[str]:
        """Yield the axis."""
        for since_ns in ticks(self.length):
            x = self._x(self._begin_ns + since_ns)
            yield element("path", d=f"M{x:.1f} {_TOP - 8}V{high - 32}", class_="s-line")
            text = f"+{span(since_ns)}" if since_ns else "0"
            yield label(text, min(x, _WIDE - 4.0 - len(text) * 3.4), high - 14, "f-faint small", "middle")
        yield label(f"from {moment(self._begin_ns)}", 12, 22, "f-ink strong")
        yield label(_MARKS, _WIDE - 12, 22, "f-faint small", "end")

    def keys(self, connections: Sequence[Connection]) -> Iterator[str]:
        """Yield a key for each state that is drawn."""
        met = {
            stretch.state
            for connection in connections
            for side in Side
            for stretch in stretches(connection, side, self._end_ns)
        }
        x, y = 12.0, 46
        for state in State:
            if state in met and state not in _UNDRAWN:
                text = spell(state, self._names)
                if x + 30 + len(text) * 7.4 > _WIDE:
                    x, y = 12.0, y + 18
                yield element("rect", x=x, y=y - 9, width=12, height=10, rx=2, class_=state)
                yield label(text, x + 17, y, "f-ink small")
                x += 34 + len(text) * 7.4

    def row(self, connection: Connection, y: int) -> Iterator[str]:
        """Yield the lanes of a connection, and its ends in words."""
        yield label(f"#{connection.id} {ends(connection)}", _LEFT - 12, y + 15, "f-ink mono small", "end")
        for number, side in enumerate(Side):
            for stretch in stretches(connection, side, self._end_ns):
                yield from self._stretch(stretch, side, y + number * (_LANE + 1))
            for step in connection.transitions:
                if step.endpoint is side and step.retracted_by is not None:
                    yield self._strike(self._x(step.time_ns), y + number * (_LANE + 1))

    def _x(self, time_ns: int) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (time_ns - self._begin_ns) / self.length

    def _stretch(self, stretch: Bar, side: Side, y: int) -> Iterator[str]:
        state = next(iter(stretch.or_others), stretch.state) if stretch.state in _UNDRAWN else stretch.state
        if state in _UNDRAWN:
            return
        x = self._x(stretch.from_ns)
        wide = max(1.5, self._x(stretch.to_ns) - x)
        others = "".join(f", or {spell(other, self._names)}" for other in stretch.or_others)
        words = (
            f"{side}: {spell(stretch.state, self._names)}{others}, {span(stretch.to_ns - stretch.from_ns)}"
        )
        is_open = stretch.is_presumed or bool(stretch.or_others)
        yield element(
            "rect", titled(words), x=x, y=y, width=wide, height=_LANE, class_=state,
            fill_opacity=0.35 if is_open else None, stroke_dasharray="3 2" if is_open else None,
        )  # fmt: skip

    @staticmethod
    def _strike(x: float, y: int) -> str:
        """Draw a stroke through a change, with its own background, so that it is visible on every colour."""
        path = f"M{x - 3:.1f} {y + _LANE}l6 -{_LANE}"
        below = element("path", d=path, class_="s-ground", stroke_width=4)
        return below + element("path", titled("disproved"), d=path, class_="s-bad", stroke_width=1.6)


_SIGNS = {
    State.UNKNOWN: "?", State.SYN_SENT: "s", State.SYN_RECV: "r", State.ESTABLISHED: "E", State.FIN_WAIT1: "1",
    State.FIN_WAIT2: "2", State.CLOSE_WAIT: "W", State.CLOSING: "C", State.LAST_ACK: "L", State.TIME_WAIT: "T",
}  # fmt: skip
"""A letter for each state; what is over, or has not begun, is a dot."""
_LEAST = 20


def text(report: Report, connections: Sequence[Connection], total: int, view: View) -> Iterator[str]:
    """Yield the timeline for a terminal: each column is a letter, for the state at the end of its time span."""
    begin_ns = min((one.first_time_ns for one in connections), default=report.start_ns)
    length = max(1, report.end_ns - begin_ns)
    margin = max((len(f"#{one.id} {ends(one)} client ") for one in connections), default=0)
    columns = max(_LEAST, view.width - margin - 1)
    met: dict[State, None] = {}
    for connection in connections:
        head = f"#{connection.id} {ends(connection)}"
        for side in Side:
            lived = list(stretches(connection, side, report.end_ns))
            instants = (begin_ns + length * (column + 1) // columns for column in range(columns))
            found = [_state_at(lived, instant) for instant in instants]
            met |= dict.fromkeys(found)
            yield f"{f'{head} {side}':>{margin}} {''.join(_SIGNS.get(state, '.') for state in found)}"
            head = ""
    yield ""
    keys = ", ".join(
        f"{_SIGNS[state]} {spell(state, view.names)}" for state in State if state in met and state in _SIGNS
    )
    yield f"from {moment(begin_ns)}, {span(length)}: {keys}"
    if total > len(connections):
        yield f"… and {total - len(connections):,} more: --limit 0 shows all"


def _state_at(lived: Sequence[Bar], time_ns: int) -> State:
    """Return the state at an instant; CLOSED before the first segment."""
    state = State.CLOSED
    for stretch in lived:
        if stretch.from_ns <= time_ns:
            state = stretch.state
    return state
