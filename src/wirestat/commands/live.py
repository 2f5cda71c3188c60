"""``wirestat live``: capture, track, report."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import click

from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files, complete_interfaces
from wirestat.commands.filter_options import display_filter_option, where_option
from wirestat.commands.live_options import AN_HOUR, SCREEN, LiveRequest
from wirestat.commands.naming import settled
from wirestat.commands.options import (
    Count,
    engine_option,
    fail_on_option,
    finding_option,
    format_option,
    max_connections_option,
    names_option,
    numeric_option,
    read_output,
    states_option,
    tables_option,
    timer_options,
    tshark_option,
    user_option,
    voice_options,
    zone_option,
)
from wirestat.commands.outlet_options import outlet_options
from wirestat.commands.signals import heard
from wirestat.commands.voice import Voice
from wirestat.errors import PermissionDenied
from wirestat.export import EXPORTS
from wirestat.jobs import cores
from wirestat.report.formats import FORMATS

if TYPE_CHECKING:
    from wirestat.capture.privileges import User
    from wirestat.capture.recording import Recorder, Recording
    from wirestat.capture.source import Source
    from wirestat.commands.outlet import Outlet
    from wirestat.commands.rights import Rights
    from wirestat.commands.signals import Wishes
    from wirestat.host.witness import Witness
    from wirestat.report.build import Report
    from wirestat.tracker import Tracker

_SNAPLEN = 262_144
_RING = 32


@click.command("live")
@click.argument("expression", nargs=-1, metavar="[BPF EXPRESSION]...")
@click.option(
    "-i", "--interface", "interfaces", multiple=True, metavar="IF", shell_complete=complete_interfaces,
    help="Capture on this interface; 'any' is all. May be repeated. By default the first interface that is up.",
)  # fmt: skip
@click.option(
    "-r",
    "--read",
    metavar="FILE",
    shell_complete=complete_files,
    help="Read a capture or a pipe to its end instead; '-' is standard input.",
)
@click.option(
    "--follow",
    metavar="FILE",
    shell_complete=complete_files,
    help="Read a capture that is being written, and the files that follow it.",
)
@engine_option("The program that captures and dissects frames.")
@tshark_option
@click.option("-f", "capture_filter", metavar="EXPRESSION", help="Capture filter, like the words at the end.")
@display_filter_option
@where_option("Only report connections for which this is true, and findings about them.")
@states_option("Only report connections with an end in this state, or in a group of ss. May be repeated.")
@click.option(
    "-w",
    "--write",
    metavar="FILE",
    shell_complete=complete_files,
    help="Also write the packets, as pcapng; '-' is standard output.",
)
@click.option(
    "--annotate",
    is_flag=True,
    help="Add comments to the frames that -w writes: what each shows, as known at that time.",
)
@click.option(
    "-C", "rotate_size", metavar="SIZE", help="Start another file after this many million bytes, or as 64m."
)
@click.option(
    "-G", "rotate_time", metavar="TIME", help="Start another file after this many seconds, or as 1h."
)
@click.option(
    "-W",
    "keep_files",
    type=Count(1),
    metavar="N",
    help="Keep only the newest N files.",
)
@click.option(
    "-c",
    "--count",
    type=Count(1),
    default=None,
    metavar="N",
    help="End after N packets.",
)
@click.option("--duration", metavar="TIME", help="End after this time, as 30s or 5m.")
@click.option(
    "-s", "--snaplen", type=click.IntRange(min=64, max=_SNAPLEN), default=_SNAPLEN, metavar="BYTES",
    help="Snaplen: capture at most this much of each packet.",
)  # fmt: skip
@click.option(
    "-B", "ring", type=click.IntRange(min=2, max=4096), default=_RING, show_default=True, metavar="MIB",
    help="Ring size of each interface.",
)  # fmt: skip
@click.option("-p", "no_promiscuous", is_flag=True, help="Do not use promiscuous mode.")
@user_option
@click.option(
    "--sandbox/--no-sandbox", default=True, show_default=True,
    help="Give up access that is no longer needed: other files, programs, connections.",
)  # fmt: skip
@click.option("-D", "list_interfaces", is_flag=True, help="List the interfaces and end.")
@format_option(
    "Full-screen (the default on terminals), or events as they happen: lines of text, or of JSON. "
    "'json' writes one document at the end; csv, parquet and arrow write tables. Default: the extension of -o.",
    SCREEN,
    *EXPORTS,
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    callback=read_output,
    metavar="FILE",
    help="Write the final report to a file, or tables to a folder.",
)
@tables_option
@click.option("--plain", is_flag=True, help="Lines of text, even on a terminal.")
@click.option(
    "--every", metavar="TIME", help="Print netstat's table at this interval instead of lines, as 10s."
)
@click.option(
    "--keep", default="60s", show_default=True, metavar="TIME|SIZE",
    help="Recent packets that the screen keeps, for ladders and for writing, as 60s or 256m; 0 for none.",
)  # fmt: skip
@click.option(
    "--kernel/--no-kernel", default=True, show_default=True,
    help="Ask this host's kernel about its sockets, and /proc about their processes.",
)  # fmt: skip
@click.option(
    "--check", is_flag=True, help="At the end, count how often wire and kernel agreed, state by state."
)
@click.option(
    "-a", "--all", "everything", is_flag=True, help="Also list connections that only the kernel knows."
)
@click.option(
    "--netns", multiple=True, metavar="NAME|PID",
    help="Also ask about the sockets of this network namespace, such as a container's. May be repeated.",
)  # fmt: skip
@outlet_options
@click.option(
    "--store", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Record the history in this folder, interval by interval, for 'wirestat history'.",
)  # fmt: skip
@click.option(
    "--store-every", default=AN_HOUR, show_default=True, metavar="TIME", help="The length of an interval."
)
@click.option(
    "--store-keep", metavar="TIME|SIZE", help="How much history to keep, as 30d or 50G; by default all."
)
@fail_on_option
@finding_option
@names_option
@zone_option
@timer_options
@max_connections_option("Connections held at once")
@numeric_option
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Capture, and report every change of state, finding and closed connection as it happens.

    The words at the end are a tcpdump filter expression. Ctrl-C ends with the full report, a second Ctrl-C at once;
    so do SIGTERM and SIGHUP. SIGUSR1 prints a report in between, SIGUSR2 flushes the file of -w.

    Exit codes: 0 done, or stopped by a signal; 1 findings at the end (with --fail-on); 2 usage; 3 an input vanished
    or is truncated; 4 permission denied; 69 a package or program is missing; 74 -w could not be written; 130
    interrupted twice.
    """
    request = _requested(values, voice)
    if request.list_interfaces:
        from wirestat.commands.interfaces import show

        return show()
    return capture(request, voice)


