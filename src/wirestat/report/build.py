"""The report as a finished value: built once, then rendered in any way, any number of times.

Whatever is judged is judged here. The connections themselves stay where the analysis keeps them and are converted
one by one as a renderer asks for them, because there may be millions.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol, cast

import msgspec

from wirestat import diagnosis
from wirestat.diagnosis.finding import urgency
from wirestat.model import Capture, Connection, Finding, LadderLine, Severity, UdpConversation
from wirestat.report.conformance import Conformance, conformance
from wirestat.report.stuck import Stuck, stuck
from wirestat.summary import Summary
from wirestat.timers import Timers
from wirestat.words import some

if TYPE_CHECKING:
    import arro3.core
    import pandas
    import polars

    from wirestat.analysis import Analysis as Tracked
    from wirestat.crossing import Comparison
    from wirestat.query import Test, Tree
    from wirestat.report.selection import Selection
    from wirestat.tables import Style, Table, Wanted, Words


class Analysis(diagnosis.Analysis, Protocol):
    """A report's view of a capture that was read and tracked to its end: all that the rules ask, and more."""

    def udp(self) -> Iterator[UdpConversation]:
        """Yield the UDP conversations."""

    def ladder(self, id: int) -> tuple[LadderLine, ...]:
        """Return the segments of a connection that was traced; nothing where it was not."""

    def traced(self) -> tuple[int, ...]:
        """Return the ids of the connections whose segments were kept."""

    def tables(
        self, wanted: "Wanted", chosen: bytes | None = None, at_ns: int | None = None
    ) -> "dict[str, Table]":
        """Return the connections, and what belongs to them, in columns."""

    def batches(
        self, wanted: "Wanted", chosen: bytes | None = None, *, size: int | None = None
    ) -> "Iterator[dict[str, Table]]":
        """Yield the same of many connections at a time, at least once."""

    def conn_log(
        self, findings: Mapping[int, tuple[str, ...]], *, is_json: bool, chosen: bytes | None = None
    ) -> Iterator[bytes]:
        """Yield the lines of Zeek's conn.log, where notes were taken for it."""

    def choose(
        self, tree: "Tree", now_ns: int, speaks: Callable[["Test"], bytes], *, is_past: bool = False
    ) -> bytes:
        """Return a byte for each connection in the order of ids: 1 where an expression holds."""

    def records(self, words: "Words", style: "Style", chosen: bytes | None = None) -> Iterator[bytes]:
        """Yield the connections as JSON, in pieces of many records."""


