"""``wirestat count -i``: how many ends are in which state on the wire, now."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from wirestat.commands.count import Request, lines
from wirestat.commands.displays import Silent
from wirestat.commands.live import Inputs, capture, parsed
from wirestat.commands.live_lines import LinesShow

if TYPE_CHECKING:
    from wirestat.commands.codes import Code
    from wirestat.commands.live_options import LiveRequest
    from wirestat.commands.voice import Voice
    from wirestat.model import State
    from wirestat.report.build import Report


def count(ctx: click.Context, request: Request) -> Code:
    """Capture, and count at the end or repeatedly; ``ctx`` is the context of the verb."""
    words = request.words
    words += ["--every", request.each] if request.each else []
    words += ["-Y", request.where.text] if request.where else []

    def show(live: LiveRequest, inputs: Inputs, voice: Voice) -> LinesShow:
        return LinesShow(live, inputs, sys.stdout, voice, Counts(request))

    return capture(parsed(words, ctx), ctx.obj, show)


class Counts(Silent):
    """Shows only the counts of a capture."""

    def __init__(self, request: Request) -> None:
        """Count as a command line says."""
        self._request = request
        self._heading = request.heading

    def say(self, report: Report) -> None:
        """Print the counts as of now, even if unchanged."""
        chosen = None
        if self._request.where is not None:
            from wirestat.report.selection import Selection

            chosen = Selection(report, self._request.where).chosen
        self.table(report, frozenset(), chosen)

    def table(self, report: Report, states: frozenset[State], chosen: bytes | None) -> None:
        """Print the counts as of now: on a silent wire, the last frame's state still holds."""
        if self._heading:
            click.echo(self._heading)
            self._heading = None
        for line in lines(report, self._request, chosen, report.end_ns, time.time_ns()):
            click.echo(line)
        sys.stdout.flush()
