"""An expression as SQL over spans and figures, as of an instant, which is the parameter ``$at``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, ip_address

from wirestat.errors import UsageError
from wirestat.history.figures import NAMES
from wirestat.history.spans import FIELDS
from wirestat.model import Severity
from wirestat.query.fields import Kind
from wirestat.query.tree import ENDS, Every, OneEnd, Opposite, Some, Stepped, Test, Tree, bind, tests
from wirestat.tables.schema import FIXED

_SPANS = frozenset(field.name for field in FIELDS)
_OF_THE_END = "it is known as of the end, not of an instant: leave that field out"
_SPECIAL = {
    "finding": ("figures.findings",),
    "severity": ("figures.severities",),
    "duration": ("figures.first_time_ns", "figures.last_time_ns"),
}
"""The columns of fields that are no columns themselves."""

Among = Callable[[str, Sequence[str]], Sequence[str]]
"""Gives those addresses of a column that lie in nets: ``column``, first and last address of each net."""


def figures(tree: Tree) -> list[str]:
    """Return the columns of figures that an expression asks for.

    Raises:
        UsageError: it asks for what the history does not keep.
    """
    asked = {column for test in tests(tree) for column in _columns(test)}
    return sorted(column.removeprefix("figures.") for column in asked if column.startswith("figures."))


def is_of_the_instant(tree: Tree) -> bool:
    """Whether an expression asks how long something has been so, and so holds at one instant and not at another."""
    return any(test.field.name == "for" for test in tests(tree))


def sql(tree: Tree, among: Among) -> str:
    """Return the condition.

    Raises:
        UsageError: it asks for what the history does not keep.
    """
    match tree:
        case Stepped():
            raise UsageError(
                "the history keeps spans of states, not single changes", hint="ask for states, with --each"
            )
        case Every(parts=parts):
            return _joined(parts, "AND", among)
        case Some(parts=parts):
            return _joined(parts, "OR", among)
        case Opposite(part=part):
            return f"(NOT {sql(part, among)})"
        case OneEnd(part=part):
            return _joined([bind(part, end) for end in ENDS], "OR", among)
        case Test():
            each = [_of_value(tree, value, among) for value in _values(tree)]
            # Where there is no value, none is the one that is asked for.
            return f"COALESCE({' OR '.join(each)}, FALSE)"


def _joined(parts: Sequence[Tree], operator: str, among: Among) -> str:
    return f"({f' {operator} '.join(sql(part, among) for part in parts)})"


def _columns(test: Test) -> list[str]:
    """Return the columns that a test looks at, each with its table."""
    field = test.field
    if field.name in _SPECIAL:
        return list(_SPECIAL[field.name])
    columns = [field.whole] if field.whole and test.end is None else []
    if field.end and (not columns or field.kind is Kind.SET):
        columns += [f"{end}_{field.end}" for end in (ENDS if test.end is None else (test.end,))]
    return [_placed(column, field.name) for column in columns]


def _placed(column: str, name: str) -> str:
    if column in _SPANS:
        return f"spans.{column}"
    if column in NAMES:
        return f"figures.{column}"
    raise UsageError(f"the history does not keep {name!r}", hint=_OF_THE_END)


def _values(test: Test) -> list[str]:
    """Return what a test looks at: columns, or terms of them."""
    columns = _columns(test)
    if test.field.name == "duration":
        first, last = columns
        return [f"({last} - {first})"]
    if test.field.name == "for":
        return [f"($at - {column})" for column in columns]
    return columns


def _of_value(test: Test, value: str, among: Among) -> str:
    match test.field.kind:
        case Kind.ADDRESS:
            return _of_address(test.texts, value, among)
        case Kind.NAME:
            wanted = _named(FIXED[test.field.names or ""], test)
            return f"{value} IN ({_texts(wanted)})" if wanted else "FALSE"
        case Kind.SET:
            return _of_set(value, _named(FIXED[test.field.names or ""], test))
        case Kind.SEVERITY:
            return _of_set(value, [str(one) for one in Severity if _is_within(test, one.rank)])
        case Kind.FINDING:
            return f"len({value}) > 0" if test.spans else _of_set(value, test.texts)
        case Kind.TUNNEL:
            return _of_tunnel(value, test.texts) if test.texts else f"{value} IS NOT NULL"
        case Kind.FLAG:
            value = f"CAST({value} AS INTEGER)"
    between = [f"{value} BETWEEN {low} AND {high}" for low, high in test.spans]
    return f"({' OR '.join(between)})" if between else "FALSE"


def _named(names: Sequence[str], test: Test) -> list[str]:
    return [name for code, name in enumerate(names) if _is_within(test, code)]


def _is_within(test: Test, number: int) -> bool:
    return any(low <= number <= high for low, high in test.spans)


def _of_set(value: str, wanted: Sequence[str]) -> str:
    return f"list_has_any({value}, [{_texts(wanted)}])" if wanted else "FALSE"


def _of_tunnel(value: str, names: Sequence[str]) -> str:
    """Compare the whole of each layer, and its kind: "vxlan 42" is both "vxlan 42" and "vxlan"."""
    layers = f"string_split(lower({value}), ', ')"
    known = f"list_concat({layers}, list_transform({layers}, lambda layer: split_part(layer, ' ', 1)))"
    return _of_set(known, [name.lower() for name in names])


def _of_address(nets: Sequence[str], column: str, among: Among) -> str:
    """Compare numbers where they are IPv4's, texts where they are single, and look through the rest."""
    conditions, rest = [], []
    for first, last in zip(nets[::2], nets[1::2], strict=True):
        low, high = ip_address(first), ip_address(last)
        if low == high:
            conditions.append(f"{column} = {_text(str(low))}")
        elif isinstance(low, IPv4Address):
            conditions.append(f"{_number(column)} BETWEEN {int(low)} AND {int(high)}")
        else:
            rest += [first, last]
    if rest:
        found = among(column, rest)
        conditions.append(f"{column} IN ({_texts(found)})" if found else "FALSE")
    # An address of the other family has no number, and is not in the net.
    return f"({' OR '.join(f'COALESCE({condition}, FALSE)' for condition in conditions)})"


def _number(column: str) -> str:
    parts = [
        f"TRY_CAST(split_part({column}, '.', {part}) AS BIGINT) << {32 - 8 * part}" for part in range(1, 5)
    ]
    return f"({' + '.join(f'({part})' for part in parts)})"


def _texts(values: Sequence[str]) -> str:
    return ", ".join(map(_text, values))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
