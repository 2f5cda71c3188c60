"""``wirestat states``: the state machine of the RFC, or that of the tracker, without any capture."""

from collections.abc import Iterator

import click

from wirestat.commands import terminal
from wirestat.commands.options import names_option, voice_options
from wirestat.errors import UsageError
from wirestat.names import Dialect
from wirestat.report import machine
from wirestat.report.layout import View

_SVG = "svg"


@click.command("states")
@click.option(
    "--format",
    type=click.Choice([*machine.RENDERERS, _SVG]),
    default="text",
    show_default=True,
    help="The output format.",
)
@click.option(
    "--machine",
    "of_witness",
    is_flag=True,
    help="The table by which states are inferred from packets, every row with its reason, instead of the RFC's.",
)
@names_option
@voice_options
def command(format: str, names: str, of_witness: bool) -> None:
    """Draw the states of TCP and every change of state that RFC 9293 documents, with its section."""
    view = terminal.view(names=Dialect(names))
    for line in _drawn(format, of_witness, view):
        click.echo(line)


def _drawn(format: str, of_witness: bool, view: View) -> Iterator[str]:
    if format != _SVG:
        return _witness(format, view) if of_witness else machine.RENDERERS[format](view)
    if of_witness:
        raise UsageError("the table of inference has no picture", hint="--format mermaid or dot draws it")
    from wirestat.report.draw.machine import documented

    return documented(view.names)


def _witness(format: str, view: View) -> Iterator[str]:
    from wirestat import tracker  # imported here, as it loads the core, which the RFC's machine does not need
    from wirestat.report import witness
    from wirestat.timers import LINUX

    return witness.RENDERERS[format](tracker.machine(), LINUX, view)
