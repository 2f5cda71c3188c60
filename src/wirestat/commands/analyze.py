"""``wirestat analyze``: read captures, judge, report."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from wirestat.commands.asking import display_filter_option, where_option
from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files
from wirestat.commands.inputs import checked
from wirestat.commands.naming import settled
from wirestat.commands.options import (
    capture_filter_option,
    connection_option,
    engine_option,
    fail_on_option,
    finding_option,
    format_option,
    html_limit_option,
    jobs_option,
    limit_option,
    max_connections_option,
    names_option,
    numeric_option,
    output_option,
    read_instant,
    states_option,
    summary_option,
    tables_option,
    timer_options,
    tshark_option,
    voice_options,
    zone_option,
)
from wirestat.commands.outcome import outcome
from wirestat.commands.output import opened
from wirestat.commands.render import chosen, render
from wirestat.commands.request import Request
from wirestat.commands.taking import taking
from wirestat.commands.voice import Voice
from wirestat.commands.watch import Watch, watching
from wirestat.export import EXPORTS, zeek
from wirestat.report.build import Report
from wirestat.report.formats import FORMATS


@click.command("analyze")
@click.argument("captures", nargs=-1, shell_complete=complete_files, metavar="[CAPTURE]...")
@click.option(
    "-r",
    "--read",
    multiple=True,
    shell_complete=complete_files,
    metavar="FILE",
    help="Also a capture; '-' reads standard input. May be repeated.",
)
@capture_filter_option
@engine_option("What reads and dissects.")
@tshark_option
@display_filter_option
@where_option("Only connections of which this holds; in text, as a table.")
@format_option(
    "How to write the report; without it, as the name of -o ends, or text.", *EXPORTS, *zeek.FORMATS
)
@html_limit_option
@output_option
@tables_option
@summary_option
@states_option(
    "Only connections with an end in this state, in any spelling, or in a group as ss has them: all, "
    "connected, synchronized, bucket, big. Gives a table. May be repeated."
)
@click.option(
    "--at",
    callback=read_instant,
    metavar="TIME",
    help="The table as of an instant: 'end', '+12.5' (seconds from start), '03:04:05', ISO 8601 or epoch seconds.",
)
@connection_option("Draw one connection as a ladder.")
@finding_option
@names_option
@zone_option
@timer_options
@fail_on_option
@limit_option
@max_connections_option("Connections held at once")
@jobs_option("Threads that track connections; by default one for each processor, and for small files one.")
@numeric_option
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Say which state both ends of every TCP connection are in, how that is known, and what is wrong.

    Several captures are read as one, in the order of their times.

    Exit codes: 0 done; 1 findings (with --fail-on); 2 usage; 3 an input is unreadable or cut short;
    4 permission denied; 69 a package or program is missing; 130 interrupted.
    """
    request = Request(**settled(values, [*EXPORTS, *zeek.FORMATS, *FORMATS], voice))
    request.judge()
    inputs = checked(request.inputs)
    with _writing(request, inputs, voice) as write:
        with watching(visible=sys.stderr.isatty() and not voice.quiet) as watch:
            report = read(request, inputs, watch, voice)
        write(report)
    code = outcome(report, request.threshold, voice)
    if watch.interrupted:
        voice.warning("interrupted: the report is of what had been read by then")
        return Code.INTERRUPTED
    return code


@contextmanager
def _writing(request: Request, inputs: tuple[str, ...], voice: Voice) -> Iterator[Callable[[Report], None]]:
    """Open the output before anything is read, and yield what writes to it."""
    if request.format in EXPORTS:
        with taking(request.format, request.tables, request.output, inputs) as take:
            yield lambda report: take(report, chosen(report, request))
        return
    with opened(request.output, inputs) as output:
        if request.format in zeek.FORMATS:
            yield lambda report: output.write(zeek.render(report, request.format, chosen(report, request)))
        else:
            yield lambda report: render(report, request, output, voice)


def read(request: Request, inputs: tuple[str, ...], watch: Watch, voice: Voice) -> Report:
    """Read and judge the captures as they are asked for."""
    import wirestat  # here, because it loads the core: a wrong command line shall fail before that

    voice.detail(f"timers: {request.profile}")
    return wirestat.analyze(
        *inputs,
        timers=request.profile,
        keep="all" if request.needs_every_connection else "summary",
        trace=request.trace,
        max_connections=request.max_connections,
        progress=watch,
        engine=request.engine,
        filter=request.capture_filter or "",
        display_filter=request.display_filter,
        tshark=request.tshark,
        conn_log=request.format in zeek.FORMATS,
        jobs=request.jobs,
    )
