"""One connection as a ladder: each frame between the two ends, the states beside it, and how they are known."""

import textwrap
from collections.abc import Iterator, Sequence

import msgspec

from wirestat.model import Connection, Evidence, LadderLine, Side, State, Transition
from wirestat.names import respell, spell
from wirestat.report.build import Report
from wirestat.report.history import end
from wirestat.report.layout import GAP, View, paragraph
from wirestat.report.stuck import is_stuck, waits
from wirestat.report.words import moment, offset, place, standing
from wirestat.words import control_bits, some

_ACK = 16
_ARROW = 5
"""Columns of an arrow beyond its label."""
_LEAST_NOTES = 34
"""Columns that notes take beside a rung; where there are fewer they stand below it."""
_PLACE = 21
"""Columns of frame and time, which notes below a rung keep clear of."""


def render(report: Report, connection: Connection, view: View) -> Iterator[str]:
    """Yield the ladder line by line; without traced segments it shows the transitions alone."""
    yield from _header(connection, view)
    yield ""
    yield from _Ladder(connection, report, view).rungs()
    yield ""
    for side in Side:
        yield f"{side} {standing(end(connection, side), view.names)}"
    if is_stuck(connection.client.state, connection.server.state):
        for need in waits(connection):
            yield f"{GAP}{need}"
    for finding in report.findings_of(connection):
        text = respell(f"{finding.severity}: {finding.id} {finding.title}: {finding.explanation}", view.names)
        yield from paragraph(text, "", view.width, hang=GAP)


def _header(connection: Connection, view: View) -> Iterator[str]:
    title = f"connection #{connection.id}"
    about = (
        f"first frame at {moment(connection.first_time_ns)}; client named by {connection.direction_reason}"
    )
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


class _Moment(msgspec.Struct):
    """All that one frame brought, or the one thing that a timer did."""

    frame: int | None
    time_ns: int | None = None
    segment: LadderLine | None = None
    made: list[Transition] = msgspec.field(default_factory=list)
    disproved: list[Transition] = msgspec.field(default_factory=list)


def _moments(connection: Connection, segments: Sequence[LadderLine]) -> list[_Moment]:
    """Put segments and transitions in the order in which they happened."""
    frames = {line.frame: _Moment(line.frame, line.time_ns, line) for line in segments}
    for step in connection.transitions:
        if step.evidence is Evidence.TIMER:
            continue
        frames.setdefault(step.frame, _Moment(step.frame, step.time_ns)).made.append(step)
    for step in connection.transitions:
        if step.retracted_by is not None:
            frames.setdefault(step.retracted_by, _Moment(step.retracted_by)).disproved.append(step)
    ordered = [frames[frame] for frame in sorted(frames)]
    for step in connection.transitions:
        if step.evidence is Evidence.TIMER:
            later = (place for place, one in enumerate(ordered) if (one.time_ns or 0) > step.time_ns)
            ordered.insert(next(later, len(ordered)), _Moment(None, step.time_ns, made=[step]))
    return ordered


class _Ladder:
    """Draws moments one below the other, and keeps the states as they were believed at each."""

    def __init__(self, connection: Connection, report: Report, view: View) -> None:
        self._moments = _moments(connection, report.ladder(connection.id))
        self._start_ns = report.start_ns
        self._view = view
        self._first = {side: end(connection, side).first_state for side in Side}
        self._believed: dict[Side, list[Transition]] = {side: [] for side in Side}
        self._width = max(len(spell(state, view.names)) for state in State)
        self._is_bare = False
        self._fit()

    def _fit(self) -> None:
        """Make arrows as long as their labels need; where no line holds those, their numbers stand below."""
        segments = [one.segment for one in self._moments if one.segment]
        for self._is_bare in (False, True):
            self._shaft = max((len(self._label(one)) for one in segments), default=0) + _ARROW
            if len(self._rung(("", ""), ("", "x" * self._width))) <= self._view.width:
                break

    def _label(self, line: LadderLine) -> str:
        return control_bits(line.flags) if self._is_bare else f"{control_bits(line.flags)} {_numbers(line)}"

    def rungs(self) -> Iterator[str]:
        """Yield the heading, the states before the first frame, and a rung for each moment."""
        yield self._rung(("frame", "time"), ("client", "server"))
        client, server = (spell(self._first[side], self._view.names) for side in Side)
        yield self._rung(("", ""), (client, server))
        for one in self._moments:
            yield from self._moment(one)

    def _moment(self, one: _Moment) -> Iterator[str]:
        before = [self._state(side) for side in Side]
        for step in one.disproved:
            self._believed[step.endpoint].remove(step)
        for step in one.made:
            self._believed[step.endpoint].append(step)
        after = [self._state(side) for side in Side]
        client, server = (
            "" if old is new else spell(new, self._view.names) for old, new in zip(before, after, strict=True)
        )
        place = (
            "" if one.frame is None else str(one.frame),
            "" if one.time_ns is None else offset(one.time_ns, self._start_ns),
        )
        arrow = _arrow(self._label(one.segment), one.segment.sender, self._shaft) if one.segment else ""
        numbers = [_numbers(one.segment)] if one.segment and self._is_bare else []
        words = "; ".join([*numbers, *_notes(one, self._view)])
        if self._room() < _LEAST_NOTES:
            yield self._rung(place, (client, server), arrow)
            for note in paragraph(words, " " * _PLACE, self._view.width):
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
        """Columns that are left for notes."""
        return self._view.width - len(self._rung(("", ""), ("", ""), "", "x"))

    def _rung(self, place: tuple[str, str], states: tuple[str, str], shaft: str = "", note: str = "") -> str:
        client, server = states
        width = self._width
        drawn = f"{place[0]:>6} {place[1]:>12}  {client:>{width}} │{shaft:{self._shaft}}│ {server:<{width}}"
        return f"{drawn}  {self._view.paint('faint', note) if note else ''}".rstrip()


def _numbers(line: LadderLine) -> str:
    """Write the numbers that the segment carries."""
    numbers = f"seq {line.seq}"
    if line.flags & _ACK and line.ack is not None:
        numbers += f" ack {line.ack}"
    if line.payload:
        numbers += f" len {line.payload}"
    return numbers


def _arrow(label: str, sender: Side, width: int) -> str:
    """Draw a segment as an arrow from its sender."""
    if sender is Side.CLIENT:
        return f" {f'{label} ':─<{width - 2}}▶"
    return f"◀{f' {label}':─>{width - 2}} "


def _notes(one: _Moment, view: View) -> Iterator[str]:
    """Say what the tracker made of the segment, and how each change is known; what was seen needs no words."""
    if one.segment:
        yield from one.segment.notes
    for step in one.disproved:
        yield f"{step.endpoint} not in {spell(step.to, view.names)} after all"
    for side in Side:
        steps = [step for step in one.made if step.endpoint is side]
        passed = [f"through {spell(step.to, view.names)}" for step in steps[:-1]]
        words = [*passed, *_evidence(steps[-1])] if steps else []
        if words:
            yield f"{side} {', '.join(words)}"


def _evidence(step: Transition) -> Iterator[str]:
    if step.evidence is Evidence.TIMER:
        yield step.cue
    elif step.evidence is not Evidence.SEEN:
        yield step.evidence
    if step.confirmed_by is not None:
        yield f"proved by {step.confirmed_by}"
    if step.retracted_by is not None:
        yield f"disproved by {step.retracted_by}"
