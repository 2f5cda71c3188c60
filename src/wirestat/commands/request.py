"""The options of a verb in one value: for all verbs that track, for those that report, for ``analyze``."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from wirestat.capture.engines import Engine
from wirestat.errors import UsageError
from wirestat.export import EXPORTS, zeek
from wirestat.model import Severity, State
from wirestat.names import Dialect
from wirestat.report.formats import FOR_PEOPLE, IN_PARTS, PAGE, TEXT
from wirestat.report.layout import LIMIT
from wirestat.timers import Timers, profile
from wirestat.zones import Zone

if TYPE_CHECKING:
    from pathlib import Path

    from wirestat.commands.instants import Instant

_OTHERS = " or ".join(IN_PARTS)


def judge_tables(tables: Collection[str], format: str) -> None:
    """Reject table names for a format without tables.

    Raises:
        UsageError: a table is named for a format without tables.
    """
    if tables and format not in EXPORTS:
        raise UsageError(
            f"--table names a table, and {format} has none", hint=f"--format {' or '.join(EXPORTS)}"
        )


class TrackingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of verbs that track connections."""

    names: str
    timers: str
    changes: tuple[tuple[str, str], ...]
    max_connections: int | None
    zone: Zone | None = None
    """The time zone of text output; by default UTC."""

    @property
    def profile(self) -> Timers:
        """The timer profile with its overrides."""
        return reduce(lambda timers, change: timers.override(*change), self.changes, profile(self.timers))

    @property
    def dialect(self) -> Dialect:
        """The spelling of states."""
        return Dialect(self.names)


class Reporting(TrackingOptions, frozen=True, kw_only=True):
    """The options of verbs that write one report at the end."""

    captures: tuple[str, ...]
    format: str
    output: Path | None
    summary: bool
    connection: int | None
    fail_on: str | None
    limit: int
    html_limit: int | None = None
    """Maximum bytes of a page."""
    where: Any = None
    """A ``Question`` of ``report.selection``, loaded only if there is one; else ``None``."""
    tables: tuple[str, ...] = ()

    @property
    def rows(self) -> int | None:
        """Maximum rows of a list; ``None`` for all."""
        return self.limit or None

    @property
    def threshold(self) -> Severity | None:
        """The lowest severity that counts as a failure."""
        return Severity(self.fail_on) if self.fail_on else None


class Request(Reporting, frozen=True, kw_only=True):
    """The parsed command line of ``wirestat analyze``; combinations are not checked yet."""

    jobs: int | None
    read: tuple[str, ...]
    capture_filter: str | None
    engine: Engine
    display_filter: str | None
    tshark: str | None
    states: frozenset[State]
    at: Instant | None
    finding: str | None
    numeric: int

    @property
    def inputs(self) -> tuple[str, ...]:
        """The captures, named by option or by argument."""
        return self.read + self.captures

    @property
    def tabular(self) -> bool:
        """Whether netstat's table was requested instead of the report."""
        return self.format == TEXT and (self.at is not None or bool(self.states) or self.where is not None)

    @property
    def trace(self) -> int | Literal["all"] | None:
        """The connections whose segments are all kept: all for a page, up to a limit."""
        return "all" if self.format == PAGE else self.connection

    @property
    def chooses(self) -> bool:
        """Whether only some connections were requested."""
        return bool(self.states or self.at or self.where)

    @property
    def needs_every_connection(self) -> bool:
        """Whether every connection is needed, not only the examples of each kind."""
        if self.format != TEXT:
            return not self.summary
        return self.tabular or self.connection is not None or self.limit == 0 or self.limit > LIMIT

    def judge(self) -> None:
        """Reject contradictory options.

        Raises:
            UsageError: two of the options contradict each other.
        """
        _ = self.profile
        judge_tables(self.tables, self.format)
        if self.format in (*EXPORTS, *zeek.FORMATS) and self.summary:
            raise UsageError(f"--summary leaves out connections, and {self.format} has nothing else")
        if self.format not in IN_PARTS and self.connection is not None:
            raise UsageError(
                f"--connection draws a ladder, which {self.format} cannot hold", hint=f"--format {_OTHERS}"
            )
        if self.format not in IN_PARTS and self.at is not None:
            raise UsageError(
                f"--at gives a table, which {self.format} cannot hold", hint=f"--format {_OTHERS}"
            )
        if self.finding and (self.connection or self.chooses or self.summary):
            raise UsageError(
                "--finding shows findings; --connection, --state, --where, --at and --summary show something else"
            )
        if self.finding and self.format not in FOR_PEOPLE:
            raise UsageError(
                f"--finding shows findings to people, and {self.format} is for programs",
                hint="the JSON formats hold every finding whole",
            )
        if self.where is not None and self.format in FOR_PEOPLE and self.format != TEXT:
            raise UsageError(f"--where chooses connections, and {self.format} lists none")
        if self.connection is not None and (self.summary or self.chooses):
            raise UsageError(
                "--connection shows one connection; --summary, --state, --where and --at choose among all"
            )
        if self.summary and self.chooses:
            raise UsageError("--summary leaves out the connections that --state, --where and --at choose")
