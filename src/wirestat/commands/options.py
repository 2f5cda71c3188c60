"""Options that several verbs share, and their parsers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from wirestat.capture.engines import ENGINES
from wirestat.commands.completing import complete_diagnoses
from wirestat.commands.instants import Instant, parse_instant, parse_zone
from wirestat.errors import UsageError
from wirestat.jobs import MOST as MOST_JOBS
from wirestat.model import Severity, State
from wirestat.names import GROUPS, Dialect, parse_states
from wirestat.report.formats import FORMATS, TABLES
from wirestat.report.layout import LIMIT
from wirestat.report.streams import Stream
from wirestat.sizes import size
from wirestat.timers import LINUX, PROFILES, TIMER_NAMES
from wirestat.zones import Zone

_MOST = (1 << 63) - 1
"""The largest number that an option takes: the core's counters have 64 bits."""
_STREAM = "stream:"
Command = TypeVar("Command", bound=Callable[..., Any])


class Count(click.IntRange):
    """A number of things. ``--help`` names its least value; the most is beyond what anybody types on purpose."""

    def __init__(self, least: int) -> None:
        """Take the least value."""
        super().__init__(min=least)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read it."""
        number: int = super().convert(value, param, ctx)
        return number if number <= _MOST else self.fail(f"{number} is more than {_MOST}", param, ctx)


def read_states(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> frozenset[State]:
    """Read states in any spelling, and groups of them."""
    return parse_states(values)


def read_timers(
    _ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Split ``time_wait=30s`` at the equals sign; the profile checks both halves."""
    changes = []
    for value in values:
        timer, sign, setting = value.partition("=")
        if not sign:
            raise UsageError(f"{value!r} sets nothing", hint="write it as time_wait=30s")
        changes.append((timer, setting))
    return tuple(changes)


def read_instant(ctx: click.Context, _option: click.Parameter, value: str | None) -> Instant | None:
    """Read a point in time."""
    return None if value is None else parse_instant(value, ctx.params.get("zone") or Zone())


