"""Defects of the captures themselves, listed before the connections."""

from collections.abc import Iterator

from wirestat.diagnosis.finding import is_about_capture
from wirestat.model import Finding
from wirestat.report.build import Report
from wirestat.report.layout import GAP, View, advice, paragraph
from wirestat.report.sections.verdict import UNFIT
from wirestat.summary import Summary
from wirestat.words import some


def lines(report: Report, view: View) -> Iterator[str]:
    """Yield a marked line for each defect, with advice if it is grave, and for everything that the figures leave
    out."""
    for finding in filter(is_about_capture, report.findings):
        yield from _defect(finding, view)
    for gap in _left_out(report.summary):
        yield from _marked("note", gap, view)


def _defect(finding: Finding, view: View) -> Iterator[str]:
    yield from _marked(finding.severity, finding.explanation, view)
    if finding.severity in UNFIT:
        yield from advice(finding.advice, GAP, view)


def _marked(style: str, text: str, view: View) -> Iterator[str]:
    """Break a text into lines after an exclamation mark, which works without colours."""
    first, *rest = paragraph(text, GAP, view.width)
    yield view.paint(style, f"! {first.removeprefix(GAP)}")
    yield from (view.paint(style, line) for line in rest)


def _left_out(totals: Summary) -> Iterator[str]:
    """List frames that were not decoded and data that was not kept, so that missing data is not taken for absence."""
    for item in totals.undecoded:
        place = f"first in frame {item.first_frame}"
        if item.need:
            place += f", where {item.need} bytes are needed at offset {item.offset} and {item.have} remain"
        yield f"{some(item.frames, 'frame')} not understood: {item.layer}: {item.reason} ({place})"
    if number := totals.fragments.get("given_up", 0) + totals.fragments.get("held", 0):
        yield f"{some(number, 'fragmented packet')} that never became whole"
    if number := totals.fragments.get("overlapping", 0):
        differing = totals.fragments.get("differing", 0)
        of_them = f"{differing:,}" if differing else "none"
        yield (
            f"{some(number, 'IP fragment')} that overlap others, {of_them} of which say something else: the copy "
            "captured first is believed here, and the host may have believed the other, or none"
        )
    if number := totals.beyond_limits.get("udp_datagrams", 0):
        yield f"{some(number, 'UDP datagram')} of conversations beyond the limit, counted and not listed"
    if number := totals.beyond_limits.get("connections", 0):
        talked = totals.beyond_limits.get("conversations", 0)
        of_them = f"{talked:,}" if talked else "none"
        yield f"{some(number, 'connection')} of too many kinds: counted, not judged; {of_them} of them exchanged data"
    if number := totals.beyond_limits.get("listeners", 0):
        yield f"{some(number, 'connection')} to sockets beyond the limit: in no figure of a listener"
    for kind, one in (("clients", "client"), ("paths", "path")):
        if number := totals.beyond_limits.get(kind, 0):
            yield f"{some(number, 'connection')} of {kind} beyond the limit: in no figure of a {one}"
    if number := totals.beyond_limits.get("listening_sockets", 0):
        yield f"{some(number, 'SYN-ACK')} of more servers than are remembered: some clients may be taken for servers"
    if number := totals.beyond_limits.get("histories", 0):
        yield f"{some(number, 'connection')} with more changes than are kept: the later ones are missing"
    if number := totals.beyond_limits.get("gaps", 0):
        yield f"{some(number, 'connection')} with more gaps than are kept: more bytes may be missing than is said"
    if number := totals.beyond_limits.get("ladder_segments", 0):
        yield f"{some(number, 'segment')} of the connection asked for beyond those that its ladder shows"
    for kind, number in totals.evicted.items():
        if number and kind == "superseded":
            yield f"{some(number, 'connection')} of 4-tuples used again very often: counted, and not listed"
        elif number:
            yield f"{some(number, f'{kind} connection')} let go to stay within --max-connections"
