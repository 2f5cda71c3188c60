"""``wirestat diff``: compares two captures service by service: new, gone, worse, better."""

from typing import Any

import click
import msgspec

import wirestat
from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files
from wirestat.commands.inputs import checked
from wirestat.commands.instants import Instant
from wirestat.commands.options import limit_option, read_instant, voice_options, zone_option
from wirestat.commands.outcome import failures
from wirestat.commands.voice import Voice
from wirestat.errors import UsageError

_EVER = (-(1 << 63), (1 << 63) - 1)


@click.command("diff")
@click.argument("captures", nargs=-1, required=True, shell_complete=complete_files, metavar="BEFORE [AFTER]")
@click.option(
    "--split", callback=read_instant, metavar="TIME",
    help="Split one capture: connections that began before this instant, and the others.",
)  # fmt: skip
@click.option(
    "--by", type=click.Choice(["socket", "port"]), default="socket", show_default=True,
    help="A service is an address with a port, or a port on any server.",
)  # fmt: skip
@click.option(
    "--fail-on",
    type=click.Choice(["worse", "any"]),
    help="Exit with 1 if something is worse or a warning or error is new; or if anything differs.",
)
@click.option(
    "--format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to write it.",
)
@zone_option
@limit_option
@voice_options
@click.pass_obj
def command(voice: Voice, /, captures: tuple[str, ...], **values: Any) -> Code:
    """Compare two captures, or two spans of one, service by service.

    Connects that failed, times to connect, resets, retransmissions, ends left in CLOSE_WAIT and SYN_RECV, findings:
    a difference is reported if it is significant at 1 %, over all comparisons together, and more than a percentage
    point, or a fifth of a time. To follow the same segments through captures taken at different points, see 'wirestat
    compare'.

    Exit codes: 0 done; 1 something is worse, or differs (with --fail-on); 2 usage; 3 an input is unreadable or
    truncated; 4 permission denied.
    """
    split: Instant | None = values["split"]
    if len(captures) != (1 if split else 2):
        raise UsageError("two captures to compare, or one with --split", hint="wirestat diff BEFORE AFTER")
    from wirestat.diff.changes import changes
    from wirestat.diff.services import services

    reports = [wirestat.analyze(name) for name in checked(captures)]
    if split:
        at_ns = split.resolve(reports[0].start_ns, reports[0].end_ns)
        spans = [(_EVER[0], at_ns), (at_ns, _EVER[1])]
        both = [services(reports[0], values["by"], began) for began in spans]
    else:
        both = [services(report, values["by"]) for report in reports]
    found = changes(both[0], both[1])
    if values["format"] == "json":
        click.echo(msgspec.json.format(msgspec.json.encode({"schema": "diff-1", "changes": found}), indent=2))
    else:
        from wirestat.commands import terminal
        from wirestat.diff import text

        view = terminal.view(limit=values["limit"] or None)
        for line in text.lines(found, (len(both[0]), len(both[1])), view):
            click.echo(line)
    failed = [report for report in reports if failures(report, voice)]  # each is told
    if failed:
        return Code.INPUT
    is_bad = {"worse": any(change.is_worse for change in found), "any": bool(found)}
    return Code.FINDINGS if is_bad.get(values["fail_on"]) else Code.DONE
