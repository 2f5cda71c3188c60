"""``wirestat fields``: the fields of filters."""

import textwrap
from collections.abc import Iterable, Iterator

import click

from wirestat.commands import terminal
from wirestat.commands.options import voice_options
from wirestat.query import FIELDS, FilterField, Kind

EXAMPLES = (
    ("state==CLOSE_WAIT && port==443 && for>60s", "an end has been in CLOSE_WAIT for more than a minute"),
    ("client.state in {SYN_SENT, SYN_RECV}", "the client is opening"),
    ("severity>=warning and not finding==D10", "something is wrong, and it is not D10"),
    ("addr==10.0.0.0/8 && server.port in 8000..8100", "an end in a net, and a range of ports"),
    ("connect_time>1s || retransmitted>3", "slow to open, or lossy"),
    ("transition(LAST_ACK→CLOSED)", "an end made this change of state; '->' will do, and '*' is any state"),
    ("evidence==presumed", "the state of an end is not proven"),
)
INTRODUCTION = (
    "A field without a side is about either end: port==443 is true if one end has that port, port!=443 if neither "
    "has. 'client.' and 'server.' before it name the end. Fields with a * belong to the connection and have no side."
)
_UNITS = {
    Kind.NUMBER: "number",
    Kind.BYTES: "bytes, as 1500, 64k, 1.5M",
    Kind.SPAN: "time span, as 200ms, 60s, 2m, 1h",
    Kind.TIME: "time, as 2026-01-02T03:04:05Z",
    Kind.FLAG: "true or false",
    Kind.ADDRESS: "address or net",
    Kind.TUNNEL: "kind of tunnel, as vxlan",
    Kind.FINDING: "diagnosis, as D10 or close-wait-held",
    Kind.SEVERITY: "info, note, warning or error",
}
_INDENT = " " * 22


@click.command("fields")
@voice_options
def command() -> None:
    """List the fields of filters (-Y, --where), with their units and meaning."""
    width = max(terminal.width(), 60)
    for line in (*textwrap.wrap(INTRODUCTION, width), "", *_table(FIELDS.values(), width), "", "examples"):
        click.echo(line)
    for text, meaning in EXAMPLES:
        click.echo(f"  {text}")
        click.echo(f"      {meaning}")


def compared_with(field: FilterField) -> str:
    """Return the kind of value that a field is compared with."""
    return _UNITS.get(field.kind) or (field.names or "").replace("_", " ")


def _table(fields: Iterable[FilterField], width: int) -> Iterator[str]:
    """Return the lines of each field: name, kind of value, meaning."""
    for field in fields:
        name = field.name if field.is_of_ends else f"{field.name} *"
        yield from textwrap.wrap(
            f"{field.meaning} ({compared_with(field)})",
            width,
            initial_indent=f"  {name:<20}",
            subsequent_indent=_INDENT,
            break_on_hyphens=False,
        )
