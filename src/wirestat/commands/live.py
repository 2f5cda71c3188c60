"""``wirestat live``: capture, track, tell."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any, TextIO

import click

from wirestat.commands import terminal
from wirestat.commands.asking import display_filter_option, where_option
from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files, complete_interfaces
from wirestat.commands.live_options import LiveRequest
from wirestat.commands.options import (
    MOST,
    engine_option,
    format_option,
    max_connections_option,
    names_option,
    numeric_option,
    timer_options,
    tshark_option,
    voice_options,
)
from wirestat.commands.signals import heard
from wirestat.commands.voice import Voice
from wirestat.report.formats import TEXT

if TYPE_CHECKING:
    from wirestat.capture.privileges import User
    from wirestat.capture.recording import Recorder, Recording
    from wirestat.capture.source import Source
    from wirestat.commands.rights import Rights
    from wirestat.commands.signals import Wishes
    from wirestat.report.build import Report
    from wirestat.report.layout import View
    from wirestat.tracker import Tracker

_SNAPLEN = 262_144
_TABLE = "table"
"""Not a format: how a screen shows the text."""
_RING = 32


@click.command("live")
@click.argument("expression", nargs=-1, metavar="[BPF EXPRESSION]...")
@click.option(
    "-i", "--interface", "interfaces", multiple=True, metavar="IF", shell_complete=complete_interfaces,
    help="Capture here; 'any' is everywhere. May be repeated. Without it: the first interface that is up.",
)  # fmt: skip
@click.option(
    "-r",
    "--read",
    metavar="FILE",
    shell_complete=complete_files,
    help="Read a growing capture instead; '-' reads standard input.",
)
@click.option(
    "--follow",
    metavar="FILE",
    shell_complete=complete_files,
    help="Read a capture that is being written, and the files that follow it.",
)
@engine_option("What captures and dissects.")
@tshark_option
@click.option("-f", "capture_filter", metavar="EXPRESSION", help="The same as the words at the end.")
@display_filter_option
@where_option("Only tell of connections of which this holds, and of findings that speak of one.")
@click.option(
    "-w",
    "--write",
    metavar="FILE",
    shell_complete=complete_files,
    help="Also write what is captured, as pcapng; '-' is standard output.",
)
@click.option(
    "-C", "rotate_size", metavar="SIZE", help="Begin another file after so many million bytes, or as 64m."
)
@click.option("-G", "rotate_time", metavar="TIME", help="Begin another file after so many seconds, or as 1h.")
@click.option(
    "-W",
    "keep_files",
    type=click.IntRange(min=1, max=MOST),
    metavar="N",
    help="Keep only the newest N files.",
)
@click.option(
    "-c",
    "--count",
    type=click.IntRange(min=1, max=MOST),
    default=None,
    metavar="N",
    help="End after N packets.",
)
@click.option("--duration", metavar="TIME", help="End after this time, as 30s or 5m.")
@click.option(
    "-s", "--snaplen", type=click.IntRange(min=64, max=_SNAPLEN), default=_SNAPLEN, metavar="BYTES",
    help="Take no more of a packet than this.",
)  # fmt: skip
@click.option(
    "-B", "ring", type=click.IntRange(min=2, max=4096), default=_RING, show_default=True, metavar="MIB",
    help="Size of the ring of each interface.",
)  # fmt: skip
@click.option("-p", "no_promiscuous", is_flag=True, help="Leave the interface out of promiscuous mode.")
@click.option(
    "-Z", "user", metavar="USER",
    help="Become this user once capturing is arranged; without it root becomes who is behind sudo, else nobody.",
)  # fmt: skip
@click.option(
    "--sandbox/--no-sandbox", default=True, show_default=True,
    help="Give up everything that is not needed any more: other files, programs, connections.",
)  # fmt: skip
@click.option("-D", "list_interfaces", is_flag=True, help="List the interfaces and end.")
@format_option(
    "A table refreshed in place (on terminals the default), or whatever happens as it happens: a line of text, or of "
    "JSON. 'json' writes one document at the end.",
    _TABLE,
)
@names_option
@timer_options
@max_connections_option("Connections held at once")
@numeric_option
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Capture, and tell every change of state, finding and closed connection as it happens.

    The words at the end are a filter expression as tcpdump has them. Ctrl-C ends with the full report, a second
    one at once; so do SIGTERM and SIGHUP. SIGUSR1 prints a report in between, SIGUSR2 writes out what -w holds back.

    Exit codes: 0 done, or stopped by a signal; 2 usage; 3 what was captured from is gone or cut short; 4 permission
    denied; 69 a package or program is missing; 74 -w could not be written on; 130 interrupted twice.
    """
    request = LiveRequest(**{**values, "count": values["count"] or 0})
    if request.list_interfaces:
        from wirestat.commands.interfaces import show

        return show()
    request.judge()
    with heard() as wishes, ExitStack() as stack:
        from wirestat.commands.rights import Rights

        rights = Rights(request, dict(os.environ), voice)
        source = _opened(request, rights.user, voice)
        stack.callback(source.close)
        return _run(request, source, rights, wishes, voice)


