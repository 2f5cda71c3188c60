"""Translates a filter expression to SQL over spans and figures; the parameter ``$at`` is the instant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, ip_address

from wirestat.errors import UsageError
from wirestat.history.changes import FIELD as CHANGES, spelled
from wirestat.history.figures import NAMES
from wirestat.history.spans import FIELDS
from wirestat.model import Severity
from wirestat.query.fields import Kind
from wirestat.query.tree import ENDS, Every, OneEnd, Opposite, Some, Stepped, Test, Tree, bind, leaves, tests
from wirestat.tables.schema import FIXED

_SPANS = frozenset(field.name for field in FIELDS)
_FIGURES = "figures."
_OF_THE_END = "it is known as of the end, not of an instant: leave that field out"
_SPECIAL = {
    "finding": ("figures.findings",),
    "severity": ("figures.severities",),
    "duration": ("figures.first_time_ns", "figures.last_time_ns"),
}
"""The columns that derived fields are computed from."""

Among = Callable[[str, Sequence[str]], Sequence[str]]
"""Returns the addresses in a column that lie in nets, given the first and the last address of each net."""


def takes_figures(tree: Tree) -> bool:
    """Tell whether an expression needs figures beside the spans.

    Raises:
        UsageError: it asks for what the history does not keep.
    """
    return any(column.startswith(_FIGURES) for leaf in leaves(tree) for column in _columns(leaf))


def is_of_the_instant(tree: Tree) -> bool:
    """Tell whether an expression tests durations, so that its result depends on the instant."""
    return any(test.field.name == "for" for test in tests(tree))


def sql(tree: Tree, among: Among) -> str:
    """Return the condition.

    Raises:
        UsageError: it asks for what the history does not keep.
    """
    if not _is_of_figures(tree):
        return _sql(tree, among)
    # A connection without figures matches no test of figures.
    found = f"SELECT session, id FROM read_parquet($figures) AS figures WHERE {_sql(tree, among)}"
    return f"((spans.session, spans.id) IN ({found}))"


def _is_of_figures(tree: Tree) -> bool:
    """Whether an expression tests only figures, and has no negation."""
    match tree:
        case Test() | Stepped():
            return all(column.startswith(_FIGURES) for column in _columns(tree))
        case Every(parts=parts) | Some(parts=parts):
            return all(map(_is_of_figures, parts))
        case OneEnd(part=part):
            return _is_of_figures(part)
        case Opposite():
            return False


def _sql(tree: Tree, among: Among) -> str:
    each = _sql if _is_of_figures(tree) else sql
    match tree:
        case Stepped():
            (made,) = _columns(tree)
            return f"({' OR '.join(f'contains({made}, {_text(one)})' for one in _changes(tree))})"
        case Every(parts=parts):
            return f"({' AND '.join(each(part, among) for part in parts)})"
        case Some(parts=parts):
            return f"({' OR '.join(each(part, among) for part in parts)})"
        case Opposite(part=part):
            return f"(NOT {sql(part, among)})"
        case OneEnd(part=part):
            return f"({' OR '.join(each(bind(part, end), among) for end in ENDS)})"
        case Test():
            values = [_of_value(tree, value, among) for value in _values(tree)]
            # A missing value equals no wanted value: the test is false, not NULL.
            return f"COALESCE({' OR '.join(values)}, FALSE)"


def _changes(asked: Stepped) -> list[str]:
    states = FIXED["states"]
    return [
        spelled(end, states[left], states[entered])
        for end in ([asked.end] if asked.end else ENDS)
        for left, entered in asked.changes
    ]


def _columns(test: Test | Stepped) -> list[str]:
    """Return the columns that a test looks at, each with its table."""
    if isinstance(test, Stepped):
        return [_FIGURES + CHANGES.name]
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
        return _FIGURES + column
    raise UsageError(f"the history does not keep {name!r}", hint=_OF_THE_END)


def _values(test: Test) -> list[str]:
    """Return the SQL terms that a test compares: columns, or differences."""
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
    """Compare IPv4 networks as numbers, single addresses as text; ``among`` looks up the rest."""
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
    # An IPv6 address has no such number (NULL), and is not in the net.
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
