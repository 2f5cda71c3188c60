"""``wirestat analyze``: read captures, judge, report."""

import sys
from pathlib import Path
from typing import Any

import click

from wirestat.commands.codes import Code
from wirestat.commands.inputs import checked
from wirestat.commands.options import (
    complete_states,
    complete_timers,
    names_option,
    read_instant,
    read_states,
    read_timers,
    voice_options,
)
from wirestat.commands.output import opened
from wirestat.commands.render import FORMATS, render
from wirestat.commands.request import Request
from wirestat.commands.voice import Voice
from wirestat.commands.watch import Watch, watching
from wirestat.model import Severity
from wirestat.report.build import SEVERITIES, Report
from wirestat.report.layout import LIMIT
from wirestat.timers import LINUX, PROFILES


@click.command("analyze")
@click.argument("captures", nargs=-1, metavar="[CAPTURE]...")
@click.option(
    "-r",
    "--read",
    multiple=True,
    metavar="FILE",
    help="Also a capture; '-' reads standard input. May be repeated.",
)
@click.option(
    "-f",
    "--filter",
    "capture_filter",
    metavar="EXPRESSION",
    help="Only frames that match, in the language of tcpdump. It takes scapy.",
)
@click.option(
    "--engine",
    type=click.Choice(["native", "scapy", "pyshark"]),
    default="native",
    show_default=True,
    help="What reads and dissects.",
)
@click.option(
    "-Y",
    "display_filter",
    metavar="FILTER",
    help="Only frames that match a display filter of Wireshark, with --engine pyshark.",
)
@click.option(
    "--format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How to write the report.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report to a file."
)
@click.option("--summary", is_flag=True, help="Leave single connections out.")
@click.option(
    "--state",
    "states",
    multiple=True,
    callback=read_states,
    shell_complete=complete_states,
    metavar="STATE",
    help="Only connections with an end in this state, in any spelling, or in a group as ss has them: all, "
    "connected, synchronized, bucket, big. Gives a table. May be repeated.",
)
@click.option(
    "--at",
    callback=read_instant,
    metavar="TIME",
    help="The table as of an instant: 'end', '+12.5' (seconds from the start), ISO 8601 or epoch seconds.",
)
@click.option(
    "--connection", type=click.IntRange(min=1), metavar="ID", help="Draw one connection as a ladder."
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
    help="Connections held at once; beyond them the least interesting are let go, and counted.",
)
@click.option(
    "-n", "numeric", count=True, help="Accepted, as -nn is: addresses and ports are always numeric."
)
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Say which state both ends of every TCP connection are in, how that is known, and what is wrong.

    Several captures are read as one, in the order of their times.

    Exit codes: 0 done; 1 findings (with --fail-on); 2 usage; 3 an input is unreadable or cut short;
    4 permission denied; 69 a package or program is missing; 130 interrupted.
    """
    request = Request(**values)
    request.judge()
    inputs = checked(request.inputs)
    with opened(request.output, inputs) as output:
        with watching(visible=sys.stderr.isatty() and not voice.quiet) as watch:
            report = _read(request, inputs, watch, voice)
        render(report, request, output, voice)
    for capture in report.captures:
        if capture.error:
            voice.warning(f"{capture.name}: {capture.error}")
    if watch.interrupted:
        return Code.INTERRUPTED
    return _outcome(report, request.threshold)


def _read(request: Request, inputs: tuple[str, ...], watch: Watch, voice: Voice) -> Report:
    import wirestat  # here, because it loads the core: a wrong command line shall fail before that

    voice.detail(f"timers: {request.profile}")
    return wirestat.analyze(
        *inputs,
        timers=request.profile,
        keep="all" if request.needs_every_connection else "summary",
        trace=request.connection,
        max_connections=request.max_connections,
        progress=watch,
        engine=request.engine,
        filter=request.capture_filter or "",
        display_filter=request.display_filter,
    )


def _outcome(report: Report, threshold: Severity | None) -> Code:
    """Choose the exit code: an input that failed outweighs what was found in the rest of it."""
    if any(capture.error for capture in report.captures):
        return Code.INPUT
    worst = report.worst()
    if threshold and worst and SEVERITIES.index(worst) >= SEVERITIES.index(threshold):
        return Code.FINDINGS
    return Code.DONE
