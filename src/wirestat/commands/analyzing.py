"""The work of ``wirestat analyze``, after its command line is parsed, with or without click."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import wirestat
from wirestat.commands.codes import Code
from wirestat.commands.inputs import as_one
from wirestat.commands.naming import settled
from wirestat.commands.outcome import outcome
from wirestat.commands.output import opened
from wirestat.commands.render import chosen, render
from wirestat.commands.request import Request
from wirestat.commands.voice import Voice
from wirestat.commands.watch import Watch, watching
from wirestat.export import EXPORTS, zeek
from wirestat.report.build import Report
from wirestat.report.formats import FORMATS


def analyze(values: Mapping[str, Any], voice: Voice) -> Code:
    """Read captures, diagnose them, and write the report, by the values of the options."""
    request = Request(**settled(values, [*EXPORTS, *zeek.FORMATS, *FORMATS], voice))
    request.judge()
    inputs = as_one(request.inputs, voice)
    with _writing(request, inputs, voice) as write:
        with watching(visible=sys.stderr.isatty() and not voice.quiet) as watch:
            report = read(request, inputs, watch, voice)
        write(report)
    code = outcome(report, request.threshold, voice)
    if watch.interrupted:
        voice.warning("interrupted: the report covers what was read until then")
        return Code.INTERRUPTED
    return code


@contextmanager
def _writing(request: Request, inputs: tuple[str, ...], voice: Voice) -> Iterator[Callable[[Report], None]]:
    """Open the output before anything is read, and yield what writes to it."""
    if request.format in EXPORTS:
        from wirestat.commands.tables_output import opened_tables  # imported here, as reports need no folders

        with opened_tables(request.format, request.tables, request.output, inputs) as write_tables:
            yield lambda report: write_tables(report, chosen(report, request))
        return
    with opened(request.output, inputs) as output:
        if request.format in zeek.FORMATS:
            yield lambda report: output.write(zeek.render(report, request.format, chosen(report, request)))
        else:
            yield lambda report: render(report, request, output, voice)


def read(request: Request, inputs: tuple[str, ...], watch: Watch, voice: Voice) -> Report:
    """Read and diagnose the captures."""
    voice.detail(f"timers: {request.profile}")
    return wirestat.analyze(
        *inputs,
        timers=request.profile,
        keep="all" if request.needs_every_connection else "summary",
        trace=request.trace,
        max_connections=request.max_connections,
        progress=watch,
        engine=request.engine,
        filter=request.capture_filter or "",
        display_filter=request.display_filter,
        tshark=request.tshark,
        conn_log=request.format in zeek.FORMATS,
        jobs=request.jobs,
    )