def parsed(words: Sequence[str], ctx: click.Context) -> LiveRequest:
    """Parse a command line of this verb for another verb that captures; ``ctx`` is the other's context."""
    own = command.make_context("live", list(words), parent=ctx)
    return _requested(own.params, ctx.obj)


def _requested(values: Mapping[str, Any], voice: Voice) -> LiveRequest:
    known = [SCREEN, *EXPORTS, *FORMATS]
    return LiveRequest(**{**settled(values, known, voice, default=None), "count": values["count"] or 0})


def capture(request: LiveRequest, voice: Voice, show: MakeShow | None = None) -> Code:
    """Capture until the end and show it, as requested or by ``show``."""
    request.judge()
    with heard() as wishes, ExitStack() as stack:
        from wirestat.commands.rights import Rights

        rights = Rights(request, dict(os.environ), voice)
        witness = None
        if request.asks_kernel:
            from wirestat.commands import kernel

            # Before anything is captured: the process that asks must hold no packet.
            witness = kernel.start(request, voice)
            if witness is not None:
                stack.callback(witness.close)
        source = _opened(request, rights.user, voice)
        stack.callback(source.close)
        if witness is not None:
            kernel.tell_what_stays_hidden(voice)
        shown = (show or _show)(request, Inputs(source, witness, stack), voice)
        shown.outlet = _outlet(request, shown.tracker, voice)
        try:
            recorder = _run(request, source, rights, wishes, shown)
            return _outcome(shown.finish(), request, recorder, voice)
        except PermissionDenied as error:
            error.hint = error.hint or rights.hint
            raise


