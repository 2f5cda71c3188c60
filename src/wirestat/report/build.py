"""The report as a finished value: built once, then rendered in any way, any number of times.

All diagnosing happens here. The connections stay in the analysis and are converted one by one on demand, because
there may be millions.
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

    from wirestat.crossing import Comparison
    from wirestat.query import Test, Tree
    from wirestat.report.selection import Selection
    from wirestat.tables import Style, Table, Wanted, Words
    from wirestat.tracked import Tracked


class Material(diagnosis.Analysis, Protocol):
    """The material of a report from a tracked capture: everything that the rules need, and more."""

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
        """Yield the tables in batches of many connections; at least one batch."""

    def conn_log(
        self, findings: Mapping[int, tuple[str, ...]], *, is_json: bool, chosen: bytes | None = None
    ) -> Iterator[bytes]:
        """Yield the lines of Zeek's conn.log, if its data was kept."""

    def choose(
        self, tree: "Tree", now_ns: int, speaks: Callable[["Test"], bytes], *, is_past: bool = False
    ) -> bytes:
        """Return a byte for each connection in the order of ids: 1 where the expression is true."""

    def records(self, words: "Words", style: "Style", chosen: bytes | None = None) -> Iterator[bytes]:
        """Yield the connections as JSON, many records per chunk."""


class Report(msgspec.Struct, frozen=True):
    """The complete report on some captures."""

    analysis: Material
    findings: tuple[Finding, ...]
    """The most severe first, those about the capture itself before all others."""
    conformance: Conformance
    stuck: tuple[Stuck, ...]
    """Connections that did not end as documented, grouped by the states they stopped in, largest group first."""
    naming: diagnosis.Naming
    """The findings about each connection."""
    taps: diagnosis.Taps
    """The position of the tap on the path of two hosts."""

    def __reduce__(self) -> tuple[type["Report"], tuple[Any, ...]]:
        """Pickle everything except the data for Zeek's conn.log; see ``wirestat.preserved``."""
        from wirestat.preserved import Preserved, preserve
        from wirestat.report.connections import words

        held = self.analysis
        kept = held if isinstance(held, Preserved) else preserve(cast("Tracked", held), words(self))
        taps = diagnosis.Taps(kept)
        return type(self), (kept, self.findings, self.conformance, self.stuck, self.naming, taps)

    def __repr__(self) -> str:
        """Return one line: notebooks print the last value of a cell."""
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
        """The capture filter, as typed; empty if all frames were read."""
        return getattr(self.analysis, "filter", "")

    @property
    def timers(self) -> Timers:
        """The timer profile of the tracker."""
        return self.analysis.timers

    @property
    def start_ns(self) -> int:
        """The time of the first frame, the origin of relative times; 0 without frames."""
        return self.summary.first_time_ns or 0

    @property
    def end_ns(self) -> int:
        """The instant of the current states: the time of the last frame, or later for a running capture."""
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
            wanted: tables, and the wanted columns of each; ``None`` for all.
            chosen: a byte for each connection in the order of ids: 0 leaves it out, with its transitions and facts.
            at_ns: the instant of the table ``instant``, in Unix ns; by default that of the last frame.

        Raises:
            ValueError: there is no such table or column, or ``chosen`` is too long or too short.
        """
        return self.analysis.tables(wanted, chosen, at_ns)

    def batches(
        self, wanted: "Wanted", chosen: bytes | None = None, *, size: int | None = None
    ) -> "Iterator[dict[str, Table]]":
        """Yield the tables in batches of ``size`` connections, or of as many as take up 60 MB; at least one batch.

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
        """Return an Arrow table: ``connections``, ``transitions``, ``findings`` or ``listeners``.

        Raises:
            Unavailable: ``arro3-core`` or ``nanoarrow`` is not installed.
            UsageError: there is no such table.
        """
        from wirestat.report import dataframes

        return dataframes.arrow(self, table)

    def to_polars(self, table: str = "connections") -> "polars.DataFrame":
        """Return a table as a polars data frame.

        Raises:
            Unavailable: ``polars`` or ``nanoarrow`` is not installed.
            UsageError: there is no such table.
        """
        from wirestat.report import dataframes

        return dataframes.to_polars(self, table)

    def to_pandas(self, table: str = "connections") -> "pandas.DataFrame":
        """Return a table as a pandas data frame.

        Raises:
            Unavailable: ``pandas`` is not installed.
            UsageError: there is no such table.
        """
        from wirestat.report import dataframes

        return dataframes.to_pandas(self, table)

    def _repr_html_(self) -> str:
        """Return the HTML for notebooks: the findings and some of the connections."""
        from wirestat.report.notebook import html

        return html(self)

    def where(self, text: str, at_ns: int | None = None) -> "Selection":
        """Return the connections that match an expression: ``report.where("state==CLOSE_WAIT && for>60s")``.

        With ``at_ns`` (Unix ns), states and their start times are those at that instant.

        Raises:
            UsageError: the expression is invalid, or needs a value that is only known for the end.
        """
        from wirestat.report.selection import Selection, asked

        return Selection(self, asked(text), at_ns)

    def udp(self) -> Iterator[UdpConversation]:
        """Yield the UDP conversations."""
        return self.analysis.udp()

    def ladder(self, id: int | None = None) -> tuple[LadderLine, ...]:
        """Return the segments of a traced connection, by default the first one; none if it was not traced."""
        traced = self.analysis.traced() if id is None else (id,)
        return self.analysis.ladder(traced[0]) if traced else ()

    def traced(self) -> tuple[int, ...]:
        """Return the ids of the connections whose segments were kept."""
        return self.analysis.traced()

    def findings_of(self, connection: Connection) -> tuple[Finding, ...]:
        """Return the findings about a connection, including those about many connections."""
        return self.naming.findings(connection)

    def worst(self) -> Severity | None:
        """Return the severity of the worst finding, ``None`` without findings."""
        return max((finding.severity for finding in self.findings), key=attrgetter("rank"), default=None)


def build(analysis: Material, comparison: "Comparison | None" = None) -> Report:
    """Diagnose an analysis, with the comparison if there are several captures, and build the report."""
    judged = diagnosis.judge(analysis, comparison)
    return assemble(analysis, judged.findings, conformance(analysis.summary), judged.naming, judged.taps)


def assemble(
    analysis: Material,
    findings: Iterable[Finding],
    comparison: Conformance,
    naming: diagnosis.Naming | None = None,
    taps: diagnosis.Taps | None = None,
) -> Report:
    """Build the report from finished findings; without a ``naming``, each is about the connections that it lists."""
    found = tuple(sorted(findings, key=urgency))
    return Report(
        analysis,
        found,
        comparison,
        stuck(analysis.summary),
        naming or diagnosis.Naming(found),
        taps or diagnosis.Taps(analysis),
    )
