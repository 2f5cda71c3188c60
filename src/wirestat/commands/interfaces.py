"""``wirestat interfaces``: lists the interfaces."""

import click

from wirestat.commands.codes import Code
from wirestat.commands.options import voice_options
from wirestat.titles import printable


@click.command("interfaces")
@voice_options
def command() -> Code:
    """List the interfaces of this machine with their addresses, and whether you may capture on them."""
    return show()


def show() -> Code:
    """Print the list."""
    from wirestat.capture import interfaces
    from wirestat.report.layout import table

    cards = interfaces.cards()
    rows = [("interface", "kind", "state", "addresses")]
    rows += [
        (printable(card.name), card.kind, "up" if card.up else "down", ", ".join(card.addresses))
        for card in cards
    ]
    rows.append((interfaces.ANY, "all of them", "", ""))
    for line in table(rows, "<<<<", indent=""):
        click.echo(line)
    if not interfaces.may_capture():
        click.echo("\ncapturing on any of them needs root or CAP_NET_RAW: use sudo, or pipe from tcpdump")
    return Code.DONE
