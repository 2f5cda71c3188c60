"""``wirestat netstat -i``: netstat's table of this host, from the wire, beside its kernel."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING

import click

from wirestat.commands.live import Inputs, capture, parsed
from wirestat.commands.live_lines import LinesShow
from wirestat.commands.netstat import Request, lines
from wirestat.commands.netstat_local import Local, of_this_host
from wirestat.commands.netstat_rows import Vantage

if TYPE_CHECKING:
    from wirestat.beside import Beside
    from wirestat.commands.codes import Code
    from wirestat.commands.live_options import LiveRequest
    from wirestat.commands.voice import Voice
    from wirestat.model import State
    from wirestat.report.build import Report


def show(ctx: click.Context, request: Request) -> Code:
    """Capture, and print the table at the end or again and again; ``ctx`` is the context of the verb."""
    words = request.words
    words += ["--every", f"{request.continuous}s"] if request.continuous else []
    local = of_this_host() if request.local is None else None  # here, while it may be asked

    def table(live: LiveRequest, inputs: Inputs, voice: Voice) -> LinesShow:
        if not request.continuous and not request.duration:
            voice.note("capturing; Ctrl-C prints the table")
        display = TableShow(request, local)
        shown = LinesShow(live, inputs, sys.stdout, voice, display)
        display.beside = shown.beside
        return shown

    return capture(parsed(words, ctx), ctx.obj, table)


class TableShow:
    """A capture of which nothing but the table is shown."""

    wants_events = False
    is_silent = True
    beside: Beside | None = None
    """The kernel's record of this host's own ends; ``None`` where nobody asks it."""

    def __init__(self, request: Request, local: Local | None) -> None:
        """Show what a command line asks for; ``local`` are the addresses of this host, where it names none."""
        self._request = request
        self._local = local

    def rehearse(self, report: Report) -> None:
        """Make a table of nothing for nobody: what that takes cannot be loaded afterwards."""
        place = Vantage(self._local or Local(), self.beside)
        deque(lines(report, self._request, place), maxlen=0)

    def tell(self, _happening: object) -> None:
        """Show nothing: single changes are no rows."""

    def flush(self) -> None:
        """Have what was written be seen."""
        sys.stdout.flush()

    def say(self, report: Report) -> None:
        """Print the table as of now."""
        for line in lines(
            report, self._request, Vantage(self._local or self._request.where_local(report), self.beside)
        ):
            click.echo(line)
        self.flush()

    def table(self, report: Report, _states: frozenset[State], _chosen: bytes | None) -> None:
        """Print it, and keep it apart from the next."""
        self.say(report)
        click.echo()
        self.flush()
