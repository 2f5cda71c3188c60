"""Compiles a tree to a program for the core: operations in postfix order, over columns.

An operation is a name, columns, pairs of numbers, and texts (``Op``). Each gives one result for every connection:

* ``and n``, ``or n``, ``not``: combine the last results. Only these take results.
* ``within``: the column's value is in one of the spans; null is in none.
* ``lapse``: the time from one column to another, or to now, is in one of the spans.
* ``has``: the set has one of the members. ``address``: the address is in one of the ranges.
* ``named``: a name of the tunnel, with or without its number, is one of the texts; case does not matter.
* ``stepped``: one of the ends, given as columns, made one of the changes of state (pairs) without a retraction.
* ``given``: a value that no column holds, passed in as a byte for each connection.

Columns are those of the table ``connections``; ``instant.`` stands before one of the table ``instant``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from wirestat.errors import UsageError
from wirestat.query.fields import FilterField, Kind
from wirestat.query.tree import (
    ENDS,
    End,
    Every,
    OneEnd,
    Opposite,
    Some,
    Span,
    Stepped,
    Test,
    Tree,
    bind,
)
from wirestat.tracker import Op, Tracker

_LEAST = -(1 << 63)
_INSTANT = "instant."
_AT_INSTANT = frozenset({"state", "since_ns"})
"""Columns of an end whose values are known at every instant, not only at the end."""


class Program(NamedTuple):
    """Operations, and the tests whose results must be passed in."""

    ops: tuple[Op, ...]
    given: tuple[Test, ...]


def compiled(tree: Tree, at_ns: int | None = None) -> Program:
    """Compile a tree; with ``at_ns`` (Unix ns) states and their times are those at that instant.

    A connection that had not begun by then never matches.

    Raises:
        UsageError: it asks for something of that instant that is only known at the end.
    """
    compiler = _Compiler(at_ns is not None)
    compiler.add(tree)
    if at_ns is not None:
        compiler.emit("within", ["first_time_ns"], [(_LEAST, at_ns)])
        compiler.emit("and", spans=[(2, 0)])
    return Program(tuple(compiler.ops), tuple(compiler.given))


def choose(
    tracker: Tracker, tree: Tree, now_ns: int, speaks: Callable[[Test], bytes], *, is_past: bool = False
) -> bytes:
    """Return a byte for each connection of a tracker in the order of ids: 1 where the tree holds, else 0.

    Args:
        tracker: where connections are kept; see ``Tracker.settle``.
        tree: what is asked.
        now_ns: the instant that times are counted to, in Unix ns.
        speaks: answers tests about findings, in the same form.
        is_past: whether states are to be those at ``now_ns``, rather than those at the end.

    Raises:
        UsageError: it asks for something of that instant that is only known at the end.
    """
    program = compiled(tree, now_ns if is_past else None)
    return tracker.choose(program.ops, [speaks(test) for test in program.given], now_ns)


def choose_one(tracker: Tracker, program: Program, given: Sequence[bytes], where: tuple[int, int]) -> bytes:
    """Return one byte for the connection at a place and with an id, or none if it was let go.

    Times are counted to the last frame. ``given`` answers ``program.given``, a byte each.
    """
    now_ns = tracker.core.intake().last_time_ns or 0
    return tracker.choose(program.ops, given, now_ns, where)


class _Compiler:
    def __init__(self, is_past: bool) -> None:
        self.ops: list[Op] = []
        self.given: list[Test] = []
        self._is_past = is_past

    def emit(
        self, name: str, columns: Sequence[str] = (), spans: Sequence[Span] = (), texts: Sequence[str] = ()
    ) -> None:
        """Add an operation."""
        self.ops.append((name, list(columns), list(spans), list(texts)))

    def add(self, tree: Tree) -> None:
        """Add what a tree asks."""
        match tree:
            case Every(parts=parts):
                self._joined("and", parts)
            case Some(parts=parts):
                self._joined("or", parts)
            case Opposite(part=part):
                self.add(part)
                self.emit("not")
            case OneEnd(part=part):
                self._joined("or", [bind(part, end) for end in ENDS])
            case Stepped(end=end, changes=changes):
                self.emit("stepped", [end] if end else ENDS, changes)
            case Test():
                self._test(tree)

    def _joined(self, name: str, parts: Sequence[Tree]) -> None:
        for part in parts:
            self.add(part)
        self.emit(name, spans=[(len(parts), 0)])

    def _test(self, test: Test) -> None:
        field = test.field
        if field.kind in (Kind.FINDING, Kind.SEVERITY):
            self.emit("given", spans=[(len(self.given), 0)])
            self.given.append(test)
        elif field.between:
            self.emit("lapse", field.between, test.spans)
        else:
            columns = self._columns(field, test.end)
            for column in columns:
                self._one(test, column)
            if len(columns) > 1:
                self.emit("or", spans=[(len(columns), 0)])

    def _one(self, test: Test, column: str) -> None:
        kind = test.field.kind
        if test.field.name == "for":
            self.emit("lapse", [column], test.spans)
        elif kind is Kind.SET:
            self.emit("has", [column], test.spans)
        elif test.texts:
            self.emit("address" if kind is Kind.ADDRESS else "named", [column], (), test.texts)
        else:
            self.emit("within", [column], test.spans)

    def _columns(self, field: FilterField, end: End | None) -> list[str]:
        whole = [field.whole] if field.whole else []
        if end is None and whole and not field.is_wide:
            return whole
        ends = [self._of_end(field, one) for one in ([end] if end else ENDS)] if field.end else []
        return ends if end else whole + ends

    def _of_end(self, field: FilterField, end: End) -> str:
        column = f"{end}_{field.end}"
        if not self._is_past or not (field.tells_of_state or field.name == "state"):
            return column
        if field.end not in _AT_INSTANT:
            raise UsageError(
                f"filter: {field.name} is known as of the end, and not at an instant",
                hint="leave --at or that field out",
            )
        return _INSTANT + column
