"""``wirestat compare``: compares captures of the same traffic, taken at several points."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

import wirestat
from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files
from wirestat.commands.filter_options import where_option
from wirestat.commands.inputs import checked
from wirestat.commands.naming import settled
from wirestat.commands.options import (
    Count,
    connection_option,
    fail_on_option,
    finding_option,
    format_option,
    html_limit_option,
    jobs_option,
    limit_option,
    max_connections_option,
    names_option,
    output_option,
    summary_option,
    tables_option,
    timer_options,
    voice_options,
    zone_option,
)
from wirestat.commands.outcome import outcome
from wirestat.commands.output import Output, opened
from wirestat.commands.render import asked_for, connection, findings, view_for
from wirestat.commands.request import Reporting, judge_tables
from wirestat.commands.tables_output import opened_tables
from wirestat.commands.voice import Voice
from wirestat.commands.watch import Watch, watching
from wirestat.errors import UsageError
from wirestat.export import EXPORTS
from wirestat.report import formats
from wirestat.report.compared.build import Compared
from wirestat.report.formats import FOR_PEOPLE, TEXT
from wirestat.titles import short


class Request(Reporting, frozen=True, kw_only=True):
    """The command line, its values read."""

    points: tuple[str, ...]
    max_segments: int | None
    jobs: int | None
    finding: str | None

    def named(self) -> tuple[tuple[str, str], ...]:
        """Return name and path of each point, in their order: those named with ``--points`` after the others.

        Raises:
            UsageError: there are fewer than two, or two of one name.
        """
        pairs = [(name, name) for name in self.captures]
        for value in self.points:
            name, equals, path = value.partition("=")
            if not (name and equals and path):
                raise UsageError(f"--points {value}: a point is NAME=FILE", hint="--points client=a.pcap")
            pairs.append((name, path))
        if len(pairs) < 2:
            raise UsageError("a comparison needs two captures or more", hint="name the client's first")
        names = [name for name, _ in pairs]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise UsageError(f"two points are called {twice}", hint="give them names with --points NAME=FILE")
        return tuple(zip(short(names), (path for _, path in pairs), strict=True))

    def judge(self) -> None:
        """Reject contradictory options.

        Raises:
            UsageError: two of the options contradict each other.
        """
        judge_tables(self.tables, self.format)
        if self.format in EXPORTS and self.summary:
            raise UsageError(f"--summary leaves out connections, and {self.format} has nothing else")
        if self.format != TEXT and self.connection is not None:
            raise UsageError(f"--connection draws a ladder, which is text and not {self.format}")
        if self.finding and (self.connection is not None or self.where is not None or self.summary):
            raise UsageError(
                "--finding shows findings; --connection, --where and --summary show something else"
            )
        if self.finding and self.format not in FOR_PEOPLE:
            raise UsageError(f"--finding shows findings to people, and {self.format} is for programs")
        if self.where is not None and (self.connection is not None or self.summary):
            raise UsageError(
                "--where chooses among all connections; --connection shows one, and --summary none"
            )


@click.command("compare")
@click.argument("captures", nargs=-1, shell_complete=complete_files, metavar="[CLIENT SERVER]...")
@click.option(
    "--points",
    multiple=True,
    metavar="NAME=FILE",
    help="A capture and the name of the point where it was taken. May be repeated.",
)
@format_option("The output format; by default from the extension of -o, or text.", *EXPORTS)
@html_limit_option
@output_option
@tables_option
@summary_option
@connection_option("Draw one connection as a ladder, with a column for each point.")
@finding_option
@where_option("Only incidents of connections for which this is true.")
@names_option
@zone_option
@timer_options
@fail_on_option
@limit_option
@max_connections_option("Connections held at once, per capture")
@click.option(
    "--max-segments",
    type=Count(1),
    metavar="N",
    help="Segments per capture that are compared, at 48 bytes each; those beyond are counted.",
)
@jobs_option("Captures read at a time, each by a thread; by default one per processor.")
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Compare captures of the same traffic: what was lost, delayed, altered, injected or duplicated, and where.

    Name the capture taken nearest to the clients first, then along the path. Clocks need not agree: offset and drift
    are estimated from the segments themselves.

    Exit codes: 0 done; 1 findings (with --fail-on); 2 usage; 3 an input is unreadable or truncated;
    4 permission denied; 130 interrupted.
    """
    request = Request(**settled(values, [*EXPORTS, *formats.FORMATS], voice))
    named = request.named()
    request.judge()
    paths = checked([path for _, path in named])
    with _writing(request, paths) as write:
        with watching(visible=sys.stderr.isatty() and not voice.quiet) as watch:
            compared = _read(request, named, watch)
        write(compared)
    code = outcome(compared.report, request.threshold, voice)
    if watch.interrupted:
        voice.warning("interrupted: the report covers what was read until then")
        return Code.INTERRUPTED
    return code


@contextmanager
def _writing(request: Request, paths: Sequence[str]) -> Iterator[Callable[[Compared], None]]:
    """Open the output before anything is read, and yield what writes to it."""
    if request.format in EXPORTS:
        with opened_tables(request.format, request.tables, request.output, paths) as write_tables:
            yield lambda compared: write_tables(compared.report, asked_for(compared.report, request))
        return
    with opened(request.output, paths) as output:
        yield lambda compared: _render(compared, request, output)


def _read(request: Request, named: tuple[tuple[str, str], ...], watch: Watch) -> Compared:
    return wirestat.compare(
        *(path for _, path in named),
        points=[name for name, _ in named],
        timers=request.profile,
        max_connections=request.max_connections,
        max_segments=request.max_segments,
        progress=watch,
        jobs=request.jobs,
    )


def _render(compared: Compared, request: Request, output: Output) -> None:
    view = view_for(request)
    if request.finding is not None:
        findings(compared.report, request, request.finding, output)
    elif request.connection is None:
        format = formats.load(request.format)
        chosen = asked_for(compared.report, request)
        output.write(format.compare(compared, view, lists=not request.summary, chosen=chosen))
    else:
        from wirestat.report.compared import ladder

        one = connection(compared.report, request.connection)
        output.write(ladder.render(compared, one.id, view))
