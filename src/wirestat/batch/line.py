"""Orders the pieces of a capture by time, as one reader of all files would read their frames."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

from msgspec.structs import replace

from wirestat.batch.cuts import Cut
from wirestat.model import Capture, Interface
from wirestat.pieces import Survey

Cuts = tuple[Cut, ...]
"""The captures that one worker reads as one: a piece of a file, a file, or files that overlap in time."""


def in_line(pieces: Sequence[tuple[Cuts, Survey]]) -> list[list[int]] | None:
    """Return groups of places in ``pieces``, in the order of time; the pieces of a group are read as one.

    Files that overlap in time form a group, as their frames must be merged. ``None`` if one of them was cut.
    """
    files: list[list[int]] = []
    for place, (cuts, survey) in enumerate(pieces):
        if survey.first_ns is None:
            continue
        if files and not cuts[0].is_whole and cuts[0].start:
            files[-1].append(place)
        else:
            files.append([place])
    first = {id(file): pieces[file[0]][1].first_ns or 0 for file in files}
    files.sort(key=lambda file: (first[id(file)], file[0]))
    groups: list[list[list[int]]] = []
    until: tuple[int, int] | None = None
    for file in files:
        begins = (first[id(file)], file[0])
        if until is None or begins > until:
            groups.append([])
        groups[-1].append(file)
        latest = max((pieces[place][1].latest_ns or 0) for place in file)
        until = max(until or (latest, file[0]), (latest, file[0]))
    line: list[list[int]] = []
    for group in groups:
        if len(group) == 1:
            line += [[place] for place in group[0]]
        elif all(len(file) == 1 for file in group):
            line.append(sorted(place for file in group for place in file))
        else:
            return None
    return line


def captures(pieces: Sequence[tuple[Cuts, Survey]]) -> tuple[Capture, ...] | None:
    """Return the record of each file, in the order of ``pieces``.

    ``None`` if the pieces of a file do not give the record of the whole: a piece has an error, defects or comments,
    or describes other interfaces than the piece before it.
    """
    told: list[Capture] = []
    last_ns: int | None = None
    for cuts, survey in pieces:
        if cuts[0].is_whole:
            told += survey.captures
            continue
        (one,) = survey.captures
        if one.error or one.defects or one.comments:
            return None
        if cuts[0].start:
            merged = _merged(told[-1], one, last_ns, survey.first_ns)
            if merged is None:
                return None
            told[-1] = merged
        else:
            told.append(replace(one, size=cuts[0].source.size))
        last_ns = survey.last_ns if survey.last_ns is not None else last_ns
    return tuple(told)


def _merged(one: Capture, more: Capture, last_ns: int | None, first_ns: int | None) -> Capture | None:
    """Add the record of the next piece of a file; ``None`` if its interfaces are others.

    ``last_ns`` is the time of the last frame before the piece, ``first_ns`` that of its first frame.
    """
    between_ns = 0 if last_ns is None or first_ns is None else first_ns - last_ns
    gaps = [
        (one.longest_gap_ns, one.longest_gap_from_ns),
        (between_ns, last_ns if between_ns > 0 else None),
        (more.longest_gap_ns, more.longest_gap_from_ns),
    ]
    longest_ns, longest_from_ns = max(gaps, key=itemgetter(0))
    if len(one.interfaces) != len(more.interfaces):
        return None
    interfaces = []
    for known, next in zip(one.interfaces, more.interfaces, strict=True):
        if _described(known) != _described(next):
            return None
        interfaces.append(
            replace(
                known,
                frames=known.frames + next.frames,
                received=known.received if next.received is None else next.received,
                dropped=known.dropped if next.dropped is None else next.dropped,
            )
        )
    times = [time for time in (one.first_time_ns, more.first_time_ns) if time is not None]
    latest = [time for time in (one.last_time_ns, more.last_time_ns) if time is not None]
    return replace(
        one,
        interfaces=tuple(interfaces),
        frames=one.frames + more.frames,
        first_time_ns=min(times, default=None),
        last_time_ns=max(latest, default=None),
        snapped_frames=one.snapped_frames + more.snapped_frames,
        backward_steps=one.backward_steps + more.backward_steps + (between_ns < 0),
        longest_gap_ns=longest_ns,
        longest_gap_from_ns=longest_from_ns,
    )


def _described(interface: Interface) -> Interface:
    return replace(interface, frames=0, received=None, dropped=None)
