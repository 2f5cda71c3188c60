"""A connection as a ladder: a rung for each segment, and the states of both ends as lanes beside it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from wirestat.model import Connection, Evidence, Side
from wirestat.names import Dialect, spell
from wirestat.report.build import Report
from wirestat.report.draw.svg import document, element, label, titled
from wirestat.report.history import end
from wirestat.report.moments import Belief, Moment, moments, numbered, remarks
from wirestat.report.words import ends, offset
from wirestat.spans import span
from wirestat.timers import SECOND
from wirestat.words import control_bits

_FRAME, _TIME = 46, 132
_POST = {Side.CLIENT: 250, Side.SERVER: 550}
_LANE = {Side.CLIENT: 230, Side.SERVER: 558}
_WORD = {Side.CLIENT: 224, Side.SERVER: 576}
_NOTES, _WIDE = 676, 980
_LANE_WIDE, _TOP, _RUNG, _GAP = 12, 82, 30, 22
_NOTE_COLUMNS = 50
_MOST = 400
"""Maximum rungs of a picture."""
_RST = 4


def render(report: Report, connection: Connection, names: Dialect, ground: str = "auto") -> Iterator[str]:
    """Yield the picture line by line."""
    every = moments(connection, report.ladder(connection.id))
    picture = _Ladder(report, connection, names, every[:_MOST])
    parts = list(picture.parts())
    if len(every) > _MOST:
        parts.append(
            label(f"… and {len(every) - _MOST:,} more", _POST[Side.CLIENT], picture.high - 6, "f-faint")
        )
    title = f"#{connection.id} {ends(connection)}"
    yield from document((_WIDE, picture.high), title, picture.in_words(), parts, ground)


class _Ladder:
    def __init__(self, report: Report, connection: Connection, names: Dialect, every: list[Moment]) -> None:
        self._start_ns = report.start_ns
        self._connection = connection
        self._names = names
        self._moments = every
        self._heights = list(self._placed())
        self.high = (self._heights[-1] if self._heights else _TOP) + 44

    def _placed(self) -> Iterator[int]:
        """Place rungs one below the other, with gaps where both ends were silent for a second or more."""
        height, before = _TOP - _RUNG, None
        for one in self._moments:
            is_silent = before is not None and one.time_ns is not None and one.time_ns - before > SECOND
            height += _RUNG + (_GAP if is_silent else 0)
            before = one.time_ns if one.time_ns is not None else before
            yield height

    def in_words(self) -> str:
        """Return the description of the picture for screen readers."""
        changes = [
            f"{step.endpoint} {spell(step.to, self._names)} at {offset(step.time_ns, self._start_ns)} s"
            for step in self._connection.transitions
            if step.retracted_by is None
        ]
        return f"Ladder of {len(self._moments)} moments. " + ", ".join(changes)

    def parts(self) -> Iterator[str]:
        """Yield the elements."""
        yield label(f"#{self._connection.id}  {ends(self._connection)}", 12, 22, "f-ink large strong")
        for text, x, anchor in (("frame", _FRAME, "end"), ("seconds", _TIME, "end")):
            yield label(text, x, 46, "f-faint", anchor)
        for side in Side:
            yield label(side, _POST[side], 46, f"f-{side} strong", "middle")
            yield element("path", d=f"M{_POST[side]} 54V{self.high - 12}", class_="s-faint")
        yield from self._lanes()
        before: int | None = None
        for one, height in zip(self._moments, self._heights, strict=True):
            if before is not None and one.time_ns is not None and one.time_ns - before > SECOND:
                yield from _silence(one.time_ns - before, height - _RUNG)
            before = one.time_ns if one.time_ns is not None else before
            yield from self._rung(one, height)

    def _lanes(self) -> Iterator[str]:
        """Yield a lane for each end, a box for each stretch in one state, and its name where it begins."""
        first = {side: end(self._connection, side).first_state for side in Side}
        belief = Belief(first)
        begun = {side: (54, first[side], False) for side in Side}
        for side in Side:
            yield self._word(side, 66, spell(first[side], self._names))
        for one, height in zip(self._moments, self._heights, strict=True):
            belief.take(one)
            for side in Side:
                _, state, presumed = begun[side]
                now = belief.state(side), belief.is_presumed(side)
                if now == (state, presumed):
                    continue
                yield self._box(side, begun[side], height)
                if now[0] is not state:
                    yield self._word(side, height + 4, spell(now[0], self._names))
                begun[side] = height, *now
        for side in Side:
            yield self._box(side, begun[side], self.high - 12)

    def _box(self, side: Side, begun: tuple[int, object, bool], bottom: int) -> str:
        top, state, presumed = begun
        return element(
            "rect", x=_LANE[side], y=top, width=_LANE_WIDE, height=max(0, bottom - top), class_=str(state),
            fill_opacity=0.35 if presumed else None, stroke_dasharray="3 2" if presumed else None,
        )  # fmt: skip

    def _word(self, side: Side, y: int, text: str) -> str:
        return label(text, _WORD[side], y, "f-ink halo", "end" if side is Side.CLIENT else "start")

    def _rung(self, one: Moment, y: int) -> Iterator[str]:
        if one.frame is not None:
            yield label(f"{one.frame:,}", _FRAME, y + 4, "f-faint mono small", "end")
        if one.time_ns is not None:
            yield label(offset(one.time_ns, self._start_ns), _TIME, y + 4, "f-faint mono small", "end")
        if one.segment:
            yield from _arrow(one, y)
        text = "; ".join(remarks(one, self._names))
        lines = textwrap.wrap(text, _NOTE_COLUMNS)
        shown = lines[:2]
        if len(lines) > 2:
            shown[1] = shown[1][: _NOTE_COLUMNS - 2] + " …"
        for number, line in enumerate(shown):
            yield label(line, _NOTES, y + 4 - (len(shown) - 1) * 6 + number * 13, "f-faint small")


def _silence(ns: int, y: int) -> Iterator[str]:
    left, right = _POST[Side.CLIENT], _POST[Side.SERVER]
    yield element(
        "path", d=f"M{left} {y + 6}H{right}", class_="s-line", stroke_dasharray="1 4", stroke_width=2
    )
    yield label(f"{span(ns)} without a segment", (left + right) / 2, y + 10, "f-faint halo small", "middle")


def _arrow(one: Moment, y: int) -> Iterator[str]:
    line = one.segment
    if line is None:
        return
    other = Side.SERVER if line.sender is Side.CLIENT else Side.CLIENT
    tip = _POST[other] + (-2 if other is Side.SERVER else 2)
    kind = "bad" if line.flags & _RST else line.sender
    is_again = any(note in ("retransmission", "duplicate frame") for note in line.notes)
    yield element(
        "path", titled(f"frame {one.frame}"), d=f"M{_POST[line.sender]} {y}H{tip}", class_=f"s-{kind}",
        stroke_width=1.6, stroke_dasharray="6 4" if is_again else None, marker_end=f"url(#head-{kind})",
    )  # fmt: skip
    middle = (_POST[Side.CLIENT] + _POST[Side.SERVER]) / 2
    yield label(f"{control_bits(line.flags)} {numbered(line)}", middle, y - 6, "f-ink halo small", "middle")


def mermaid(report: Report, connection: Connection, names: Dialect) -> Iterator[str]:
    """Yield the ladder as a sequence diagram, for documents that draw one."""
    yield "sequenceDiagram"
    for side in Side:
        yield f"    participant {side} as {side} {_plain(_socket(connection, side))}"
    for one in moments(connection, report.ladder(connection.id))[:_MOST]:
        if line := one.segment:
            other = Side.SERVER if line.sender is Side.CLIENT else Side.CLIENT
            again = "--" if line.notes else "-"
            yield f"    {line.sender}{again}>>{other}: {_plain(f'{control_bits(line.flags)} {numbered(line)}')}"
        for step in one.made:
            known = "" if step.evidence is Evidence.SEEN else f", {step.evidence}"
            undone = ", disproved" if step.retracted_by is not None else ""
            yield f"    Note over {step.endpoint}: {spell(step.to, names)}{known}{undone}"


def _socket(connection: Connection, side: Side) -> str:
    return ends(connection).split(" → ")[0 if side is Side.CLIENT else 1]


def _plain(text: str) -> str:
    """Leave out characters with a meaning in the diagram's language."""
    return text.replace(";", ",").replace("#", "no. ")
