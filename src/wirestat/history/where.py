"""An expression as SQL over spans, as of an instant, which is the parameter ``$at``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, ip_address

from wirestat.errors import UsageError
from wirestat.history.spans import FIELDS
from wirestat.query.fields import Kind
from wirestat.query.tree import ENDS, Every, OneEnd, Opposite, Some, Stepped, Test, Tree, bind, tests
from wirestat.tables.schema import FIXED

_KEPT = frozenset(field.name for field in FIELDS)
_KNOWN = "it keeps state, evidence, since, for, address and port of both ends, id and first_time"

Among = Callable[[str, Sequence[str]], Sequence[str]]
"""Gives those addresses of a column that lie in nets: ``column``, first and last address of each net."""


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
                "the history keeps states, not single changes", hint="ask for states, with --each"
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


def _values(test: Test) -> list[str]:
    """Return the columns, or terms of them, that a test looks at."""
    field = test.field
    if field.whole and test.end is None and field.kind is not Kind.SET:
        columns = [field.whole]
    else:
        columns = [f"{end}_{field.end}" for end in (ENDS if test.end is None else (test.end,))]
    if not set(columns) <= _KEPT:
        raise UsageError(f"the history does not keep {field.name!r}", hint=_KNOWN)
    return [f"($at - {column})" for column in columns] if field.name == "for" else columns


def _of_value(test: Test, value: str, among: Among) -> str:
    if test.field.kind is Kind.ADDRESS:
        return _of_address(test.texts, value, among)
    if test.field.kind is Kind.NAME:
        names = FIXED[test.field.names or ""]
        wanted = [name for code, name in enumerate(names) if any(a <= code <= b for a, b in test.spans)]
        return f"{value} IN ({_texts(wanted)})" if wanted else f"({value} IS NOT NULL AND FALSE)"
    between = [f"{value} BETWEEN {low} AND {high}" for low, high in test.spans]
    return f"({' OR '.join(between)})" if between else f"({value} IS NOT NULL AND FALSE)"


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
