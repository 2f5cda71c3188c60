"""``wirestat compare``: captures of the same traffic, taken at several points, told together."""

import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import click

from wirestat.commands.codes import Code
from wirestat.commands.inputs import checked
from wirestat.commands.options import complete_timers, names_option, read_timers, voice_options
from wirestat.commands.output import Output, opened
from wirestat.commands.render import PIPED_WIDTH, WIDEST
from wirestat.commands.voice import Voice
from wirestat.commands.watch import Watch, watching
from wirestat.errors import UsageError
from wirestat.model import Severity
from wirestat.names import Dialect
from wirestat.report.build import SEVERITIES
from wirestat.report.compared.build import Compared
from wirestat.report.layout import LIMIT, View
from wirestat.report.paint import Paint, paint_for
from wirestat.timers import LINUX, PROFILES, Timers, profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The command line, its values read."""

    captures: tuple[str, ...]
    points: tuple[str, ...]
    format: str
    output: Path | None
    summary: bool
    connection: int | None
    names: str
    timers: str
    changes: tuple[tuple[str, str], ...]
    fail_on: str | None
    limit: int
    max_connections: int | None
    max_segments: int | None

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
        return tuple(zip(_short(names), (path for _, path in pairs), strict=True))

    @property
    def profile(self) -> Timers:
        """The timer profile with its overrides."""
        return reduce(lambda timers, change: timers.override(*change), self.changes, profile(self.timers))


def _short(names: list[str]) -> list[str]:
    """Leave the folders out of names where what remains tells them apart."""
    short = [Path(name).name for name in names]
    return short if len(set(short)) == len(short) else names


@click.command("compare")
@click.argument("captures", nargs=-1, metavar="[CLIENT SERVER]...")
@click.option(
    "--points",
    multiple=True,
    metavar="NAME=FILE",
    help="A capture and what to call the point where it was taken. May be repeated.",
)
@click.option(
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to write it.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write it to a file.")
@click.option("--summary", is_flag=True, help="Leave single connections out.")
@click.option(
    "--connection",
    type=click.IntRange(min=1),
    metavar="ID",
    help="Draw one connection as a ladder, with a column for each point.",
)
@names_option
@click.option(
    "--timers",
    type=click.Choice(list(PROFILES)),
    default=LINUX.name,
    show_default=True,
    help="Whose timers the ends of the connections go by.",
)
@click.option(
    "--timer",
    "changes",
    multiple=True,
    callback=read_timers,
    shell_complete=complete_timers,
    metavar="NAME=VALUE",
    help="Change one timer of the profile, as time_wait=30s. May be repeated.",
)
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="Exit with 1 if there is a finding at least as severe.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=LIMIT,
    show_default=True,
    metavar="N",
    help="Rows of the lists in a text; 0 for all.",
)
@click.option(
    "--max-connections",
    type=click.IntRange(min=1),
    metavar="N",
    help="Connections held at once of each capture; beyond them the least interesting are let go, and counted.",
)
@click.option(
    "--max-segments",
    type=click.IntRange(min=1),
    metavar="N",
    help="Segments of each capture that are compared, at 48 bytes each; those beyond are counted.",
)
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Compare captures of the same traffic: what was lost, delayed, altered, injected or doubled, and where.

    Name the capture taken nearest to the clients first, then along the path. Clocks need not agree: offset and drift
    are found from the segments themselves.

    Exit codes: 0 done; 1 findings (with --fail-on); 2 usage; 3 an input is unreadable or cut short;
    4 permission denied; 130 interrupted.
    """
    request = Request(**values)
    named = request.named()
    if request.format != "text" and request.connection is not None:
        raise UsageError(f"--connection draws a ladder, which is text and not {request.format}")
    paths = checked([path for _, path in named])
    with opened(request.output, paths) as output:
        with watching(visible=sys.stderr.isatty() and not voice.quiet) as watch:
            compared = _read(request, named, watch)
        _render(compared, request, output)
    for capture in compared.report.captures:
        if capture.error:
            voice.warning(f"{capture.name}: {capture.error}")
    if watch.interrupted:
        return Code.INTERRUPTED
    return _outcome(compared, request.fail_on)


def _read(request: Request, named: tuple[tuple[str, str], ...], watch: Watch) -> Compared:
    import wirestat  # here, because it loads the core: a wrong command line shall fail before that

    return wirestat.compare(
        *(path for _, path in named),
        points=[name for name, _ in named],
        timers=request.profile,
        max_connections=request.max_connections,
        max_segments=request.max_segments,
        progress=watch,
    )


def _render(compared: Compared, request: Request, output: Output) -> None:
    if request.format == "json":
        from wirestat import __version__
        from wirestat.report.compared import json

        output.binary(json.render(compared, __version__, connections=not request.summary))
    else:
        output.text(_text(compared, request))


def _text(compared: Compared, request: Request) -> Iterable[str]:
    view = _view(request)
    if request.connection is None:
        from wirestat.report.compared import text

        return text.render(compared, view, journeys=not request.summary)
    from wirestat.report.compared import ladder

    try:
        compared.report.connection(request.connection)
    except KeyError:
        known = compared.report.summary.connections
        raise UsageError(
            f"no connection {request.connection}",
            hint=f"ids run from 1 to {known}" if known else "there are no connections",
        ) from None
    return ladder.render(compared, request.connection, view)


def _view(request: Request) -> View:
    to_terminal = request.output is None and sys.stdout.isatty()
    width = shutil.get_terminal_size((PIPED_WIDTH, 24)).columns if request.output is None else PIPED_WIDTH
    return View(
        width=min(width, WIDEST),
        names=Dialect(request.names),
        limit=request.limit or None,
        paint=paint_for(sys.stdout, dict(os.environ)) if to_terminal else Paint(),
    )


def _outcome(compared: Compared, fail_on: str | None) -> Code:
    if any(capture.error for capture in compared.report.captures):
        return Code.INPUT
    worst = compared.report.worst()
    if fail_on and worst and SEVERITIES.index(worst) >= SEVERITIES.index(Severity(fail_on)):
        return Code.FINDINGS
    return Code.DONE
