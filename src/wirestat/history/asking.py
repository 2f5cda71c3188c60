"""An instant of the past, or a series of them: which connections there were, in which states."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wirestat.errors import InputError, Unavailable, UsageError
from wirestat.history.intervals import Interval, intervals
from wirestat.history.spans import FIELDS
from wirestat.query.reference import Told, holds
from wirestat.query.tree import tests

if TYPE_CHECKING:
    from wirestat.query.tree import Tree

try:
    import duckdb
except ImportError:
    raise Unavailable.by_extra("duckdb", "sql") from None

_KEPT = frozenset(field.name for field in FIELDS)

Row = dict[str, Any]


class History:
    """A folder of intervals, to be asked."""

    def __init__(self, folder: Path) -> None:
        """Look which intervals there are.

        Raises:
            InputError: there is no such folder, or there are none in it.
        """
        if not folder.is_dir():
            raise InputError("missing", str(folder), None, "no such folder")
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

    def at(self, time_ns: int, tree: Tree | None = None) -> list[Row]:
        """Return the connections of an instant, of which an expression holds if there is one.

        Raises:
            InputError: an interval cannot be read.
            UsageError: the expression asks for what is not kept.
        """
        if tree is not None:
            require_kept(tree)
        rows = [row for interval in self._of(time_ns) for row in self._rows(interval, time_ns)]
        return rows if tree is None else [row for row in rows if holds(tree, Told(row, (), (), time_ns))]

    def was_written(self, time_ns: int) -> bool:
        """Whether anything was captured then."""
        return bool(self._of(time_ns))

    def _of(self, time_ns: int) -> list[Interval]:
        """Return the intervals that hold an instant: more than one where several captures write in one folder."""
        return [
            one for one in self._intervals
            if one.start_ns <= time_ns < one.end_ns or time_ns == one.end_ns == self.end_ns
        ]  # fmt: skip

    def _rows(self, interval: Interval, time_ns: int) -> Iterator[Row]:
        query = (
            "SELECT * FROM read_parquet(?) WHERE from_ns <= ? AND (until_ns IS NULL OR until_ns > ?) "
            "ORDER BY session, id"
        )
        try:
            found = self._database.execute(query, [str(interval.path), time_ns, time_ns])
            names = [column[0] for column in found.description or ()]
            for values in found.fetchall():
                yield dict(zip(names, values, strict=True))
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise InputError("not a table", str(interval.path), None, reason) from None


def require_kept(tree: Tree) -> None:
    """Reject an expression about what the history does not keep.

    Raises:
        UsageError: it asks for such a field, or for changes of state.
    """
    from wirestat.query.tree import Every, OneEnd, Opposite, Some, Stepped

    match tree:
        case Stepped():
            raise UsageError(
                "the history keeps states, not single changes", hint="ask for states, with --each"
            )
        case Every(parts=parts) | Some(parts=parts):
            for part in parts:
                require_kept(part)
        case Opposite(part=part) | OneEnd(part=part):
            require_kept(part)
        case _:
            for test in tests(tree):
                columns = {test.field.whole, *(f"{end}_{test.field.end}" for end in ("client", "server"))}
                if not columns & _KEPT:
                    raise UsageError(
                        f"the history does not keep {test.field.name!r}",
                        hint="it keeps state, since, for, address and port of both ends",
                    )
