"""``wirestat netstat -i``: netstat's table of this host, from the wire and its kernel."""

from __future__ import annotations

import sys
from collections import deque
from typing import TYPE_CHECKING

import click

from wirestat.commands.displays import Silent
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
    """Capture, and print the table at the end or repeatedly; ``ctx`` is the context of the verb."""
    words = request.words
    words += ["--every", f"{request.continuous}s"] if request.continuous else []
    local = of_this_host() if request.local is None else None  # now, while the interfaces may be queried

    def table(live: LiveRequest, inputs: Inputs, voice: Voice) -> LinesShow:
        if not request.continuous and not request.duration:
            voice.note("capturing; Ctrl-C prints the table")
        display = TableShow(request, local)
        shown = LinesShow(live, inputs, sys.stdout, voice, display)
        display.beside = shown.beside
        return shown

    return capture(parsed(words, ctx), ctx.obj, table)


class TableShow(Silent):
    """Shows only the table of a capture."""

    beside: Beside | None = None
    """The kernel's sockets of this host; ``None`` if the kernel is not asked."""

    def __init__(self, request: Request, local: Local | None) -> None:
        """Show the table of a request; ``local`` has this host's addresses, for a request without any."""
        self._request = request
        self._local = local

    def rehearse(self, report: Report) -> None:
        """Make an empty table, to load all code: nothing can be loaded afterwards."""
        place = Vantage(self._local or Local(), self.beside)
        deque(lines(report, self._request, place), maxlen=0)

    def say(self, report: Report) -> None:
        """Print the table as of now."""
        for line in lines(
            report, self._request, Vantage(self._local or self._request.where_local(report), self.beside)
        ):
            click.echo(line)
        sys.stdout.flush()

    def table(self, report: Report, states: frozenset[State], chosen: bytes | None) -> None:
        """Print the table, and a separator."""
        self.say(report)
        click.echo()
        sys.stdout.flush()
