"""Connections as Zeek logs them, written by the core."""

from collections.abc import Iterator, Mapping

from wirestat import _core
from wirestat.tracker import Tracker

FIELDS: tuple[tuple[str, str], ...] = tuple(_core.CONN_LOG)
"""The fields of a line, each with its type in Zeek."""

_BATCH = 4096
"""Connections written at once."""


def conn_log(
    tracker: Tracker,
    findings: Mapping[int, tuple[str, ...]],
    *,
    is_json: bool,
    chosen: bytes | None = None,
) -> Iterator[bytes]:
    """Yield the lines of a tracker that kept data for Zeek, in the order of ids, then those of UDP.

    Args:
        tracker: the tracker with the connections.
        findings: the diagnoses of the findings about each connection, by its id.
        is_json: one JSON object per line, else tab-separated values.
        chosen: a byte for each connection of the tracker in the order of ids: 0 leaves it out. UDP is left out
            where connections are chosen.
    """
    numbers: dict[tuple[str, ...], int] = {}
    ids = sorted(findings)
    lists = [numbers.setdefault(findings[id], len(numbers)) for id in ids]
    named = ids, lists, [list(list_) for list_ in numbers]
    log = _core.ConnLog(named, is_json)
    for start in range(0, tracker.kept(), _BATCH):
        yield log.write(tracker.core, start, _BATCH, chosen)
    if chosen is None:
        yield log.write_udp(tracker.core)
