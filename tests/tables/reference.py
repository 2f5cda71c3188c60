"""Columns made from the tracker's records, value by value; the core's columns have to equal them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wirestat.facts import CONNECTION_FACTS
from wirestat.model import Connection, Endpoint, Side, Sighting, Transition
from wirestat.report.history import state_at
from wirestat.summary import Listener
from wirestat.tables import SCHEMA, Column, Field, Table, Value, Wanted
from wirestat.tables.column import Texts
from wirestat.tables.schema import FIXED, Format

Rows = list[dict[str, Value]]

LATER = 1 << 62
"""Than anything that is captured, in Unix ns."""

NOT_IN_RECORDS = frozenset({"client_rtt_ns", "server_rtt_ns"})
"""Columns of connections that no record has."""


def rows(
    connections: Sequence[Connection], listeners: Iterable[Listener] = (), at_ns: int | None = None
) -> dict[str, Rows]:
    """Return the rows of every table."""
    return {
        "instant": [_instant(item, at_ns) for item in connections],
        "connections": [_connection(item) for item in connections],
        "transitions": [_transition(item.id, step) for item in connections for step in item.transitions],
        "facts": [_fact(item.id, fact) for item in connections for fact in item.facts],
        "listeners": [_listener(item) for item in listeners],
    }


def offsets(counts: Iterable[int]) -> list[int]:
    """Return the offsets of each connection's rows, and the end of the last."""
    begin = [0]
    for count in counts:
        begin.append(begin[-1] + count)
    return begin


def _connection(item: Connection) -> dict[str, Value]:
    of_whole = {
        "id": item.id,
        "incarnation": item.incarnation,
        "previous": item.previous,
        "direction_reason": item.direction_reason.value,
        "tunnel": item.tunnel,
        "first_time_ns": item.first_time_ns,
        "last_time_ns": item.last_time_ns,
        "first_frame": item.first_frame,
        "last_frame": item.last_frame,
        "handshake_rtt_ns": item.handshake_rtt_ns,
        "connect_ns": item.connect_ns,
        "syn_copies": item.syn_copies,
        "syn_ack_copies": item.syn_ack_copies,
        "syn_to_syn_ack_ns": item.syn_to_syn_ack_ns,
        "syn_ack_to_ack_ns": item.syn_ack_to_ack_ns,
        "first_byte_ns": item.first_byte_ns,
        "network_ns": item.network_ns,
        "facts": _members("facts", (fact.fact for fact in item.facts if fact.fact in CONNECTION_FACTS)),
    }
    return of_whole | _end(item, Side.CLIENT, item.client) | _end(item, Side.SERVER, item.server)


def _end(item: Connection, side: Side, end: Endpoint) -> dict[str, Value]:
    own: dict[str, Any] = {name: getattr(end, name) for name in end.__struct_fields__}
    own["state"] = end.state.value
    own["evidence"] = end.evidence and end.evidence.value
    own["first_state"] = end.first_state.value
    own["or_since"] = _members("states", (state.value for state in end.or_since))
    own["facts"] = _members("facts", (fact.fact for fact in item.facts if fact.endpoint is side))
    return {f"{side}_{name}": value for name, value in own.items()}


def _members(dictionary: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return names in the order of a dictionary, each once, as a set has them."""
    wanted = set(names)
    assert wanted <= set(FIXED[dictionary])
    return tuple(name for name in FIXED[dictionary] if name in wanted)


def _instant(item: Connection, at_ns: int | None) -> dict[str, Value]:
    row: dict[str, Value] = {"id": item.id}
    for side in Side:
        state, since = None, None
        if at_ns is None or item.first_time_ns <= at_ns:
            state, since = state_at(item, side, LATER if at_ns is None else at_ns)
        row |= {f"{side}_state": state and state.value, f"{side}_since_ns": since}
    return row


def _transition(id: int, step: Transition) -> dict[str, Value]:
    own: dict[str, Any] = {name: getattr(step, name) for name in step.__struct_fields__}
    words = {name: str(own[name]) for name in ("endpoint", "from_state", "to", "evidence")}
    return {"connection": id} | own | words


def _fact(id: int, fact: Sighting) -> dict[str, Value]:
    return {
        "connection": id,
        "fact": fact.fact.value,
        "endpoint": fact.endpoint and fact.endpoint.value,
        "frame": fact.frame,
        "time_ns": fact.time_ns,
        "figure": fact.figure,
    }


def _listener(item: Listener) -> dict[str, Value]:
    own: dict[str, Any] = {name: getattr(item, name) for name in item.__struct_fields__ if name != "examples"}
    for name in ("states", "client_states"):
        counted = {state.value: count for state, count in own[name].items()}
        own[name] = {state: counted.get(state, 0) for state in FIXED["states"]}
    return own


def tables(
    connections: Sequence[Connection],
    wanted: Wanted,
    chosen: bytes | None = None,
    at_ns: int | None = None,
) -> dict[str, Table]:
    """Return tables like those of a tracker, for connections that were made up, not captured."""
    if chosen is not None:
        connections = [item for item, byte in zip(connections, chosen, strict=True) if byte]
    told = rows(connections, at_ns=at_ns)
    made = {}
    hanging = {
        "transitions": offsets(len(item.transitions) for item in connections),
        "facts": offsets(len(item.facts) for item in connections),
    }
    for name, names in wanted.items():
        columns = {
            field.name: _column(field, [row.get(field.name) for row in told[name]])
            for field in SCHEMA[name].fields
            if names is None or field.name in names
        }
        begin = hanging.get(name)
        made[name] = Table(SCHEMA[name], len(told[name]), columns, _numbers("Q", begin) if begin else None)
    return made


def _column(field: Field, values: Sequence[Any]) -> Column:
    names: Sequence[str] | None = None
    if field.dictionary:
        names = FIXED.get(field.dictionary) or _texts([value for value in values if value is not None])
    codes = {name: number for number, name in enumerate(names or ())}
    kept = b"".join(_kept(field, value, codes) for value in values)
    return Column(field, kept, names)


def _texts(values: Iterable[str]) -> Texts:
    different = [text.encode() for text in dict.fromkeys(values)]
    return Texts(_numbers("I", offsets(map(len, different))), b"".join(different))


def _kept(field: Field, value: Any, codes: Mapping[str, int]) -> bytes:
    if field.type == "set":
        return sum(1 << codes[name] for name in value).to_bytes(field.width, "little")
    if field.type == "counts":
        return _numbers("Q", [value[name] for name in codes])
    if value is None:
        assert field.null is not None or field.name in NOT_IN_RECORDS
        return field.null_bytes
    return _numbers(field.format, [codes[value] if field.dictionary else value])


def _numbers(format: Format, numbers: Sequence[int]) -> bytes:
    kept = memoryview(bytearray(8 * len(numbers))).cast("B")
    width = memoryview(b"\0" * 8).cast(format).itemsize
    view = kept[: width * len(numbers)].cast(format)
    for place, number in enumerate(numbers):
        view[place] = number
    return view.tobytes()