class Report(msgspec.Struct, frozen=True):
    """All that there is to say about some captures."""

    analysis: Analysis
    findings: tuple[Finding, ...]
    """The most severe first, those about the capture itself before all others."""
    conformance: Conformance
    stuck: tuple[Stuck, ...]
    """Connections that did not end as documented, by the states they stopped in, the largest group first."""
    naming: diagnosis.Naming
    """Which findings speak of a connection."""
    taps: diagnosis.Taps
    """Where the tap stands on the path of two hosts."""

    def __reduce__(self) -> tuple[type["Report"], tuple[Any, ...]]:
        """Pickle everything that it can be asked but Zeek's conn.log; see ``wirestat.preserved``."""
        from wirestat.preserved import Preserved, preserve
        from wirestat.report.connections import words

        held = self.analysis
        kept = held if isinstance(held, Preserved) else preserve(cast("Tracked", held), words(self))
        taps = diagnosis.Taps(kept)
        return type(self), (kept, self.findings, self.conformance, self.stuck, self.naming, taps)

    def __repr__(self) -> str:
        """Fit a line: a notebook prints whatever stands last in a cell."""
        names = ", ".join(capture.title for capture in self.captures)
        found = ", ".join(dict.fromkeys(finding.id for finding in self.findings)) or "nothing"
        return f"<Report on {names}: {some(self.summary.connections, 'connection')}, found {found}>"

    @property
    def captures(self) -> tuple[Capture, ...]:
        """The captures in the order in which they were read."""
        return self.analysis.captures

    @property
    def summary(self) -> Summary:
        """The flow table in numbers."""
        return self.analysis.summary

    @property
    def filter(self) -> str:
        """The expression that chose which frames were read, as it was typed; empty where all were."""
        return getattr(self.analysis, "filter", "")

    @property
    def timers(self) -> Timers:
        """The timer profile that the tracker went by."""
        return self.analysis.timers

    @property
    def start_ns(self) -> int:
        """The time of the first frame, from which relative times count; 0 where there is no frame."""
        return self.summary.first_time_ns or 0

    @property
    def end_ns(self) -> int:
        """The instant at which the present states hold: the time of the last frame, but for captures under way."""
        return self.analysis.now_ns or 0

    def connections(self) -> Iterator[Connection]:
        """Yield the connections that were kept, in the order of their ids."""
        return self.analysis.connections()

    def connection(self, id: int) -> Connection:
        """Return one connection.

        Raises:
            KeyError: it is unknown, or only its counts were kept.
        """
        return self.analysis.connection(id)

    def tables(
        self, wanted: "Wanted", chosen: bytes | None = None, at_ns: int | None = None
    ) -> "dict[str, Table]":
        """Return the connections that were kept, and what belongs to them, in columns (``wirestat.tables``).

        Args:
            wanted: tables, and of each the columns that are wanted; ``None`` for all.
            chosen: a byte for each connection in the order of ids: 0 leaves it out, with its transitions and facts.
            at_ns: the instant, in Unix ns, of the table ``instant``; that of the last frame, if it is not given.

        Raises:
            ValueError: there is no such table or column, or ``chosen`` is too long or too short.
        """
        return self.analysis.tables(wanted, chosen, at_ns)

    def batches(
        self, wanted: "Wanted", chosen: bytes | None = None, *, size: int | None = None
    ) -> "Iterator[dict[str, Table]]":
        """Yield the same of ``size`` connections at a time, or as many as take up about 60 MB; at least once.

        Raises:
            ValueError: there is no such table or column, or ``chosen`` is too long or too short.
        """
        return self.analysis.batches(wanted, chosen, size=size)

    def table(self, name: str) -> "Table":
        """Return one table with all of its columns: ``polars.DataFrame(report.table("connections"))``.

        Raises:
            ValueError: there is no such table.
        """
        return self.tables({name: None})[name]

    def to_arrow(self, table: str = "connections") -> "arro3.core.Table":
        """Return a table of Arrow's: ``connections``, ``transitions``, ``findings`` or ``listeners``.

        Raises:
            Unavailable: ``arro3-core`` or ``nanoarrow`` is not installed.
            UsageError: there is no such table.
        """
        from wirestat.report import frames

        return frames.arrow(self, table)

    def to_polars(self, table: str = "connections") -> "polars.DataFrame":
        """Return a table as a data frame of polars.

        Raises:
            Unavailable: ``polars`` or ``nanoarrow`` is not installed.
            UsageError: there is no such table.
        """
        from wirestat.report import frames

        return frames.to_polars(self, table)

    def to_pandas(self, table: str = "connections") -> "pandas.DataFrame":
        """Return a table as a data frame of pandas.

        Raises:
            Unavailable: ``pandas`` is not installed.
            UsageError: there is no such table.
        """
        from wirestat.report import frames

        return frames.to_pandas(self, table)

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the findings and some of the connections."""
        from wirestat.report.notebook import html

        return html(self)

    def where(self, text: str, at_ns: int | None = None) -> "Selection":
        """Return the connections that an expression asks for: ``report.where("state==CLOSE_WAIT && for>60s")``.

        With ``at_ns`` (Unix ns), states and since when they hold are those at that instant.

        Raises:
            UsageError: the expression makes no sense, or none for an instant.
        """
        from wirestat.report.selection import Selection, asked

        return Selection(self, asked(text), at_ns)

    def udp(self) -> Iterator[UdpConversation]:
        """Yield the UDP conversations."""
        return self.analysis.udp()

    def ladder(self, id: int | None = None) -> tuple[LadderLine, ...]:
        """Return the segments of a connection that was traced, or of the first such; nothing where none was."""
        traced = self.analysis.traced() if id is None else (id,)
        return self.analysis.ladder(traced[0]) if traced else ()

    def traced(self) -> tuple[int, ...]:
        """Return the ids of the connections whose segments were kept."""
        return self.analysis.traced()

    def findings_of(self, connection: Connection) -> tuple[Finding, ...]:
        """Return the findings that speak of a connection, by name or as one of many."""
        return self.naming.findings(connection)

    def worst(self) -> Severity | None:
        """Return the severity of the worst finding, ``None`` where there is none."""
        return max((finding.severity for finding in self.findings), key=attrgetter("rank"), default=None)


def build(analysis: Analysis, comparison: "Comparison | None" = None) -> Report:
    """Judge an analysis, with what several captures tell together where there are several, and make the report."""
    findings, naming, taps = diagnosis.judge(analysis, comparison)
    return assemble(analysis, findings, conformance(analysis.summary), naming, taps)


def assemble(
    analysis: Analysis,
    findings: Iterable[Finding],
    comparison: Conformance,
    naming: diagnosis.Naming | None = None,
    taps: diagnosis.Taps | None = None,
) -> Report:
    """Put finished judgements in their order; without a ``naming`` they speak of what they name themselves."""
    found = tuple(sorted(findings, key=urgency))
    return Report(
        analysis,
        found,
        comparison,
        stuck(analysis.summary),
        naming or diagnosis.Naming(found),
        taps or diagnosis.Taps(analysis),
    )
