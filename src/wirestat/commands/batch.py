"""``wirestat batch``: many captures in one run, their results in tables."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files
from wirestat.commands.options import (
    Count,
    fail_on_option,
    limit_option,
    max_connections_option,
    voice_options,
)
from wirestat.commands.sizes import Size
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError
from wirestat.jobs import cores
from wirestat.model import Severity
from wirestat.timers import PROFILES

if TYPE_CHECKING:
    from wirestat.batch.task import Done


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The parsed command line; combinations are not checked yet."""

    paths: tuple[str, ...]
    output: Path
    jobs: int | None
    scheduler: str | None
    memory: int | None
    join: bool
    by: str | None
    html: bool
    resume: bool
    timers: str
    max_connections: int | None
    fail_on: str | None
    limit: int

    @property
    def takes_workers(self) -> bool:
        """Whether several processes probably have work, before the captures are known."""
        many = self.jobs or cores()
        is_plain = len(self.paths) < many and all(map(os.path.isfile, self.paths))
        return self.scheduler is None and many > 1 and not is_plain


@click.command("batch")
@click.argument("paths", nargs=-1, shell_complete=complete_files, metavar="PATH...")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="The folder for results: files.parquet, and parts of connections, transitions, findings, listeners.",
)
@click.option(
    "-j",
    "--jobs",
    type=Count(1),
    metavar="N",
    help="Worker processes; as many as there are processors.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Use Dask workers, as tcp://host:8786; 'local' starts --jobs of them on this machine. Large captures "
    "are read in pieces.",
)
@click.option("--memory", type=Size(), metavar="SIZE", help="Memory limit of each worker, as in 2GB.")
@click.option(
    "--join",
    is_flag=True,
    help="Read the files of one rotation, recognized by name and time, as one capture.",
)
@click.option("--by", type=click.Choice(["day"]), help="Separate connections and transitions by day (UTC).")
@click.option("--html", is_flag=True, help="Also write a page for each capture, linked from index.html.")
@click.option(
    "--resume", is_flag=True, help="Continue an earlier run: skip captures already done, by content."
)
@click.option(
    "--timers",
    type=click.Choice(sorted(PROFILES)),
    default="linux",
    show_default=True,
    help="Whose retransmission, keepalive and TIME-WAIT timers to expect.",
)
@max_connections_option("Connections of one capture held at once")
@fail_on_option
@limit_option
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Read many captures, each by itself, and write the results into tables.

    PATH is a capture, a folder (read recursively), a pattern, an address (as s3://bucket/folder), or an archive (zip,
    tar), which is read without unpacking; '-' reads a list of these from standard input. An unreadable capture stops
    nothing: the table of files says what was wrong with it.

    Exit codes: 0 done; 1 findings (with --fail-on); 2 usage; 3 some capture is unreadable or truncated;
    69 a package is missing; 74 results cannot be written; 130 interrupted: --resume goes on.
    """
    request = Request(**values)
    from wirestat.batch.workers import Workers

    with Workers(request.jobs or cores(), request.memory) as workers:
        if request.takes_workers:
            workers.start()
        return _report(request, workers, voice)


def _report(request: Request, workers: Any, voice: Voice) -> Code:
    """Find the captures, process them, and write the tables of all."""
    from wirestat.batch import digest, files, page, text
    from wirestat.batch.run import Run
    from wirestat.export import load
    from wirestat.replacing import replacing

    load("parquet")  # imported before anything is read, as it may be missing
    found, plan = _plan(request)
    run = Run(plan)
    interrupted = False
    workers.jobs = plan.jobs
    with _progress(run, visible=sys.stderr.isatty() and not voice.quiet) as progress:
        try:
            run.go(workers, progress)
        except KeyboardInterrupt:
            interrupted = True
        except OSError as error:
            # The error of a full disk names no file.
            error.filename = error.filename or os.fspath(request.output)
            raise
    done = run.done
    common = digest.digest(done)
    files.write(request.output, done)
    with replacing(request.output / "index.html") as new:
        new.write_text("\n".join(page.lines(done, common, pages=request.html)) + "\n", encoding="utf-8")
    for line in text.lines(done, common, run.skipped, found, _view(request)):
        click.echo(line)
    if interrupted:
        voice.warning(f"interrupted after {len(done)} captures: --resume goes on")
        return Code.INTERRUPTED
    return _outcome(request, done, [one.severity for one in common])


def _plan(request: Request) -> tuple[int, Any]:
    """Find captures; return the number of files that did not look like one, and the plan.

    Raises:
        UsageError: no capture was found.
    """
    from wirestat.batch.rotations import joined
    from wirestat.batch.run import Job
    from wirestat.batch.sources import find
    from wirestat.batch.task import Orders

    listed = sys.stdin.buffer if "-" in request.paths else ()
    found = find((path for path in request.paths if path != "-"), listed, request.output)
    if not found.sources:
        raise UsageError(
            "no capture named, or found", hint="name files, folders, patterns, or '-' for a list"
        )
    groups = joined(found.sources) if request.join else [(source,) for source in found.sources]
    jobs = request.jobs or (cores() if request.scheduler else min(cores(), len(groups)))
    orders = Orders(
        os.fspath(request.output.absolute()),
        request.timers,
        request.max_connections,
        request.by == "day",
        request.html,
        # Several workers already use all processors.
        threads=1 if request.jobs or request.scheduler or jobs > 1 else None,
    )
    return found.others, Job(tuple(groups), orders, jobs, request.memory, request.resume, request.scheduler)


@contextmanager
def _progress(run: Any, *, visible: bool) -> Iterator["Callable[[tuple[Done, ...]], None]"]:
    """Show captures, bytes, rate and remaining time, on a terminal."""
    if not visible:
        yield lambda part: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.fields[captures]} of {task.fields[all]} captures"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=run.bytes, captures=0, all=run.left)
        captures = 0

        def told(part: "tuple[Done, ...]") -> None:
            nonlocal captures
            captures += len(part)
            shown.update(task, advance=sum(one.bytes for one in part), captures=captures)

        yield told


def _view(request: Request) -> Any:
    from wirestat.commands import terminal

    return terminal.view(limit=request.limit or None)


def _outcome(request: Request, done: "list[Done]", severities: list[Severity]) -> Code:
    if any(one.reason for one in done):
        return Code.INPUT
    threshold = Severity(request.fail_on) if request.fail_on else None
    if threshold and any(severity.rank >= threshold.rank for severity in severities):
        return Code.FINDINGS
    return Code.DONE
