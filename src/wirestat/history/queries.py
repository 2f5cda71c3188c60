"""Queries of an instant, or a series of instants: the connections and their states."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wirestat.errors import InputError, PermissionDenied, Unavailable
from wirestat.history.figures import beside
from wirestat.history.intervals import Interval, intervals
from wirestat.history.where import is_of_the_instant, sql, takes_figures
from wirestat.model import Side

if TYPE_CHECKING:
    from wirestat.query.tree import Tree

try:
    import duckdb
except ImportError:
    raise Unavailable.by_extra("duckdb", "sql") from None

from wirestat.history.failing import failure

_SPANS = "read_parquet($path) AS spans"
_AT_ONCE = 1 << 16
_ALIVE = "from_ns <= $at AND (until_ns IS NULL OR until_ns > $at)"

Row = dict[str, Any]
States = dict[Side, Counter[str]]
"""How many clients and servers are in each state."""


class History:
    """A folder of intervals, for queries."""

    def __init__(self, folder: Path) -> None:
        """Find the intervals.

        Raises:
            InputError: there is no such folder, or there are none in it.
            PermissionDenied: this user may not look into it.
        """
        if not folder.is_dir():
            raise InputError("missing", str(folder), None, "no such folder")
        if not os.access(folder, os.R_OK | os.X_OK):
            raise PermissionDenied(str(folder))
        self._intervals = list(intervals(folder))
        if not self._intervals:
            raise InputError("empty", str(folder), None, "no interval of 'wirestat live --store' is in it")
        self._database = duckdb.connect()

    @property
    def start_ns(self) -> int:
        """When the first interval begins, in Unix ns."""
        return self._intervals[0].start_ns

    @property
    def end_ns(self) -> int:
        """When the last interval ends, in Unix ns."""
        return self._intervals[-1].end_ns

    def at(self, time_ns: int, tree: Tree | None = None, most: int | None = None) -> list[Row]:
        """Return the connections of an instant, of which an expression holds if there is one; ``most`` of them.

        Raises:
            InputError: an interval cannot be read.
            UsageError: the expression asks for what is not kept.
        """
        return [row for rows in self.batches(time_ns, tree, most) for row in rows]

    def batches(self, time_ns: int, tree: Tree | None = None, most: int | None = None) -> Iterator[list[Row]]:
        """Yield what :meth:`at` returns, some at a time: there may be millions.

        Raises:
            InputError: an interval cannot be read.
            UsageError: the expression asks for what is not kept.
        """
        _check(tree)
        left = most
        for interval in self._of(time_ns):
            condition = self._condition(interval, tree)
            limit = "" if left is None else f" LIMIT {left}"
            question = f"SELECT spans.* FROM {_SPANS} WHERE {condition} ORDER BY session, id{limit}"
            with self._asked(interval, question, time_ns) as answer:
                names = [column[0] for column in answer.description or ()]
                while found := answer.fetchmany(_AT_ONCE):
                    if left is not None:
                        left -= len(found)
                    yield [dict(zip(names, values, strict=True)) for values in found]

    def count(self, time_ns: int, tree: Tree | None = None) -> int:
        """Return how many connections :meth:`at` has of an instant.

        Raises:
            InputError: an interval cannot be read.
            UsageError: the expression asks for what is not kept.
        """
        _check(tree)
        number = 0
        for interval in self._of(time_ns):
            condition = self._condition(interval, tree)
            question = f"SELECT count(*) FROM {_SPANS} WHERE {condition}"
            ((more,),) = self._ask(interval, question, time_ns)
            number += more
        return number

    def states(self, times_ns: range, tree: Tree | None = None) -> Iterator[tuple[int, States]]:
        """Yield how many ends were in each state at instants that are evenly apart, in Unix ns.

        Raises:
            InputError: an interval cannot be read.
            UsageError: the expression asks for what is not kept.
        """
        _check(tree)
        found: defaultdict[int, States] = defaultdict(lambda: {side: Counter() for side in Side})
        for interval in self._intervals:
            inside = self._inside(interval, times_ns)
            if inside and tree is not None and is_of_the_instant(tree):
                for time_ns in inside:
                    self._count_at(interval, time_ns, tree, found)
            elif inside:
                self._sweep(interval, inside, tree, found)
        for time_ns in times_ns:
            yield time_ns, found[time_ns]

    def was_written(self, time_ns: int) -> bool:
        """Whether anything was captured then."""
        return bool(self._of(time_ns))

    def _of(self, time_ns: int) -> list[Interval]:
        """Return the intervals that hold an instant: more than one where several captures write in one folder."""
        return [one for one in self._intervals if self._holds(one, time_ns)]

    def _holds(self, one: Interval, time_ns: int) -> bool:
        return one.start_ns <= time_ns < one.end_ns or time_ns == one.end_ns == self.end_ns

    def _inside(self, interval: Interval, times_ns: range) -> range:
        """Return the instants that an interval holds."""
        step, begin = times_ns.step, times_ns.start
        first = max(0, -(-(interval.start_ns - begin) // step))
        last = -(-(interval.end_ns - begin) // step)
        if last < len(times_ns) and self._holds(interval, begin + last * step):
            last += 1
        return times_ns[first:last]

    def _condition(self, interval: Interval, tree: Tree | None, alive: str = _ALIVE) -> str:
        def among(column: str, nets: Sequence[str]) -> list[str]:
            bounds = [ip_address(text) for text in nets]
            pairs = [(int(a), int(b)) for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
            question = f"SELECT DISTINCT {column} FROM {_SPANS} WHERE contains({column}, ':')"
            rows = self._ask(interval, question)
            return [each for (each,) in rows if any(a <= int(ip_address(each)) <= b for a, b in pairs)]

        if tree is None:
            return alive
        if takes_figures(tree) and not beside(interval.path).exists():
            raise InputError("incomplete", str(interval.path), None, "its figures are missing")
        return f"{alive} AND {sql(tree, among)}"

    def _count_at(
        self, interval: Interval, time_ns: int, tree: Tree, found: defaultdict[int, States]
    ) -> None:
        condition = self._condition(interval, tree)
        for side in Side:
            question = f"SELECT {side}_state, count(*) FROM {_SPANS} WHERE {condition} GROUP BY 1"
            for state, number in self._ask(interval, question, time_ns):
                found[time_ns][side][state] += number

    def _sweep(
        self, interval: Interval, times_ns: range, tree: Tree | None, found: defaultdict[int, States]
    ) -> None:
        """Count at all instants of an interval in one query: a span adds one at its first and takes it back after its
        last."""
        condition = self._condition(interval, tree, "TRUE")
        begin, step, count = times_ns.start, times_ns.step, len(times_ns)

        def place(time: str) -> str:
            return f"greatest(0, least({count}, ({time} - {begin} + {step - 1}) // {step}))"

        question = (
            f"SELECT client_state, server_state, {place('from_ns')} AS first, "
            f"COALESCE({place('until_ns')}, {count}) AS beyond, count(*) FROM {_SPANS} "
            f"WHERE {condition} GROUP BY ALL HAVING first < beyond"
        )
        changes: dict[Side, dict[str, list[int]]] = {side: {} for side in Side}
        for client, server, first, beyond, number in self._ask(interval, question):
            for side, state in ((Side.CLIENT, client), (Side.SERVER, server)):
                steps = changes[side].setdefault(state, [0] * (count + 1))
                steps[first] += number
                steps[beyond] -= number
        for side, by_state in changes.items():
            for state, steps in by_state.items():
                there = 0
                for time_ns, change in zip(times_ns, steps, strict=False):
                    there += change
                    found[time_ns][side][state] += there

    def _ask(self, interval: Interval, question: str, time_ns: int | None = None) -> list[tuple[Any, ...]]:
        with self._asked(interval, question, time_ns) as answer:
            return answer.fetchall()

    @contextmanager
    def _asked(
        self, interval: Interval, question: str, time_ns: int | None = None
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """Run a query, and return its cursor.

        Raises:
            InputError: the interval cannot be read.
        """
        paths = [interval.path]
        parameters: Row = {"path": str(interval.path)}
        if "$figures" in question:
            paths.append(beside(interval.path))
            parameters["figures"] = str(paths[-1])
        if "$at" in question:
            parameters["at"] = time_ns
        try:
            yield self._database.cursor().execute(question, parameters)
        except duckdb.Error as error:
            raise failure(error, paths) from None


def _check(tree: Tree | None) -> None:
    """Reject an expression about values that are not kept, even without any interval."""
    if tree is not None:
        sql(tree, lambda *_: [])
