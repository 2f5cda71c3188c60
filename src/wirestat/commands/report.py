"""``wirestat report``: one HTML page that opens offline."""

import sys
from typing import Any

import click

from wirestat.commands.analyzing import read
from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files
from wirestat.commands.filter_options import display_filter_option, where_option
from wirestat.commands.inputs import as_one
from wirestat.commands.options import (
    capture_filter_option,
    engine_option,
    fail_on_option,
    html_limit_option,
    max_connections_option,
    names_option,
    output_option,
    states_option,
    summary_option,
    timer_options,
    tshark_option,
    voice_options,
)
from wirestat.commands.outcome import outcome
from wirestat.commands.output import opened
from wirestat.commands.render import render
from wirestat.commands.request import Request
from wirestat.commands.voice import Voice
from wirestat.commands.watch import watching
from wirestat.errors import UsageError
from wirestat.report.formats import PAGE
from wirestat.report.layout import LIMIT

_UNASKED: dict[str, Any] = {
    "read": (), "format": PAGE, "at": None, "connection": None, "finding": None,
    "jobs": None, "limit": LIMIT, "tables": (), "numeric": 0,
}  # fmt: skip
"""Options of ``analyze`` that a page does not have."""


@click.command("report")
@click.argument("captures", nargs=-1, metavar="[CAPTURE]...", shell_complete=complete_files)
@output_option
@html_limit_option
@where_option("Only connections for which this is true.")
@states_option("Only connections with an end in this state, in any spelling, or in a group of ss.")
@summary_option
@capture_filter_option
@engine_option("The program that reads and dissects frames.")
@tshark_option
@display_filter_option
@names_option
@timer_options
@fail_on_option
@max_connections_option("Connections held at once")
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Write a report as one page for a browser: wirestat report trace.pcap -o report.html.

    The page is one file. It loads nothing and sends nothing, so that it can be attached to a ticket. It shows what is
    wrong, the states of all connections over time, and each connection as a ladder beside the diagram of RFC 9293.

    Exit codes: 0 done; 1 findings (with --fail-on); 2 usage; 3 an input is unreadable or truncated;
    4 permission denied; 69 a package or program is missing; 130 interrupted.
    """
    request = Request(**_UNASKED, **values)
    request.judge()
    if request.output is None and sys.stdout.isatty():
        raise UsageError(
            "a page is for a browser, not for a terminal", hint="write it to a file: -o report.html"
        )
    inputs = as_one(request.inputs, voice)
    with opened(request.output, inputs) as output:
        with watching(visible=sys.stderr.isatty() and not voice.quiet) as watch:
            report = read(request, inputs, watch, voice)
        render(report, request, output, voice)
    code = outcome(report, request.threshold, voice)
    if watch.interrupted:
        voice.warning("interrupted: the page covers what was read until then")
        return Code.INTERRUPTED
    return code
