"""``wirestat netstat``: the table of netstat on either host, from the wire."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple

import click
import msgspec

from wirestat.commands.asking import where_option
from wirestat.commands.completing import complete_files
from wirestat.commands.inputs import checked
from wirestat.commands.instants import Instant
from wirestat.commands.netstat_statistics import statistics
from wirestat.commands.options import names_option, read_instant, voice_options, zone_option
from wirestat.errors import UsageError
from wirestat.model import GONE, Endpoint, State
from wirestat.names import Dialect, spell
from wirestat.report.build import Report
from wirestat.report.selection import Question, Selection
from wirestat.tables import Value
from wirestat.timers import SECOND
from wirestat.words import socket
from wirestat.zones import Zone

Net = IPv4Network | IPv6Network
Row = tuple[str, ...]
_HEADING: Row = ("Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State")


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
    extended: bool
    timers: bool
    statistics: bool
    at: Instant | None
    local: Net | None
    where: Question | None
    names: str
    zone: Zone | None

    @property
    def heading(self) -> tuple[str, ...]:
        """What stands over the columns."""
        more = (
            (("Or", "Evidence"), self.extended),
            (("PID/Program name",), self.programs),
            (("Timer",), self.timers),
        )
        return (*_HEADING, *(name for names, is_asked in more if is_asked for name in names))


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
@click.option(
    "-e",
    "--extended",
    is_flag=True,
    help="Columns for the other states that fit the evidence, '-' if none, and for how the state is known.",
)
@click.option(
    "-o",
    "--timers",
    is_flag=True,
    help="A column for the timer of TIME_WAIT: how long it has still to go. Others show on no wire.",
)
@click.option(
    "-s", "--statistics", is_flag=True, help="Figures of the captures instead, as netstat -s has them."
)
@click.option("--at", callback=read_instant, metavar="TIME", help="As of an instant, as 'analyze' takes it.")
@click.option("-W", "--wide", is_flag=True, help="Accepted: addresses are never cut.")
@click.option(
    "--local", callback=read_net, metavar="ADDR|NET", help="Which ends are local; without it, each in turn."
)
@where_option("Only connections of which this holds.")
@names_option
@zone_option
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
    if request.statistics:
        for line in statistics(report):
            click.echo(line)
    else:
        _print([request.heading, *_rows(report, request)])


def _rows(report: Report, request: Request) -> Iterator[Row]:
    both = request.tcp == request.udp
    if request.tcp or both:
        if not request.listening:
            yield from _connections(report, request)
        if request.everything or request.listening:
            yield from _listeners(report, request)
    if (request.udp or both) and not request.listening and request.where is None:
        yield from _udp(report, request.local)


def _print(rows: list[Row]) -> None:
    """Print the rows below their heading; what a row does not have is ``-``."""
    count = len(rows[0])
    full = [(*row, *("-" for _ in range(count - len(row)))) for row in rows]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    for row in full:
        cells = [f"{cell:{'>' if place in (1, 2) else '<'}{widths[place]}}" for place, cell in enumerate(row)]
        click.echo(" ".join(cells).rstrip())


def _connections(report: Report, request: Request) -> Iterator[Row]:
    at_ns = (
        min(request.at.resolve(report.start_ns, report.end_ns), report.end_ns)
        if request.at
        else report.end_ns
    )
    instant = at_ns if request.at else None
    chosen = Selection(report, request.where, instant).chosen if request.where else None
    tables = report.tables({"instant": None, "connections": ["id"]}, chosen, at_ns)["instant"]
    for place, id in enumerate(tables["id"].data):
        then = tables.row(place)
        one = report.connection(id)
        for end, other, side in ((one.client, one.server, "client"), (one.server, one.client, "server")):
            state = then[f"{side}_state"] if request.at else end.state
            if state is None or State(str(state)) in GONE or not _is_local(end.address, request.local):
                continue
            yield _row(
                _Standing(end, other, State(str(state)), then[f"{side}_since_ns"]), request, report, at_ns
            )


class _Standing(NamedTuple):
    """An end as it stands at the instant asked for."""

    end: Endpoint
    other: Endpoint
    state: State
    since_ns: Value


def _row(standing: _Standing, request: Request, report: Report, at_ns: int) -> Row:
    end, other, state, since_ns = standing
    names = Dialect(request.names)
    is_past = request.at is not None
    # What is in flight is known as of the last frame alone.
    queues = ("-", "-") if is_past else (str(other.unacknowledged_bytes), str(end.unacknowledged_bytes))
    cells = [
        _protocol("tcp", end.address),
        *queues,
        socket(end.address, end.port),
        socket(other.address, other.port),
        spell(state, names),
    ]
    if request.extended:
        others = () if is_past else end.or_since
        cells.append(",".join(spell(one, names) for one in others) or "-")
        cells.append("-" if is_past or end.evidence is None else str(end.evidence))
    if request.programs:
        cells.append("-")
    if request.timers:
        cells.append(_timer(state, since_ns, report, at_ns))
    return tuple(cells)


def _timer(state: State, since_ns: Value, report: Report, at_ns: int) -> str:
    """Write how long TIME_WAIT has still to go, as netstat -o does; of other timers nothing is known."""
    if state is not State.TIME_WAIT or not isinstance(since_ns, int):
        return "-"
    left = max(since_ns + report.timers.time_wait_ns - at_ns, 0) / SECOND
    return f"timewait ({left:.2f}/0/0)"


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
