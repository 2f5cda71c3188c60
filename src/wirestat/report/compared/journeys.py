"""The connections with incidents between the points, and the affected segments."""

from collections.abc import Iterator, Sequence

from wirestat.crossing import Crossing, Fate, Leg, Passage
from wirestat.report.compared.build import Compared
from wirestat.report.layout import GAP, View, more, row
from wirestat.report.words import ends, offset, standing
from wirestat.spans import span
from wirestat.titles import printable
from wirestat.words import some

_WORTH_TELLING = (Fate.LOST, Fate.INJECTED, Fate.DUPLICATED, Fate.MISSED)
_EACH = 12
"""Maximum segments listed per connection."""


_ALL = 10**9


def lines(compared: Compared, view: View, chosen: bytes | None = None) -> Iterator[str]:
    """Yield a paragraph per affected connection, of all or of those with a nonzero byte in ``chosen``."""
    ids, total = _troubled(compared, view.limit if view.limit is not None else _ALL, chosen)
    if view.where:
        yield f"{some(total, 'connection')} with something on the way, only where {printable(view.where)}"
    shown = 0
    for id in ids:
        crossing = compared.comparison.crossing(id)
        told = list(_told(crossing, compared))
        if not shown and (told or len(set(crossing.names)) > 1):
            yield view.paint("title", "on the way")
        shown += 1
        yield from _connection(crossing, told, compared, view)
    if shown:
        yield from more(shown, total, view, connections=True)


def _troubled(compared: Compared, limit: int, chosen: bytes | None) -> tuple[Sequence[int], int]:
    if chosen is None:
        return compared.comparison.troubled(limit)
    wanted = set(compared.report.tables({"connections": ["id"]}, chosen)["connections"]["id"].data)
    ids = [id for id in compared.comparison.troubled(_ALL)[0] if id in wanted]
    return ids[:limit], len(ids)


def _connection(crossing: Crossing, told: list[str], compared: Compared, view: View) -> Iterator[str]:
    connection = compared.report.connection(crossing.id)
    client, server = (standing(end, view.names) for end in (connection.client, connection.server))
    yield from row(f"#{crossing.id}  {ends(connection)}: client {client}, server {server}", GAP, view)
    for line in (*_aliases(crossing, compared), *told[:_EACH]):
        yield from row(line, GAP * 2, view)
    if len(told) > _EACH:
        yield f"{GAP * 2}… and {len(told) - _EACH:,} more segments: --connection {crossing.id} draws them"


def _aliases(crossing: Crossing, compared: Compared) -> Iterator[str]:
    """Say at which points the connection has other addresses, or was not captured."""
    known = None
    for point in crossing.path:
        names = crossing.names[point]
        if names is None:
            yield f"not captured at {compared.name(point)}"
            continue
        ends = names.client_address, names.client_port, names.server_address, names.server_port
        if known is not None and ends != known:
            client = f"{names.client_address}:{names.client_port}"
            server = f"{names.server_address}:{names.server_port}"
            yield f"at {compared.name(point)} it is {client} → {server}"
        known = ends


def _told(crossing: Crossing, compared: Compared) -> Iterator[str]:
    for passage in crossing.passages:
        happened = [*_fate(passage, compared), *_late(passage, compared)]
        if happened:
            where = ", ".join(f"{compared.name(sight.point)} {sight.frame}" for sight in passage.sights)
            when = offset(passage.time_ns, compared.report.start_ns)
            yield f"{when}  {label(passage)} {'; '.join(happened)} (frame {where})"


def _fate(passage: Passage, compared: Compared) -> Iterator[str]:
    if passage.fate is Fate.MISSED:
        yield f"not captured at {compared.name(passage.behind)}, though it passed"
    elif passage.fate in _WORTH_TELLING:
        yield f"{passage.fate} between {compared.name(passage.before)} and {compared.name(passage.behind)}"


def _late(passage: Passage, compared: Compared) -> Iterator[str]:
    for leg in passage.legs:
        if leg.reordered or leg.delayed:
            yield f"{late(leg)} between {compared.name(leg.before)} and {compared.name(leg.behind)}"


def late(leg: Leg) -> str:
    """Describe how a segment was late.

    >>> late(Leg(0, 1, 30_000_000, True, True, ()))
    'overtaken, held up for 30 ms'
    """
    words = ["overtaken"] if leg.reordered else []
    if leg.delayed:
        words.append(f"held up for {span(leg.delay_ns)}")
    return ", ".join(words)


def label(passage: Passage) -> str:
    """Name a segment: ``client's data seq 1 len 120``."""
    numbers = f"seq {passage.seq}" + (f" ack {passage.ack}" if passage.ack is not None else "")
    length = f", {some(passage.payload, 'byte')}" if passage.payload else ""
    return f"{passage.sender}'s {passage.kind} {numbers}{length}:"
