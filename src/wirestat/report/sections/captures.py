"""What the captures are, and what is wrong with them before anything is said about connections."""

from collections.abc import Iterator

from wirestat.model import Capture, Summary
from wirestat.report.build import Report
from wirestat.report.layout import View, marked
from wirestat.report.words import count, moment, size, span


def lines(report: Report, view: View) -> Iterator[str]:
    """Give a line for each capture, its defects, and the totals of all of them."""
    for capture in report.captures:
        yield view.paint("title", _name(capture)) + f": {', '.join(_about(capture))}"
        for defect in _defects(capture):
            yield from marked("warning", defect, view)
    yield ", ".join(_totals(report.summary))
    for gap in _left_out(report.summary):
        yield from marked("note", gap, view)


def _name(capture: Capture) -> str:
    return "standard input" if capture.name == "-" else capture.name


def _about(capture: Capture) -> Iterator[str]:
    yield capture.format + (f" in {capture.compression}" if capture.compression else "")
    if capture.size is not None:
        yield size(capture.size)
    if capture.first_time_ns is not None and capture.last_time_ns is not None:
        yield f"{span(capture.last_time_ns - capture.first_time_ns)} from {moment(capture.first_time_ns)}"


def _totals(totals: Summary) -> Iterator[str]:
    yield count(totals.frames, "frame")
    yield count(totals.tcp_segments, "TCP segment")
    yield count(totals.connections, "connection")
    if totals.incarnations:
        yield f"{totals.incarnations:,} of them on addresses and ports used before"
    if totals.udp_conversations:
        yield count(totals.udp_conversations, "UDP conversation")


def _defects(capture: Capture) -> Iterator[str]:
    if capture.error:
        yield f"{capture.error}; this report covers what was read until there"
    yield from capture.defects
    for interface in capture.interfaces:
        if interface.dropped:
            share = f" of {interface.received:,}" if interface.received else ""
            place = f" on {interface.name}" if interface.name else ""
            yield f"the capture dropped {count(interface.dropped, 'packet')}{share}{place}"
    if capture.snapped_frames:
        yield f"{count(capture.snapped_frames, 'frame')} captured in part only"
    if capture.backward_steps:
        yield f"time runs backward {count(capture.backward_steps, 'time')}"


def _left_out(totals: Summary) -> Iterator[str]:
    """Name what the figures leave out, so that no silence is taken for absence."""
    if totals.duplicate_frames:
        yield f"{count(totals.duplicate_frames, 'frame')} captured twice and counted once"
    for item in totals.undecoded:
        place = f"first in frame {item.first_frame}"
        if item.need:
            place += f", where {item.need} bytes are needed at offset {item.offset} and {item.have} remain"
        yield f"{count(item.frames, 'frame')} not understood: {item.layer}: {item.reason} ({place})"
    for kind, number in totals.evicted.items():
        yield f"{count(number, f'{kind} connection')} let go to stay within --max-connections"
