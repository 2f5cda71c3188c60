"""``wirestat count``: how many ends are in which state, as ``netstat -n | awk '{++S[$NF]}'`` counts on a host."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby

import click

from wirestat.commands.asking import where_option
from wirestat.commands.completing import complete_files
from wirestat.commands.inputs import checked
from wirestat.commands.instants import Instant
from wirestat.commands.options import names_option, read_instant, voice_options
from wirestat.errors import UsageError
from wirestat.model import GONE, Side, State
from wirestat.names import Dialect, spell
from wirestat.report.build import Report
from wirestat.report.selection import Question, Selection
from wirestat.timers import SECOND, duration

_MOST = 100_000
"""Instants of a series."""


@click.command("count")
@click.argument("captures", nargs=-1, required=True, shell_complete=complete_files, metavar="CAPTURE...")
@click.option("--at", callback=read_instant, metavar="TIME", help="As of an instant, as 'analyze' takes it.")
@click.option(
    "--each", metavar="TIME", help="Again and again through the capture, as 10s: a time before each line."
)
@click.option(
    "--peaks",
    is_flag=True,
    help="The most ends that were in each state at one time, and the first time that there were so many.",
)
@click.option(
    "--end",
    type=click.Choice([side.value for side in Side]),
    help="Only this end, without a heading: a state and a number a line.",
)
@where_option("Only connections of which this holds at that instant.")
@names_option
@voice_options
def command(
    captures: tuple[str, ...],
    at: Instant | None,
    each: str | None,
    peaks: bool,
    end: str | None,
    where: Question | None,
    names: str,
) -> None:
    """Count the ends that are in each state: a state, the clients and the servers in it, a line each.

    The columns are for awk: they never change. Ends in CLOSED, LISTEN and UNKNOWN are not counted, as netstat lists
    them under no connection.
    """
    step = duration(each) if each else None
    if step is not None and (at is not None or not step):
        raise UsageError(
            "--each goes through the whole capture, in steps of more than nothing; --at names one instant"
        )
    if peaks and (each or at or where):
        raise UsageError(
            "--peaks goes through the whole capture; --at, --each and --where ask for parts of it"
        )
    import wirestat  # here, because it loads the core: a wrong command line shall fail before that

    report = wirestat.analyze(*checked(captures))
    if peaks:
        _print_peaks(report, [Side(end)] if end else list(Side), Dialect(names), has_heading=not end)
        return
    sides = [Side(end)] if end else list(Side)
    if not end:
        click.echo(" ".join([*(["time"] if step else []), "state", *sides]))
    for at_ns in _instants(report, at, step):
        before = [f"{at_ns // SECOND}.{at_ns % SECOND:09d}"] if step else []
        is_past = at is not None or step is not None
        for state, numbers in _counted(report, where, at_ns, is_past=is_past):
            if any(numbers[side] for side in sides):
                shown = [*before, spell(state, Dialect(names)), *(str(numbers[side]) for side in sides)]
                click.echo(" ".join(shown))


def _print_peaks(report: Report, sides: list[Side], names: Dialect, *, has_heading: bool) -> None:
    if has_heading:
        click.echo(" ".join(["state", *(word for side in sides for word in (side.value, f"{side}_time"))]))
    peaks = {side: _peaks(report, side) for side in sides}
    for state in State:
        found = [peaks[side].get(state, (0, None)) for side in sides]
        if state in GONE or not any(count for count, _ in found):
            continue
        cells = [word for count, time_ns in found for word in (str(count), _seconds(time_ns))]
        click.echo(" ".join([spell(state, names), *cells]))


def _seconds(time_ns: int | None) -> str:
    return "-" if time_ns is None else f"{time_ns // SECOND}.{time_ns % SECOND:09d}"


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


def _instants(report: Report, at: Instant | None, step: int | None) -> Iterator[int]:
    """Yield the instants to count at, in Unix ns."""
    if step is None:
        yield min(at.resolve(report.start_ns, report.end_ns), report.end_ns) if at else report.end_ns
        return
    number = (report.end_ns - report.start_ns) // step + 1
    if number > _MOST:
        raise UsageError(f"--each asks for {number:,} instants", hint=f"no more than {_MOST:,}, please")
    yield from range(report.start_ns, report.end_ns + 1, step)


def _counted(
    report: Report, where: Question | None, at_ns: int, *, is_past: bool
) -> Iterator[tuple[State, dict[Side, int]]]:
    """Yield how many clients and servers are in each state that any of them is in."""
    chosen = Selection(report, where, at_ns if is_past else None).chosen if where else None
    columns = ["client_state", "server_state"]
    instant = report.tables({"instant": columns}, chosen, at_ns)["instant"]
    counts = {side: Counter(instant[f"{side}_state"]) for side in Side}
    for state in State:
        numbers = {side: counts[side][state.value] for side in Side}
        if state not in GONE:
            yield state, numbers
