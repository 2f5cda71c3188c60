"""A report for a ticket, in Markdown: causes in a table, then each with its evidence and commands."""

from collections.abc import Iterator

from wirestat.model import Finding
from wirestat.names import respell
from wirestat.report import stream
from wirestat.report.build import Report
from wirestat.report.compared.build import Compared
from wirestat.report.course import Course
from wirestat.report.handles import handles
from wirestat.report.layout import View
from wirestat.report.sections import captures, fitness, states, verdict
from wirestat.report.sections.causes import causes, how_many, since
from wirestat.report.stream import Happening
from wirestat.zones import IN_UTC

_MOST = 20
"""The default maximum of findings in full."""


def render(report: Report, view: View, *, lists: bool = True, chosen: bytes | None = None) -> Iterator[str]:
    """Yield the report line by line. Connections are not listed: a ticket is read by people."""
    plain = View(width=10_000, names=view.names, limit=view.limit, full=view.full)
    yield f"# wirestat: {_text(', '.join(capture.title for capture in report.captures))}"
    yield ""
    yield _text(verdict.counted(report, plain))
    yield ""
    yield from _table(report, view)
    yield from _fenced(
        captures.lines(report, plain), fitness.lines(report, plain), states.lines(report, plain)
    )
    if lists:
        told = handles(report)
        for name, finding in list(told.items())[: None if view.limit is None else _MOST]:
            yield from tell_of(name, finding, view)
        if view.limit is not None and len(told) > _MOST:
            offer = "" if view.is_live else ": `--limit 0` shows all"
            yield from ("", f"… and {len(told) - _MOST} more findings{offer}")


def compare(
    compared: Compared, view: View, *, lists: bool = True, chosen: bytes | None = None
) -> Iterator[str]:
    """Yield the report of a comparison; the losses of single segments are only in text and JSON."""
    yield from render(compared.report, view, lists=lists)


def tell(happening: Happening, view: View) -> str | None:
    """Return a list item about a finding; other events do not belong in a ticket."""
    if not isinstance(happening, Course):
        return None
    line = stream.text(happening, View(names=view.names, zone=view.zone))
    return None if line is None else f"- {_text(line)}"


def tell_of(name: str, finding: Finding, view: View) -> Iterator[str]:
    """Yield one finding."""
    where = f" at {_text(finding.where)}" if finding.where else ""
    yield ""
    yield f"## {name} {_text(respell(finding.title, view.names))}{where}"
    yield ""
    yield f"**{finding.severity}**, {finding.confidence}, fault: {finding.fault}, {how_many(finding)}"
    yield ""
    yield _text(respell(finding.explanation, view.names))
    listed = [f"- not certain: {_text(respell(doubt, view.names))}" for doubt in finding.doubts]
    listed += [f"- rival: {_text(respell(rival, view.names))}" for rival in finding.rivals]
    if listed:
        yield from ("", *listed)
    words, *commands = finding.advice.splitlines()
    yield from ("", _text(words))
    if finding.display_filter:
        commands.append(f"Wireshark: {finding.display_filter}")
    if commands:
        yield from _fenced(command.strip() for command in commands)


def _table(report: Report, view: View) -> Iterator[str]:
    told = causes(report)
    if not told:
        return
    zone = " (UTC)" if view.zone == IN_UTC else ""
    yield f"| severity | finding | where | connections | since{zone} | confidence |"
    yield "|---|---|---|---|---|---|"
    for name, finding in told.items():
        title = f"{name} {respell(finding.title, view.names)}"
        cells = (
            finding.severity,
            title,
            finding.where,
            how_many(finding),
            since(finding, report, view),
            finding.confidence,
        )
        yield f"| {' | '.join(map(_text, cells))} |"
    yield ""


def _fenced(*parts: Iterator[str]) -> Iterator[str]:
    """Put lines into a code block, with a fence longer than any run of backticks within."""
    lines = [line for part in parts for line in part]
    fence = "```"
    while any(fence in line for line in lines):
        fence += "`"
    yield from (fence, *lines, fence)


def _text(text: str) -> str:
    """Escape text, such as a file name, so that nothing in it is taken for markup."""
    return "".join(f"\\{sign}" if sign in _MARKUP else sign for sign in text.replace("\n", " "))


_MARKUP = frozenset("\\`*_[]<>|#~$")
