"""The captures: name, kind, link types, size and time."""

from collections.abc import Iterator

from wirestat.model import Capture
from wirestat.report.build import Report
from wirestat.report.layout import GAP, View, paragraph
from wirestat.report.sections import taps
from wirestat.report.words import moment, size
from wirestat.spans import span
from wirestat.summary import Summary
from wirestat.titles import printable
from wirestat.words import some

_USUAL = "ETHERNET"
"""The link type that is not mentioned."""


def lines(report: Report, view: View) -> Iterator[str]:
    """Yield a line for each capture, one with the totals, and the position of the tap."""
    for capture in report.captures:
        about = ", ".join(_about(capture, view))
        title = view.paint("title", capture.title) + ":"
        if len(f"{capture.title}: {about}") <= view.width:
            yield f"{title} {about}"
        else:
            yield title
            yield from paragraph(about, GAP, view.width)
    if report.filter:
        yield from paragraph(
            f"only what passes the filter: {printable(report.filter)}", "", view.width, hang=GAP
        )
    yield from paragraph(", ".join(_totals(report.summary)), "", view.width, hang=GAP)
    yield from taps.lines(report, view)


def _about(capture: Capture, view: View) -> Iterator[str]:
    yield capture.format + (f" in {capture.compression}" if capture.compression else "")
    links = dict.fromkeys(interface.link_name for interface in capture.interfaces)
    if set(links) != {_USUAL}:
        yield from links
    if capture.size is not None:
        yield size(capture.size)
    if capture.first_time_ns is not None and capture.last_time_ns is not None:
        yield f"{span(capture.last_time_ns - capture.first_time_ns)} from {moment(capture.first_time_ns, view.zone)}"


def _totals(totals: Summary) -> Iterator[str]:
    yield some(totals.frames, "frame")
    yield some(totals.tcp_segments, "TCP segment")
    yield some(totals.connections, "connection")
    if totals.incarnations:
        yield f"{totals.incarnations:,} of them on addresses and ports used before"
    if totals.udp_conversations:
        yield some(totals.udp_conversations, "UDP conversation")
