"""``wirestat count``: how many ends are in which state, as ``netstat -n | awk '{++S[$NF]}'`` counts on a host."""

from collections import Counter
from collections.abc import Iterator

import click

from wirestat.commands.asking import where_option
from wirestat.commands.completing import complete_files
from wirestat.commands.inputs import checked
from wirestat.commands.instants import Instant
from wirestat.commands.options import names_option, read_instant, voice_options
from wirestat.errors import UsageError
from wirestat.model import Side, State
from wirestat.names import Dialect, spell
from wirestat.report.build import Report
from wirestat.report.selection import Question, Selection
from wirestat.timers import SECOND, duration

_GONE = frozenset({State.CLOSED, State.UNKNOWN, State.LISTEN})
"""Ends that netstat would not list as connections."""
_MOST = 100_000
"""Instants of a series."""


@click.command("count")
@click.argument("captures", nargs=-1, required=True, shell_complete=complete_files, metavar="CAPTURE...")
@click.option("--at", callback=read_instant, metavar="TIME", help="As of an instant, as 'analyze' takes it.")
@click.option(
    "--each", metavar="TIME", help="Again and again through the capture, as 10s: a time before each line."
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
    import wirestat  # here, because it loads the core: a wrong command line shall fail before that

    report = wirestat.analyze(*checked(captures))
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
        if state not in _GONE:
            yield state, numbers
