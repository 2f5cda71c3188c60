"""The kept segments of connections, in columns."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

from wirestat.model import LadderLine, Side
from wirestat.report.build import Report
from wirestat.report.page.columns import Writer
from wirestat.report.page.pack import Pack

_NOTHING = -1
"""The value for no acknowledgement."""


def write(report: Report, ids: Iterable[int], pack: Pack, most: int) -> dict[str, Any]:
    """Write the kept segments of these connections, the first ``most`` of them, and return where they are."""
    lines = dict(sorted(taken(report, ids, most).items()))
    every = [line for segments in lines.values() for line in segments]
    notes = list(dict.fromkeys("; ".join(line.notes) for line in every))
    codes = {note: code for code, note in enumerate(notes)}
    into = Writer(pack)

    def number(values: Iterable[int]) -> dict[str, Any]:
        wide = array("q", values).tobytes()
        return into.write(wide, bytes(len(wide)))

    def steps(values: Iterable[int]) -> dict[str, Any]:
        return into.steps(array("q", values).tobytes(), 0)

    columns = {
        "of": steps(lines),
        "counts": number(map(len, lines.values())),
        "frame": steps(line.frame for line in every),
        "time_ns": steps(line.time_ns - report.start_ns for line in every),
        "sender": number(line.sender is Side.SERVER for line in every),
        "flags": number(line.flags for line in every),
        "seq": number(line.seq for line in every),
        "ack": number(map(_ack, every)),
        "payload": number(line.payload for line in every),
        "window": number(line.window for line in every),
        "note": number(codes["; ".join(line.notes)] for line in every),
    }
    return {"columns": columns, "connections": len(lines), "rows": len(every), "notes": notes}


def taken(report: Report, ids: Iterable[int], most: int) -> dict[int, tuple[LadderLine, ...]]:
    """Take ladders while there is room; the last one may be cut."""
    traced = frozenset(report.traced())
    lines: dict[int, tuple[LadderLine, ...]] = {}
    for id in ids:
        if most and id in traced:
            lines[id] = report.ladder(id)[:most]
            most -= len(lines[id])
    return lines


def _ack(line: LadderLine) -> int:
    return _NOTHING if line.ack is None else line.ack
