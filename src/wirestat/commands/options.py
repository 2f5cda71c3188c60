"""Options that several verbs share, and how their values are read."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from wirestat.commands.instants import Instant, parse_instant
from wirestat.errors import UsageError
from wirestat.model import State
from wirestat.names import GROUPS, Dialect, parse_states
from wirestat.timers import TIMER_NAMES

Command = TypeVar("Command", bound=Callable[..., Any])


def read_states(_ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> frozenset[State]:
    """Read states in any spelling, and groups of them."""
    return parse_states(values)


def read_timers(
    _ctx: click.Context, _option: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Split ``time_wait=30s`` at the equals sign; the profile judges both halves."""
    changes = []
    for value in values:
        timer, sign, setting = value.partition("=")
        if not sign:
            raise UsageError(f"{value!r} sets nothing", hint="write it as time_wait=30s")
        changes.append((timer, setting))
    return tuple(changes)


def read_instant(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Instant | None:
    """Read a point in time."""
    return None if value is None else parse_instant(value)


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
    help="How states are spelled in text.",
)


def voice_options(command: Command) -> Command:
    """Add ``-q`` and ``-v``, which concern how wirestat speaks and not what a verb does."""
    for flags, attribute, text in (
        (("-v", "--verbose"), "verbose", "Say what is being done; show tracebacks."),
        (("-q", "--quiet"), "quiet", "Say nothing but errors on standard error."),
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
