"""Findings by name, each in full: for ``--finding``."""

from collections.abc import Iterator, Mapping

from wirestat.model import Connection, Finding
from wirestat.names import respell
from wirestat.report.build import Report
from wirestat.report.layout import GAP, View, advice, more, paragraph, table
from wirestat.report.sections.causes import summed_up
from wirestat.report.words import ends, offset, standing
from wirestat.words import some


def render(report: Report, chosen: Mapping[str, Finding], view: View) -> Iterator[str]:
    """Yield the findings one after the other, an empty line between them."""
    for place, (name, finding) in enumerate(chosen.items()):
        if place:
            yield ""
        yield from _finding(report, name, finding, view)


def _finding(report: Report, name: str, finding: Finding, view: View) -> Iterator[str]:
    title = view.paint("title", respell(f"{name} {summed_up(finding, report, view)}", view.names))
    yield f"{view.paint(finding.severity, finding.severity)}  {title}"
    yield f"{GAP}fault: {finding.fault}"
    yield from paragraph(respell(finding.explanation, view.names), GAP, view.width)
    for kind, reasons in (("not certain", finding.doubts), ("rival", finding.rivals)):
        for reason in reasons:
            yield from paragraph(f"{kind}: {respell(reason, view.names)}", GAP, view.width, hang=GAP)
    yield from advice(finding.advice, GAP, view)
    if finding.display_filter:
        yield GAP + view.paint("faint", f"filter: {finding.display_filter}")
    if finding.frames:
        frames = ", ".join(map(str, finding.frames[: view.limit]))
        rest = len(finding.frames) - len(finding.frames[: view.limit])
        yield from paragraph(
            f"frames: {frames}" + (f", and {rest:,} more" if rest else ""), GAP, view.width, hang=GAP
        )
    yield from _connections(report, finding, view)


def _connections(report: Report, finding: Finding, view: View) -> Iterator[str]:
    """List the connections that it names, and the number of the others."""
    if not finding.examples:
        return
    shown = _members(report, finding, view)
    yield f"{GAP}{some(finding.count, 'connection')}:"
    yield from table([_row(connection, report, view) for connection in shown], "><<<", indent=GAP * 2)
    yield from more(len(shown), finding.count, view, connections=True)


def _members(report: Report, finding: Finding, view: View) -> list[Connection]:
    """Return its examples, or all its connections if all rows are requested."""
    if view.limit is None and finding.count > len(finding.examples):
        return [
            connection for connection in report.connections() if finding in report.findings_of(connection)
        ]
    return [report.connection(id) for id in finding.examples[: view.limit]]


def _row(connection: Connection, report: Report, view: View) -> list[str]:
    states = f"{standing(connection.client, view.names)} / {standing(connection.server, view.names)}"
    return [f"#{connection.id}", offset(connection.first_time_ns, report.start_ns), ends(connection), states]
