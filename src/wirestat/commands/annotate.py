"""``wirestat annotate``: copies a capture, with wirestat's results as comments on frames."""

import sys
from itertools import chain, islice
from pathlib import Path
from typing import Any

import click

import wirestat
from wirestat.commands.codes import Code
from wirestat.commands.completing import complete_files
from wirestat.commands.filter_options import where_option
from wirestat.commands.inputs import STDIN, checked
from wirestat.commands.options import (
    max_connections_option,
    names_option,
    timer_options,
    voice_options,
)
from wirestat.commands.outcome import failures
from wirestat.commands.output import naming, written_beside
from wirestat.commands.request import TrackingOptions
from wirestat.commands.voice import Voice
from wirestat.commands.watch import Watch, watching
from wirestat.errors import UsageError
from wirestat.report.annotations import Note, about_capture, annotations
from wirestat.report.build import Report
from wirestat.report.selection import Question, Selection
from wirestat.words import some

_MOST = 1_000_000
"""Comments that are held at once, some 200 bytes each."""


class Request(TrackingOptions, frozen=True, kw_only=True):
    """The command line, its values read."""

    capture: str
    output: Path
    where: Question | None


@click.command("annotate")
@click.argument("capture", shell_complete=complete_files, metavar="CAPTURE")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="The annotated capture, as pcapng; '-' is standard output.",
)
@where_option("Comments only on connections for which this is true; all frames are copied.")
@names_option
@timer_options
@max_connections_option("Connections held at once")
@voice_options
@click.pass_obj
def command(voice: Voice, /, **values: Any) -> Code:
    """Copy a capture, with comments on frames that change a state, prove or retract one, or are evidence of a
    finding.

    Frames, interfaces, options and the comments that are there stay as they are; a pcap file becomes pcapng.
    Wireshark shows comments in the packet list, and frame.comment contains "wirestat" finds them.

    Exit codes: 0 done; 2 usage; 3 the capture is unreadable or truncated; 4 permission denied; 74 the copy could not
    be written; 130 interrupted.
    """
    return annotate(Request(**values), voice)


def annotate(request: Request, voice: Voice) -> Code:
    """Diagnose a capture and copy it with comments."""
    profile = request.profile
    path = _read_twice(request.capture)
    from wirestat.capture.copying import copy

    visible = sys.stderr.isatty() and not voice.quiet
    with written_beside(request.output, [path]) as to, watching(visible=visible) as watch:
        report = wirestat.analyze(
            path, timers=profile, max_connections=request.max_connections, progress=watch
        )
        _unless_interrupted(watch)
        with naming(request.output):
            copied = copy(path, str(to), _comments(report, request, voice), watch)
    if copied.without_room:
        left_out = some(copied.without_room, "comment")
        voice.warning(f"{left_out} left out: simple packet blocks have no room for any")
    voice.note(f"{some(copied.comments, 'comment')} added to {some(copied.frames, 'frame')}")
    return Code.INPUT if failures(report, voice) else Code.DONE


def _read_twice(name: str) -> str:
    """Return the name of the capture if it can be read twice: to diagnose and to copy."""
    if name == STDIN or (Path(name).exists() and not Path(name).is_file() and not Path(name).is_dir()):
        raise UsageError(
            "annotate reads its capture twice, and a pipe can be read once", hint="write it to a file first"
        )
    (path,) = checked([name])
    return path


def _unless_interrupted(watch: Watch) -> None:
    """Leave no half-commented copy."""
    if watch.interrupted:
        raise KeyboardInterrupt


def _comments(report: Report, request: Request, voice: Voice) -> list[Note]:
    connections = report.connections() if request.where is None else Selection(report, request.where)
    notes = annotations(report, connections, request.dialect)
    if request.where is None:
        notes = chain(about_capture(report, request.dialect), notes)
    comments = list(islice(notes, _MOST))
    if len(comments) == _MOST:
        voice.warning(f"no more than {some(_MOST, 'comment')} are written: choose connections with -Y")
    return comments
