"""Connections as JSON, written by the core without Python objects."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from wirestat import _core
from wirestat.tracker import Tracker

_BATCH = 512
"""Connections written at once: about 2 MB."""

Wait = tuple[bool, str | None, str | None]
"""Whether the server waits, and for what: if everything that it sent is acknowledged, and if not."""


class Words(NamedTuple):
    """Texts in records that do not come from the tracker; both lists in the order of states."""

    documented: tuple[str, ...]
    """For every pair of states left and entered, the RFC's sections for the change: JSON fields."""
    waits: tuple[tuple[Wait, ...] | None, ...]
    """For every state of the client and every state of the server, what they wait for; ``None`` where the connection
    has not stopped on the way. The sentences have gaps: ``{bytes}``, ``{ack}`` and ``{ack of FIN}``."""
    findings: Mapping[int, tuple[str, ...]]
    """The findings that name a connection, by its id."""


class Style(NamedTuple):
    """The separators of records."""

    opening: str
    """The beginning of a record: the brace, and the fields that come first."""
    closing: str
    """The end of a record, the brace included."""
    between: str
    """The text between two records."""


def records(tracker: Tracker, words: Words, style: Style, chosen: bytes | None = None) -> Iterator[bytes]:
    """Yield the records of connections in the order of ids, many in a chunk, ready to be put one after the other.

    ``chosen`` has a byte for each connection of the tracker in the order of ids: 0 leaves it out.

    Raises:
        ValueError: ``chosen`` is too long or too short.
    """
    waits = [_spelled(wait) for wait in words.waits]
    core = _core.Records(list(words.documented), waits, _lists(words.findings), style)
    between = b""
    for start in range(0, tracker.kept(), _BATCH):
        chunk = core.write(tracker.core, start, _BATCH, chosen)
        if chunk and between:
            yield between
        if chunk:
            yield chunk
            between = style.between.encode()


def _spelled(waits: tuple[Wait, ...] | None) -> list[Wait] | None:
    """Escape sentences for JSON, without the quotation marks."""
    if waits is None:
        return None
    return [(is_server, _inside(settled), _inside(owing)) for is_server, settled, owing in waits]


def _inside(text: str | None) -> str | None:
    return None if text is None else msgspec.json.encode(text).decode()[1:-1]


def _lists(findings: Mapping[int, tuple[str, ...]]) -> tuple[list[int], list[int], list[str]]:
    """Assign numbers to distinct lists of findings: many connections share few."""
    numbers: dict[tuple[str, ...], int] = {}
    ids = sorted(findings)
    lists = [numbers.setdefault(findings[id], len(numbers)) for id in ids]
    return ids, lists, [msgspec.json.encode(list_).decode() for list_ in numbers]