def _opened(request: LiveRequest, user: User | None, voice: Voice) -> Source:
    from wirestat.capture import engines

    if request.file and request.engine == "native":
        from wirestat.capture.follow import FollowSource

        return FollowSource(request.file)
    if request.file:
        return engines.files(
            request.engine, [request.file], display_filter=request.display_filter, tshark=request.tshark
        )
    from wirestat.capture.interfaces import default
    from wirestat.capture.live import LiveOptions

    names = request.interfaces or (default(),)
    options = LiveOptions(
        expression=request.bpf,
        promiscuous=not request.no_promiscuous,
        snaplen=request.snaplen,
        ring_bytes=request.ring << 20,
        headers_only=request.write is None and request.snaplen == _SNAPLEN,
    )
    voice.detail(f"capturing on {', '.join(names)} with the engine {request.engine}")
    return engines.interfaces(
        request.engine,
        names,
        options,
        display_filter=request.display_filter,
        tshark=request.tshark,
        user=user,
    )


def _run(request: LiveRequest, source: Source, rights: Rights, wishes: Wishes, voice: Voice) -> Code:
    from wirestat.analysis import Analysis
    from wirestat.capture import engines
    from wirestat.commands.displays import Lines, Screen
    from wirestat.commands.rehearsal import rehearse
    from wirestat.commands.session import Session
    from wirestat.commands.sieve import Sieve
    from wirestat.report import formats
    from wirestat.report.build import build
    from wirestat.tracker import Limits, Tracker

    out = sys.stderr if request.write == "-" else sys.stdout
    view = _view(request, out)
    limits = Limits(max_connections=request.max_connections or Limits().max_connections)
    shape = request.format or (_TABLE if out.isatty() and not voice.quiet else TEXT)
    is_table = shape == _TABLE
    tracker = Tracker(request.profile, limits, release=True, events=not (is_table or voice.quiet))
    tracker.core.limit(request.count)
    if request.file:
        engines.apply_filter(tracker.core, request.engine, request.bpf)

    def report() -> Report:
        return build(Analysis(source, tracker, request.profile, "summary", request.bpf))

    format = formats.load(TEXT if is_table else shape)
    rehearse(report(), format, view, table=is_table)
    recorder = _recorder(request, rights, tracker, source)
    shown = Screen(format, view) if is_table else Lines(format, view, out, quiet=voice.quiet)
    with closing(shown) as display:
        session = Session(
            tracker, report, display, wishes, voice, seconds=request.seconds, recorder=recorder, source=source,
            sieve=request.where and Sieve(tracker, request.where),
        )  # fmt: skip
        try:
            source.drain(tracker.core, session)
        finally:
            if recorder is not None:
                recorder.close(tracker.core.intake().last_time_ns or time.time_ns())
        last = session.finish()
        display.close()
        display.say(last)
    return _outcome(last, recorder, voice)


def _outcome(report: Report, recorder: Recorder | None, voice: Voice) -> Code:
    failed = recorder.status()[2] if recorder is not None else None
    if failed is not None:
        path, reason = failed
        voice.error(f"{path}: {reason}; what was written until then is whole")
        return Code.IO
    from wirestat.commands.outcome import failures

    return Code.INPUT if failures(report, voice) else Code.DONE


def _recorder(request: LiveRequest, rights: Rights, tracker: Tracker, source: Source) -> Recorder | None:
    """Give up rights, and open what is to be written: before that where only root can, else after."""
    recording = request.recording()
    recorder = None
    if recording is not None and rights.may_write_as_root(recording):
        recorder = _begin(recording)
    rights.give_up_root()
    if start := getattr(source, "start", None):
        start()
    if recording is not None and recorder is None:
        recorder = _begin(recording)
    if recorder is not None:
        tracker.core.record(recorder)
        if described := getattr(source, "record", None):
            described(recorder)
    rights.shut(recording)
    return recorder


def _begin(recording: Recording) -> Recorder:
    from wirestat.capture.recording import begin

    return begin(recording)


def _view(request: LiveRequest, out: TextIO) -> View:
    from wirestat.report.layout import View
    from wirestat.report.paint import paint_for
    from wirestat.version import __version__

    return View(
        width=terminal.width(),
        names=request.dialect,
        paint=paint_for(out, dict(os.environ)),
        version=__version__,
        where=request.where.text if request.where else "",
    )
