"""``wirestat states``: the documented machine, without any capture."""

import click

from wirestat.commands import terminal
from wirestat.commands.options import names_option, voice_options
from wirestat.names import Dialect
from wirestat.report.layout import View
from wirestat.report.machine import RENDERERS


@click.command("states")
@click.option(
    "--format", type=click.Choice(list(RENDERERS)), default="text", show_default=True, help="How to draw it."
)
@names_option
@voice_options
def command(format: str, names: str) -> None:
    """Draw the states of TCP and every change of state that RFC 9293 documents, with its section."""
    view = View(width=terminal.width(), names=Dialect(names))
    for line in RENDERERS[format](view):
        click.echo(line)