def read_zone(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Zone | None:
    """Read a time zone."""
    return None if value is None else parse_zone(value)


def read_connection(_ctx: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """Parse the id of a connection, or its Wireshark stream number."""
    if value is None:
        return None
    number = value.strip().removeprefix(_STREAM)
    is_stream = value.strip().startswith(_STREAM)
    is_number = number.isascii() and number.isdigit() and len(number) < 20
    if not is_number or not (0 if is_stream else 1) <= int(number) < _MOST:
        raise UsageError(
            f"--connection {value!r} is no connection",
            hint="ids count from 1; stream:0 is Wireshark's first stream",
        )
    return Stream(int(number) + 1) if is_stream else int(number)


def complete_states(_ctx: click.Context, _option: click.Parameter, incomplete: str) -> list[str]:
    """Offer states and groups to the shell."""
    known = [*(state.lower() for state in State), *GROUPS]
    return [name for name in known if name.startswith(incomplete.lower())]


def complete_timers(_ctx: click.Context, _option: click.Parameter, incomplete: str) -> list[str]:
    """Offer timers to the shell."""
    return [f"{name}=" for name in TIMER_NAMES if name.startswith(incomplete)]


names_option = click.option(
    "--names",
    type=click.Choice([dialect.value for dialect in Dialect]),
    default=Dialect.LINUX.value,
    show_default=True,
    help="Spelling of states in text.",
)


def read_output(_ctx: click.Context, _option: click.Parameter, value: Path | None) -> Path | None:
    """Treat ``-`` as standard output, the default."""
    return None if value == Path("-") else value


output_option = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    callback=read_output,
    metavar="FILE",
    help="Write the report to a file; its extension gives the format unless --format does.",
)
summary_option = click.option("--summary", is_flag=True, help="Leave single connections out.")


def read_size(_ctx: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    """Read a size in bytes: ``25MB``, ``500k``, ``1.5GiB``."""
    if value is None:
        return None
    read = size(value)
    if read is None:
        raise UsageError(f"{value!r} is not a size", hint="write it as 500k, 25MB or 1GiB")
    return read


html_limit_option = click.option(
    "--html-limit",
    callback=read_size,
    metavar="SIZE",
    help="Maximum size of a page, as 25MB: a larger one keeps only the connections in trouble, "
    "and says what it leaves out.",
)


def format_option(about: str, *others: str, default: str | None = None) -> Callable[[Command], Command]:
    """Add ``--format``, with the common formats and the ``others`` that only this verb has."""
    return click.option(
        "--format",
        type=click.Choice([*others, *FORMATS]),
        default=default,
        show_default=default is not None,
        help=about,
    )


zone_option = click.option(
    "--tz",
    "zone",
    is_eager=True,  # instants are parsed in this zone
    callback=read_zone,
    metavar="ZONE",
    help="Time zone for writing times, and for reading those without one: 'local' (TZ, or this host's), or a name "
    "such as Europe/Berlin. Default: UTC.",
)
"""``--tz``."""

tables_option = click.option(
    "--table",
    "tables",
    multiple=True,
    type=click.Choice(TABLES),
    help="The table to write as csv, parquet or arrow. May be repeated, with a folder as -o (by default all).",
)
"""``--table``."""

fail_on_option = click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    help="Exit with 1 if there is a finding at least as severe.",
)
limit_option = click.option(
    "--limit",
    type=Count(0),
    default=LIMIT,
    show_default=True,
    metavar="N",
    help="Maximum rows of a list in text; 0 for all.",
)
numeric_option = click.option(
    "-n", "numeric", count=True, help="Accepted, like -nn: addresses and ports are always numeric."
)


capture_filter_option = click.option(
    "-f",
    "--filter",
    "capture_filter",
    metavar="EXPRESSION",
    help="Only frames that match this tcpdump filter.",
)
"""``-f`` of verbs that read files."""

user_option = click.option(
    "-Z",
    "user",
    metavar="USER",
    help="Become this user once capturing is set up; by default root becomes the user behind sudo, else nobody.",
)
"""``-Z`` of verbs that capture."""


def states_option(help: str) -> Callable[[Command], Command]:
    """Add ``--state``; ``help`` says what it selects."""
    return click.option(
        "--state",
        "states",
        multiple=True,
        callback=read_states,
        shell_complete=complete_states,
        metavar="STATE",
        help=help,
    )


def connection_option(help: str) -> Callable[[Command], Command]:
    """Add ``--connection``; ``help`` says how it is shown."""
    return click.option("--connection", callback=read_connection, metavar="ID|stream:N", help=help)


finding_option = click.option(
    "--finding",
    metavar="ID",
    shell_complete=complete_diagnoses,
    help="Show one finding in full, as D05.2; D05 shows all of that diagnosis.",
)
"""``--finding``."""


def engine_option(help: str) -> Callable[[Command], Command]:
    """Add ``--engine``; ``help`` says what it does for the verb."""
    return click.option(
        "--engine", type=click.Choice(ENGINES), default=ENGINES[0], show_default=True, help=help
    )


tshark_option = click.option(
    "--tshark",
    envvar="WIRESTAT_TSHARK",
    metavar="PATH",
    help="Absolute path of the tshark to run, with --engine pyshark.",
)


def max_connections_option(held: str) -> Callable[[Command], Command]:
    """Add ``--max-connections``; ``held`` says which connections it limits."""
    return click.option(
        "--max-connections",
        type=Count(1),
        metavar="N",
        help=f"{held}; beyond that the least interesting are evicted, and counted.",
    )


def jobs_option(help: str) -> Callable[[Command], Command]:
    """Add ``--jobs``; ``help`` says what runs at a time."""
    return click.option(
        "--jobs",
        type=click.IntRange(min=1, max=MOST_JOBS),
        metavar="N",
        help=f"{help} The result is the same.",
    )


def timer_options(command: Command) -> Command:
    """Add ``--timers`` and ``--timer``."""
    command = click.option(
        "--timer",
        "changes",
        multiple=True,
        callback=read_timers,
        shell_complete=complete_timers,
        metavar="NAME=VALUE",
        help="Change one timer of the profile, as time_wait=30s. May be repeated.",
    )(command)
    return click.option(
        "--timers",
        type=click.Choice(list(PROFILES)),
        default=LINUX.name,
        show_default=True,
        help="The timer profile of the ends: a TCP stack.",
    )(command)


def voice_options(command: Command) -> Command:
    """Add ``-q`` and ``-v``, which control messages and not what a verb does."""
    for flags, attribute, text in (
        (("-v", "--verbose"), "verbose", "Report progress steps; show tracebacks."),
        (("-q", "--quiet"), "quiet", "Print only errors on standard error."),
    ):
        option = click.option(
            *flags, is_flag=True, is_eager=True, expose_value=False, callback=_set(attribute), help=text
        )
        command = option(command)
    return command


def _set(attribute: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def callback(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:
        if asked:
            setattr(ctx.obj, attribute, True)

    return callback
