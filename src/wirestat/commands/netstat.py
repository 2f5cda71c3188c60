"""``wirestat netstat``: the table of netstat on either host, from the wire."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import click
import msgspec

from wirestat.commands.asking import where_option
from wirestat.commands.completing import complete_files
from wirestat.commands.inputs import checked
from wirestat.commands.options import names_option, voice_options
from wirestat.errors import UsageError
from wirestat.model import Connection, Endpoint, State
from wirestat.names import Dialect, spell
from wirestat.report.build import Report
from wirestat.report.selection import Question, Selection
from wirestat.words import socket

Net = IPv4Network | IPv6Network
Row = tuple[str, str, str, str, str, str]
_HEADING: Row = ("Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State")
_GONE = frozenset({State.CLOSED, State.UNKNOWN, State.LISTEN})
"""Ends that netstat would not list as connections."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The command line, its values read."""

    captures: tuple[str, ...]
    everything: bool
    listening: bool
    tcp: bool
    udp: bool
    numeric: bool
    programs: bool
    wide: bool
    local: Net | None
    where: Question | None
    names: str


def read_net(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Net | None:
    """Read an address or a net."""
    if value is None:
        return None
    try:
        return ip_network(value, strict=False)
    except ValueError:
        raise UsageError(
            f"--local {value!r} is neither an address nor a net", hint="10.0.0.1, 10.0.0.0/8"
        ) from None


@click.command("netstat")
@click.argument("captures", nargs=-1, required=True, shell_complete=complete_files, metavar="CAPTURE...")
@click.option("-a", "--all", "everything", is_flag=True, help="Connections and listening sockets.")
@click.option("-l", "--listening", is_flag=True, help="Only listening sockets.")
@click.option("-t", "--tcp", is_flag=True, help="TCP; both where neither -t nor -u is given.")
@click.option("-u", "--udp", is_flag=True, help="UDP, which has no state.")
@click.option("-n", "--numeric", is_flag=True, help="Accepted: addresses and ports are always numeric.")
@click.option("-p", "--programs", is_flag=True, help="A column for the program: '-', as no packet names it.")
@click.option("-W", "--wide", is_flag=True, help="Accepted: addresses are never cut.")
@click.option(
    "--local", callback=read_net, metavar="ADDR|NET", help="Which ends are local; without it, each in turn."
)
@where_option("Only connections of which this holds.")
@names_option
@voice_options
def command(**values: Any) -> None:
    """Print netstat's table at the end of the captures.

    Without --local every connection has two rows, as the host of either end would list it. Send-Q is what an end sent
    and the other has not acknowledged; Recv-Q what the other sent and this end has not acknowledged: what an
    application has yet to read shows on no wire.
    """
    request = Request(**values)
    import wirestat  # here, because it loads the core: a wrong command line shall fail before that

    report = wirestat.analyze(*checked(request.captures))
    _print([_HEADING, *_rows(report, request)], programs=request.programs)


def _rows(report: Report, request: Request) -> Iterator[Row]:
    both = request.tcp == request.udp
    if request.tcp or both:
        if not request.listening:
            yield from _connections(report, request)
        if request.everything or request.listening:
            yield from _listeners(report, request)
    if (request.udp or both) and not request.listening and request.where is None:
        yield from _udp(report, request.local)


def _print(rows: list[Row], *, programs: bool) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for number, row in enumerate(rows):
        cells = [f"{cell:{'>' if place in (1, 2) else '<'}{widths[place]}}" for place, cell in enumerate(row)]
        if programs:
            cells.append("-" if number else "PID/Program name")
        click.echo(" ".join(cells).rstrip())


def _connections(report: Report, request: Request) -> Iterator[Row]:
    where = request.where
    connections: Iterator[Connection] = iter(Selection(report, where)) if where else report.connections()
    for one in connections:
        for end, other in ((one.client, one.server), (one.server, one.client)):
            if end.state not in _GONE and _is_local(end.address, request.local):
                yield _row(end, other, Dialect(request.names))


def _row(end: Endpoint, other: Endpoint, names: Dialect) -> Row:
    return (
        _protocol("tcp", end.address),
        str(other.unacknowledged_bytes),
        str(end.unacknowledged_bytes),
        socket(end.address, end.port),
        socket(other.address, other.port),
        spell(end.state, names),
    )


def _listeners(report: Report, request: Request) -> Iterator[Row]:
    listen = spell(State.LISTEN, Dialect(request.names))
    for one in report.summary.listeners:
        if one.answered and _is_local(one.address, request.local):
            protocol = _protocol("tcp", one.address)
            anybody = "[::]:*" if protocol == "tcp6" else "0.0.0.0:*"
            yield protocol, "0", "0", socket(one.address, one.port), anybody, listen


def _udp(report: Report, local: Net | None) -> Iterator[Row]:
    for one in report.udp():
        a, b = (one.address_a, one.port_a), (one.address_b, one.port_b)
        for end, other in ((a, b), (b, a)):
            if _is_local(end[0], local):
                yield _protocol("udp", end[0]), "0", "0", socket(*end), socket(*other), ""


def _protocol(name: str, address: str) -> str:
    return f"{name}6" if ":" in address else name


def _is_local(address: str, local: Net | None) -> bool:
    return local is None or ip_address(address) in local
