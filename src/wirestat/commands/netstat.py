"""``wirestat netstat``: netstat's table of either host, from the wire."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import click

import wirestat
from wirestat.commands.capturing import Capturing
from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files, complete_interfaces
from wirestat.commands.filter_options import where_option
from wirestat.commands.inputs import as_one
from wirestat.commands.instants import Instant, warn_outside
from wirestat.commands.netstat_local import TAP, Local, Net, at_the_tap, is_met
from wirestat.commands.netstat_statistics import statistics
from wirestat.commands.options import (
    capture_filter_option,
    names_option,
    read_instant,
    user_option,
    voice_options,
    zone_option,
)
from wirestat.commands.outcome import outcome
from wirestat.errors import UsageError
from wirestat.names import Dialect
from wirestat.report.selection import Question
from wirestat.zones import Zone

if TYPE_CHECKING:
    from wirestat.commands.netstat_rows import Vantage
    from wirestat.report.build import Report

Row = tuple[str, ...]
_HEADING: Row = ("Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State")


class Request(Capturing, frozen=True, kw_only=True):
    """The command line, its values read."""

    captures: tuple[str, ...]
    continuous: float | None
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
    local: Net | str | None
    where: Question | None
    names: str
    zone: Zone | None

    @property
    def heading(self) -> tuple[str, ...]:
        """The headings of the columns."""
        more = (
            (("Or", "Evidence"), self.extended),
            (("PID/Program name",), self.programs),
            (("Timer",), self.timers),
        )
        return (*_HEADING, *(name for names, is_asked in more if is_asked for name in names))

    def judge(self) -> None:
        """Reject contradictory options.

        Raises:
            UsageError: two of the options contradict each other, or there is nothing to list.
        """
        if bool(self.captures) == bool(self.interfaces):
            raise UsageError(
                "name captures, or an interface with -i", hint="wirestat netstat -tan trace.pcap"
            )
        if self.interfaces and self.at:
            raise UsageError("-i lists the connections now; --at needs a capture")
        if not self.interfaces and (self.continuous is not None or self.duration):
            raise UsageError("-c and --duration need -i: a capture file does not change")
        self.judge_user()

    def where_local(self, report: Report) -> Local:
        """Return the local ends.

        Raises:
            InputError: the tap's position is needed, and the handshakes do not show it.
        """
        if self.local == TAP:
            return at_the_tap(report)
        return Local(net=self.local if not isinstance(self.local, str) else None)


def read_local(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Net | str | None:
    """Parse an address, a network, or the word for the host of the tap."""
    if value is None or value == TAP:
        return value
    try:
        return ip_network(value, strict=False)
    except ValueError:
        raise UsageError(
            f"--local {value!r} is neither an address nor a net",
            hint="10.0.0.1, 10.0.0.0/8, or 'tap': the host where the capture was taken",
        ) from None


@click.command("netstat")
@click.argument("captures", nargs=-1, shell_complete=complete_files, metavar="[CAPTURE]...")
@click.option(
    "-i", "--interface", "interfaces", multiple=True, metavar="IF", shell_complete=complete_interfaces,
    help="Capture on this interface instead, and list this host's connections now, with its kernel: with "
    "-c repeatedly, else at the end (Ctrl-C or --duration). May be repeated.",
)  # fmt: skip
@click.option(
    "-c", "--continuous", is_flag=False, flag_value=1.0, type=click.FloatRange(min=0.1, max=86_400),
    metavar="[SECONDS]", help="With -i: repeat every second, or every N seconds.",
)  # fmt: skip
@click.option("--duration", metavar="TIME", help="With -i: end after this time, as 30s or 5m.")
@capture_filter_option
@user_option
@click.option("-a", "--all", "everything", is_flag=True, help="Connections and listening sockets.")
@click.option("-l", "--listening", is_flag=True, help="Only listening sockets.")
@click.option("-t", "--tcp", is_flag=True, help="TCP; both without -t and -u.")
@click.option("-u", "--udp", is_flag=True, help="UDP, without states.")
@click.option("-n", "--numeric", is_flag=True, help="Accepted: addresses and ports are always numeric.")
@click.option(
    "-p",
    "--programs",
    is_flag=True,
    help="A column for the program: with -i from the kernel; else '-', as packets do not name it.",
)
@click.option(
    "-e",
    "--extended",
    is_flag=True,
    help="Columns for alternative states, '-' if none, and for the evidence of the state.",
)
@click.option(
    "-o",
    "--timers",
    is_flag=True,
    help="A column for the timer: with -i the kernel's; else only TIME_WAIT's, as packets do not show others. "
    "With --names windows the column for the program, as -o means there.",
)
@click.option(
    "-s", "--statistics", is_flag=True, help="Print statistics of the captures instead, like netstat -s."
)
@click.option(
    "--at", callback=read_instant, metavar="TIME", help="As of this instant, in the syntax of 'analyze --at'."
)
@click.option("-W", "--wide", is_flag=True, help="Accepted: addresses are never truncated.")
@click.option(
    "--local",
    callback=read_local,
    metavar="ADDR|NET|tap",
    help="The local ends; 'tap' is the host where the capture was taken. By default each end in turn, and with -i "
    "those of this host.",
)
@where_option("Only connections for which this is true.")
@names_option
@zone_option
@voice_options
@click.pass_context
def command(ctx: click.Context, /, **values: Any) -> Code:
    """Print netstat's table at the end of the captures.

    Without --local every connection has two rows, one as listed by the host of either end. Send-Q counts bytes that
    an end sent and the other has not acknowledged; Recv-Q bytes that the other end sent and this end has not
    acknowledged: packets do not show what an application has yet to read. With -i, ends of this host have the
    kernel's own figures, and -a also lists connections without a captured packet.
    """
    if Dialect(values["names"]) is Dialect.WINDOWS and values["timers"]:
        values.update(programs=True, timers=False)
    request = Request(**values)
    request.judge()
    if request.interfaces:
        from wirestat.commands.netstat_live import show

        return show(ctx, request)
    from wirestat.commands.netstat_rows import Vantage

    report = wirestat.analyze(*as_one(request.captures, ctx.obj), filter=request.capture_filter or "")
    place = Vantage(request.where_local(report))
    warn_outside(request.at, report, ctx.obj)
    for line in lines(report, request, place):
        click.echo(line)
    net = place.local.net
    if net is not None and not is_met(net, report):
        named = net if net.num_addresses > 1 else net.network_address
        ctx.obj.warning(f"--local {named}: no packet is from there or to there, so no end is local")
    return outcome(report, None, ctx.obj)


def lines(report: Report, request: Request, place: Vantage) -> Iterator[str]:
    """Yield the requested lines."""
    if request.statistics:
        yield from statistics(report)
        return
    from wirestat.commands.netstat_rows import rows

    yield from _aligned([request.heading, *rows(report, request, place)])


def _aligned(rows: list[Row]) -> Iterator[str]:
    """Yield the rows below their heading; missing values are ``-``."""
    count = len(rows[0])
    full = [(*row, *("-" for _ in range(count - len(row)))) for row in rows]
    widths = [max(map(len, column)) for column in zip(*full, strict=True)]
    for row in full:
        cells = [f"{cell:{'>' if place in (1, 2) else '<'}{widths[place]}}" for place, cell in enumerate(row)]
        yield " ".join(cells).rstrip()
