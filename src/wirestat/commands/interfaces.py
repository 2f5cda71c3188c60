"""``wirestat interfaces``: where there is something to capture."""

import click

from wirestat.commands.codes import Code
from wirestat.commands.options import voice_options
from wirestat.titles import printable


@click.command("interfaces")
@voice_options
def command() -> Code:
    """List the interfaces of this machine with their addresses, and say whether they may be captured on."""
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
        click.echo(
            "\nwithout root or CAP_NET_RAW none of them can be captured on: use sudo, or pipe from tcpdump"
        )
    return Code.DONE
