"""``wirestat analyze``: read captures, judge, report."""

from typing import Any

import click

from wirestat.commands.analyzing import analyze
from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files
from wirestat.commands.filter_options import display_filter_option, where_option
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
from wirestat.commands.voice import Voice
from wirestat.export import EXPORTS, zeek


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
@engine_option("The program that reads and dissects frames.")
@tshark_option
@display_filter_option
@where_option("Only connections for which this is true; in text, as a table.")
@format_option("The report's format; by default from the extension of -o, or text.", *EXPORTS, *zeek.FORMATS)
@html_limit_option
@output_option
@tables_option
@summary_option
@states_option(
    "Only connections with an end in this state, in any spelling, or in a group of ss: all, "
    "connected, synchronized, bucket, big. Prints a table. May be repeated."
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
@jobs_option("Threads that track connections; by default one per processor, and one for small files.")
@numeric_option
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Say which state both ends of every TCP connection are in, how that is known, and what is wrong.

    Several captures are read as one, in the order of their times.

    Exit codes: 0 done; 1 findings (with --fail-on); 2 usage; 3 an input is unreadable or truncated; 4 permission
    denied; 69 a package or program is missing; 130 interrupted.
    """
    return analyze(values, voice)
