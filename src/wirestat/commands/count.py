"""``wirestat count``: how many ends are in which state, as ``netstat -n | awk '{++S[$NF]}'`` counts on a host."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import click

from wirestat.commands.capturing import Capturing
from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files, complete_interfaces
from wirestat.commands.filter_options import where_option
from wirestat.commands.inputs import as_one
from wirestat.commands.instants import Instant, as_of, as_word, warn_outside
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
from wirestat.model import GONE, Side, State
from wirestat.names import Dialect, spell
from wirestat.report.build import Report
from wirestat.report.selection import Question, Selection
from wirestat.timers import duration
from wirestat.zones import Zone

_MOST = 100_000
"""Instants of a series."""


class Request(Capturing, frozen=True, kw_only=True):
    """The command line, its values read."""

    captures: tuple[str, ...]
    at: Instant | None
    each: str | None
    peaks: bool
    end: str | None
    where: Question | None
    names: str
    zone: Zone | None

    @property
    def step(self) -> int | None:
        """Nanoseconds from one count to the next; ``None`` for a single count."""
        return duration(self.each) if self.each else None

    @property
    def sides(self) -> list[Side]:
        """The ends whose states are counted."""
        return [Side(self.end)] if self.end else list(Side)

    @property
    def dialect(self) -> Dialect:
        """The spelling of states."""
        return Dialect(self.names)

    @property
    def heading(self) -> str | None:
        """The heading; ``None`` if only one end is counted."""
        return None if self.end else " ".join([*(["time"] if self.each else []), "state", *Side])

    def judge(self) -> None:
        """Reject contradictory options.

        Raises:
            UsageError: two of the options contradict each other, or there is nothing to count.
        """
        if self.each and (self.at is not None or not self.step):
            raise UsageError(
                "--each goes through the whole capture, in steps longer than 0; --at names one instant"
            )
        if self.peaks and (self.each or self.at or self.where):
            raise UsageError(
                "--peaks goes through the whole capture; --at, --each and --where ask for parts of it"
            )
        if bool(self.captures) == bool(self.interfaces):
            raise UsageError("name captures, or an interface with -i", hint="wirestat count trace.pcap")
        if self.interfaces and (self.at or self.peaks):
            raise UsageError("-i counts the states now; --at and --peaks need a whole capture")
        if self.duration and not self.interfaces:
            raise UsageError("--duration limits -i")
        self.judge_user()


@click.command("count")
@click.argument("captures", nargs=-1, shell_complete=complete_files, metavar="CAPTURE...")
@click.option(
    "-i", "--interface", "interfaces", multiple=True, metavar="IF", shell_complete=complete_interfaces,
    help="Capture on this interface instead, and count the states now: with --each repeatedly, else at the end "
    "(Ctrl-C or --duration). May be repeated.",
)  # fmt: skip
@click.option("--duration", metavar="TIME", help="With -i: end after this time, as 30s or 5m.")
@capture_filter_option
@user_option
@click.option(
    "--at",
    callback=read_instant,
    metavar="TIME",
    help="Count at this instant, in the syntax of 'analyze --at'.",
)
@click.option(
    "--each",
    metavar="TIME",
    help="Count at this interval through the capture, as 10s: each line begins with a time.",
)
@click.option(
    "--peaks",
    is_flag=True,
    help="The peak number of ends in each state, and when it was first reached.",
)
@click.option(
    "--end",
    type=click.Choice([side.value for side in Side]),
    help="Only this end, without a heading: each line is a state and a number.",
)
@where_option("Only connections for which this is true at that instant.")
@names_option
@zone_option
@voice_options
@click.pass_context
def command(ctx: click.Context, /, **values: Any) -> Code:
    """Count the ends in each state: each line is a state, its clients and its servers.

    The columns are stable, for awk. Ends in CLOSED, LISTEN and UNKNOWN are not counted, as netstat lists no
    connections in these. Times are seconds since 1970, or with --tz ISO 8601.
    """
    request = Request(**values)
    request.judge()
    if request.interfaces:
        from wirestat.commands.count_live import count

        return count(ctx, request)
    import wirestat  # here, because it loads the core: a wrong command line shall fail before that

    report = wirestat.analyze(*as_one(request.captures, ctx.obj), filter=request.capture_filter or "")
    warn_outside(request.at, report, ctx.obj)
    if request.peaks:
        _print_peaks(report, request)
    else:
        _print_counts(report, request)
    return outcome(report, None, ctx.obj)


def _print_counts(report: Report, request: Request) -> None:
    instants = _instants(report, request.at, request.step)
    if request.heading:
        click.echo(request.heading)
    is_past = request.at is not None or request.each is not None
    for at_ns in instants:
        chosen = (
            Selection(report, request.where, at_ns if is_past else None).chosen if request.where else None
        )
        for line in lines(report, request, chosen, at_ns):
            click.echo(line)


def lines(
    report: Report, request: Request, chosen: bytes | None, at_ns: int, told_ns: int | None = None
) -> Iterator[str]:
    """Yield a line for each state that an end is in, as of an instant in Unix ns.

    In a series each line begins with that instant, or with ``told_ns`` if given.
    """
    before = [_time(told_ns or at_ns, request.zone)] if request.each else []
    columns = ["client_state", "server_state"]
    instant = report.tables({"instant": columns}, chosen, at_ns)["instant"]
    counts = {side: Counter(instant[f"{side}_state"]) for side in Side}
    for state in State:
        numbers = [counts[side][state.value] for side in request.sides]
        if state not in GONE and any(numbers):
            yield " ".join([*before, spell(state, request.dialect), *map(str, numbers)])


def _print_peaks(report: Report, request: Request) -> None:
    sides = request.sides
    if not request.end:
        click.echo(" ".join(["state", *(word for side in sides for word in (side.value, f"{side}_time"))]))
    peaks = {side: _peaks(report, side) for side in sides}
    for state in State:
        found = [peaks[side].get(state, (0, None)) for side in sides]
        if state in GONE or not any(count for count, _ in found):
            continue
        cells = [word for count, time_ns in found for word in (str(count), _time(time_ns, request.zone))]
        click.echo(" ".join([spell(state, request.dialect), *cells]))


def _time(time_ns: int | None, zone: Zone | None) -> str:
    return "-" if time_ns is None else as_word(time_ns, zone)


def _peaks(report: Report, side: Side) -> dict[State, tuple[int, int]]:
    """Return for each state the most ends that were in it at one time, and when there were so many first."""
    tables = report.tables(
        {
            "connections": ["first_time_ns", f"{side}_first_state"],
            "transitions": ["endpoint", "from_state", "to", "time_ns", "retracted_by"],
        }
    )
    begun, steps = tables["connections"], tables["transitions"]
    code = list(Side).index(side)
    changes = [
        (time_ns, -1, first)
        for time_ns, first in zip(*(column.data for column in begun.columns.values()), strict=False)
    ]
    columns = (column.data for column in steps.columns.values())
    for endpoint, left, entered, time_ns, retracted in zip(*columns, strict=True):
        if endpoint == code and not retracted:
            changes.append((time_ns, left, entered))
    changes.sort(key=lambda change: change[0])
    names = list(State)
    now = [0] * len(names)
    found: dict[State, tuple[int, int]] = {}
    for instant, group in groupby(changes, key=lambda change: change[0]):
        touched = set()
        for _, left, entered in group:
            if left >= 0:
                now[left] -= 1
            now[entered] += 1
            touched.add(entered)
        for number in touched:
            if now[number] > found.get(names[number], (0, 0))[0]:
                found[names[number]] = now[number], instant
    return found


def _instants(report: Report, at: Instant | None, step: int | None) -> Sequence[int]:
    """Return the instants to count at, in Unix ns.

    Raises:
        UsageError: they are too many.
    """
    if step is None:
        return [as_of(at, report)]
    number = (report.end_ns - report.start_ns) // step + 1
    if number > _MOST:
        raise UsageError(f"--each asks for {number:,} instants", hint=f"no more than {_MOST:,}, please")
    return range(report.start_ns, report.end_ns + 1, step)
