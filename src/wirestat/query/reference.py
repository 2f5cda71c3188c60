"""A second implementation of expressions, in Python and one connection at a time: tests compare the core with it.

It evaluates the tree, not the compiled program. It is exact and slow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from typing import NamedTuple

from wirestat.query.fields import Kind
from wirestat.query.tree import ENDS, End, Every, OneEnd, Opposite, Some, Stepped, Test, Tree, bind
from wirestat.tables import Value
from wirestat.tables.schema import FIXED


class Step(NamedTuple):
    """A change of state that is believed."""

    end: str
    left: str
    entered: str


class Subject(NamedTuple):
    """A connection, as the tables tell it."""

    row: Mapping[str, Value]
    """Its row of the table ``connections``; for a question about an instant, overlaid with its row of ``instant``."""
    steps: Sequence[Step]
    findings: Sequence[tuple[str, int]]
    """Id and severity of each finding about it."""
    now_ns: int
    spoken: Mapping[Test, bool] = {}
    """Known results of tests of findings, instead of ``findings``."""


def holds(tree: Tree, told: Subject) -> bool:
    """Tell whether a tree is true for a connection."""
    match tree:
        case Every(parts=parts):
            return all(holds(part, told) for part in parts)
        case Some(parts=parts):
            return any(holds(part, told) for part in parts)
        case Opposite(part=part):
            return not holds(part, told)
        case OneEnd(part=part):
            return any(holds(bind(part, end), told) for end in ENDS)
        case Stepped(end=end, changes=changes):
            states = FIXED["states"]
            wanted = {(states[left], states[entered]) for left, entered in changes}
            return any(
                (step.left, step.entered) in wanted for step in told.steps if end is None or step.end == end
            )
        case Test():
            if tree in told.spoken:
                return told.spoken[tree]
            return any(_is_one(tree, value) for value in _values(tree, told))


def _values(test: Test, told: Subject) -> list[Value]:
    field, row = test.field, told.row
    if field.between:
        began, ended = field.between
        return [_since(row[ended], row[began])]
    match field.name:
        case "for":
            return [_since(told.now_ns, row[f"{end}_since_ns"]) for end in _ends(test.end)]
        case "finding":
            return [id for id, _ in told.findings]
        case "severity":
            return [rank for _, rank in told.findings]
    whole = [row[field.whole]] if field.whole and test.end is None else []
    if whole and field.kind is not Kind.SET:
        return whole
    ends = [row[f"{end}_{field.end}"] for end in _ends(test.end)] if field.end else []
    return [*whole, *ends]


def _ends(end: End | None) -> Sequence[End]:
    return ENDS if end is None else (end,)


def _since(later: Value, earlier: Value) -> int | None:
    return later - earlier if isinstance(later, int) and isinstance(earlier, int) else None


def _is_one(test: Test, value: Value) -> bool:
    kind = test.field.kind
    if value is None:
        return False
    if kind is Kind.SET:
        members = value if isinstance(value, tuple) else ()
        return any(_is_within(test, _code(test, member)) for member in members)
    if kind is Kind.ADDRESS:
        return _is_address(test.texts, str(value))
    if kind is Kind.TUNNEL and test.texts:
        return _is_tunnel(test.texts, str(value))
    if kind is Kind.FINDING:
        return value in test.texts or bool(test.spans)
    if kind is Kind.NAME:
        return _is_within(test, _code(test, str(value)))
    return _is_within(test, value if isinstance(value, int) else 0)


def _code(test: Test, name: str) -> int:
    return FIXED[test.field.names or ""].index(name)


def _is_within(test: Test, number: int) -> bool:
    return any(low <= number <= high for low, high in test.spans)


def _is_address(nets: Sequence[str], address: str) -> bool:
    own = ip_address(address)
    bounds = [ip_address(text) for text in nets]
    pairs = zip(bounds[::2], bounds[1::2], strict=True)
    return any(first.version == own.version and int(first) <= int(own) <= int(last) for first, last in pairs)


def _is_tunnel(names: Sequence[str], tunnel: str) -> bool:
    parts = tunnel.lower().split(", ")
    known = {*parts, *(part.split(" ")[0] for part in parts)}
    return any(name.lower() in known for name in names)
