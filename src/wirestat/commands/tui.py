"""``wirestat tui``: the full-screen interface, on files and on live traffic."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files, complete_interfaces
from wirestat.commands.filter_options import complete_filter
from wirestat.commands.inputs import checked
from wirestat.commands.options import max_connections_option, names_option, timer_options, voice_options
from wirestat.commands.request import TrackingOptions
from wirestat.errors import UsageError

if TYPE_CHECKING:
    from wirestat.tui.feeds import Feed


class Request(TrackingOptions, frozen=True, kw_only=True):
    """The command line, its values read."""

    captures: tuple[str, ...]
    interfaces: tuple[str, ...]
    expression: str | None


@click.command("tui")
@click.argument("captures", nargs=-1, metavar="[CAPTURE]...", shell_complete=complete_files)
@click.option(
    "-i", "--interface", "interfaces", multiple=True, metavar="IF", shell_complete=complete_interfaces,
    help="Capture on this interface, like 'wirestat live', which has more options. May be repeated.",
)  # fmt: skip
@click.option(
    "-f", "--filter", "expression", metavar="EXPRESSION", help="Only frames that match this tcpdump filter."
)
@names_option
@timer_options
@max_connections_option("Connections held at once")
@voice_options
@click.pass_context
def command(ctx: click.Context, /, **values: Any) -> Code:
    """Show causes, connections, listening sockets, hosts and the capture full-screen; '?' lists the keys.

    Captures are shown as they are read, with a timeline to go back in time. -i captures, which needs privileges.
    """
    request = Request(**values)
    _ = request.profile
    if request.interfaces and request.captures:
        raise UsageError("-i captures, a file is read: choose one")
    if request.interfaces:
        return _live(ctx, request)
    if not request.captures:
        raise UsageError("no capture named", hint="name one or more files, or an interface with -i")
    require_terminal()
    return show(of_files(request, checked(request.captures)), request)


def _live(ctx: click.Context, request: Request) -> Code:
    from wirestat.commands import live
    from wirestat.commands.live_options import SCREEN

    code: Code = ctx.invoke(
        live.command,
        interfaces=request.interfaces,
        capture_filter=request.expression,
        format=SCREEN,
        names=request.names,
        timers=request.timers,
        changes=request.changes,
        max_connections=request.max_connections,
    )
    return code


def is_terminal() -> bool:
    """Tell whether input and output are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def require_terminal() -> None:
    """Raise an error without a usable terminal.

    Raises:
        UsageError: input or output is not a terminal, or a dumb one.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the screen needs a terminal", hint="'wirestat live --plain' and 'wirestat FILE' write lines"
        )
    if os.environ.get("TERM") == "dumb":
        raise UsageError(
            "this terminal (TERM=dumb) shows no screen", hint="'wirestat live --plain' writes lines"
        )


def of_files(request: Request, captures: tuple[str, ...]) -> Feed:
    """Open captures, to be read while they are shown."""
    from wirestat.capture import engines
    from wirestat.titles import printable, short
    from wirestat.tracker import Limits, Tracker
    from wirestat.tui.desk import Desk
    from wirestat.tui.feeds import Feed, Title

    limits = Limits(max_connections=request.max_connections or Limits().max_connections)
    tracker = Tracker(request.profile, limits)
    engines.apply_filter(tracker.core, "native", request.expression or "")
    source = engines.files("native", captures)
    desk = Desk(tracker, source, request.profile, request.expression or "")
    names = ", ".join(printable(name) for name in short(list(captures)))
    return Feed(desk, source, Title(names, False, captures))


def show(feed: Feed, request: TrackingOptions) -> Code:
    """Show a feed until the user leaves.

    Raises:
        WirestatError: what ended the feeding.
    """
    from wirestat.tui.app import Screen

    try:
        Screen(feed, complete_filter, request.dialect).run()
    finally:
        feed.stop()
    if feed.failure is not None:
        raise feed.failure
    return Code.DONE