def _opened(request: LiveRequest, user: User | None, voice: Voice) -> Source:
    from wirestat.capture import engines

    if request.file and request.engine == "native":
        from wirestat.capture.follow import FollowSource

        return FollowSource(request.file, follows=request.follow is not None)
    if request.file:
        return engines.files(
            request.engine, [request.file], display_filter=request.display_filter, tshark=request.tshark
        )
    from wirestat.capture.interfaces import default
    from wirestat.capture.live import LiveOptions

    names = request.interfaces or (default(),)
    keeps_packets = _is_screen(request, voice) and request.keep != "0"
    options = LiveOptions(
        expression=request.bpf,
        promiscuous=not request.no_promiscuous,
        snaplen=request.snaplen,
        ring_bytes=request.ring << 20,
        headers_only=request.write is None and request.snaplen == _SNAPLEN and not keeps_packets,
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


class Inputs(NamedTuple):
    """The sources: packets, and the kernel if it is asked."""

    source: Source
    witness: Witness | None
    stack: ExitStack
    """Closes everything at the end, also after errors."""


class Show(Protocol):
    """How a capture is shown."""

    tracker: Tracker
    outlet: Outlet | None
    """The outlet for metrics and alerts."""

    @property
    def opens(self) -> Sequence[Path]:
        """Folders that are read and written in, apart from those of ``-w``."""

    def rehearse(self) -> None:
        """Load all code that will be needed: nothing can be loaded afterwards."""

    def play(self, recorder: Recorder | None, wishes: Wishes) -> None:
        """Capture until the end, and show it."""

    def close(self) -> None:
        """Release all resources."""

    def finish(self) -> Report:
        """Write and return the report at the end."""


MakeShow = Callable[["LiveRequest", Inputs, Voice], Show]
"""Makes a ``Show``."""


def _is_screen(request: LiveRequest, voice: Voice) -> bool:
    """Tell whether to run full-screen: by default if there is a terminal.

    Raises:
        UsageError: full-screen was requested, and there is no terminal.
    """
    asks_for_lines = (
        request.plan
        or request.plain
        or request.every
        or request.store
        or request.output
        or request.finding
        or voice.quiet
        or request.format not in (None, SCREEN)
    )
    if asks_for_lines or "-" in (request.file, request.write):
        return False
    from wirestat.commands.tui import is_terminal, require_terminal

    if request.format == SCREEN:
        require_terminal()
    return is_terminal()


def _show(request: LiveRequest, inputs: Inputs, voice: Voice) -> Show:
    if _is_screen(request, voice):
        from wirestat.commands.live_screen import ScreenShow

        return ScreenShow(request, inputs)
    from wirestat.commands.live_lines import LinesShow

    return LinesShow(request, inputs, sys.stderr if request.write == "-" else sys.stdout, voice)


def _run(request: LiveRequest, source: Source, rights: Rights, wishes: Wishes, show: Show) -> Recorder | None:
    from wirestat.capture import engines

    show.tracker.core.limit(request.count)
    if cores() > 1:
        show.tracker.use_cores()
    if request.file:
        engines.apply_filter(show.tracker.core, request.engine, request.bpf)
    show.rehearse()
    recorder: Recorder | None = None
    try:
        recorder = _recorder(request, rights, show, source)
        show.play(recorder, wishes)
    finally:
        if recorder is not None:
            recorder.close(show.tracker.core.intake().last_time_ns or time.time_ns())
        show.close()
        if show.outlet is not None:
            show.outlet.close()
    return recorder


def _outcome(report: Report, request: LiveRequest, recorder: Recorder | None, voice: Voice) -> Code:
    failed = recorder.status()[2] if recorder is not None else None
    if failed is not None:
        path, reason = failed
        voice.error(f"{path}: {reason}; what was written until then is whole")
        return Code.IO
    from wirestat.commands.outcome import outcome

    return outcome(report, request.threshold, voice)


def _outlet(request: LiveRequest, tracker: Tracker, voice: Voice) -> Outlet | None:
    """Open the outlet for metrics and alerts, while privileges may be there."""
    plan = request.plan
    if plan is None:
        return None
    from wirestat.commands.outlet import Outlet

    return Outlet(plan, tracker, voice)


def _recorder(request: LiveRequest, rights: Rights, show: Show, source: Source) -> Recorder | None:
    """Give up privileges, and open output files: before that if only root can, else after."""
    recording = request.recording()
    recorder = None
    if recording is not None and rights.may_write_as_root(recording):
        recorder = _begin(recording)
    rights.give_up_root()
    if show.outlet is not None:
        show.outlet.start(rights.least)
    if start := getattr(source, "start", None):
        start()
    if recording is None and (recent := getattr(show, "recent", None)):
        recording = recent()
    if recording is not None and recorder is None:
        recorder = _begin(recording)
    if recorder is not None:
        show.tracker.core.record(recorder, request.annotate)
        if described := getattr(source, "record", None):
            described(recorder)
    rights.shut(recording, show.opens)
    return recorder


def _begin(recording: Recording) -> Recorder:
    from wirestat.capture.recording import begin

    return begin(recording)
