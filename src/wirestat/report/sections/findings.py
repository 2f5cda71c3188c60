"""The findings, grouped: what, confidence, fault, advice, and a Wireshark filter."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from wirestat.diagnosis.finding import is_about_capture
from wirestat.model import Fault, Finding, Severity
from wirestat.names import respell
from wirestat.report.build import Report
from wirestat.report.handles import handles
from wirestat.report.layout import GAP, View, advice, more, paragraph
from wirestat.words import some

_MARK = max(map(len, Severity))
_INDENT = " " * (_MARK + 2)
_OTHERS = 5


def lines(report: Report, view: View) -> Iterator[str]:
    """Yield a short paragraph for each diagnosis, the most severe first.

    Findings about the captures themselves are at the top of the report, and not among them.
    """
    told = [finding for finding in report.findings if not is_about_capture(finding)]
    quiet = [] if view.full else [finding for finding in told if finding.asks_nothing]
    groups = by_diagnosis(finding for finding in told if view.full or not finding.asks_nothing)
    names = {id(finding): name for name, finding in handles(report).items()}
    for group in groups[: view.limit]:
        yield from _paragraph(group, names, view)
    yield from more(len(groups[: view.limit]), len(groups), view)
    if quiet:
        left = ", ".join(dict.fromkeys(finding.id for finding in quiet))
        yield f"nothing to do about {left}: -v tells more"


def by_diagnosis(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Group findings of equal diagnosis, severity and fault, in the order of the first of each group."""
    groups: defaultdict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.id, finding.severity, finding.fault].append(finding)
    return list(groups.values())


def _paragraph(group: list[Finding], names: dict[int, str], view: View) -> Iterator[str]:
    first = group[0]
    mark = view.paint(first.severity, f"{first.severity:<{_MARK}}")
    title = view.paint("title", respell(f"{names[id(first)]} {first.title}", view.names))
    yield f"{mark}  {title} ({', '.join(_about(first))})"
    yield from paragraph(respell(first.explanation, view.names), _INDENT, view.width)
    if first.doubts:
        doubts = respell("; ".join(first.doubts), view.names)
        yield from paragraph(f"not certain: {doubts}", _INDENT, view.width, hang=GAP)
    yield from advice(first.advice, _INDENT, view)
    if first.display_filter:
        yield _INDENT + view.paint("faint", f"filter: {first.display_filter}")
    if len(group) > 1:
        yield from paragraph(_others(group[1:], names, view), _INDENT, view.width, hang=GAP)


def _others(group: list[Finding], names: dict[int, str], view: View) -> str:
    """Name the findings of a group that only its first one describes, with the socket of each."""
    shown = [
        f"{names[id(finding)]} at {finding.where} ({some(finding.count, 'connection')})"
        for finding in group[:_OTHERS]
    ]
    rest = group[_OTHERS:]
    more = f", and {len(rest)} more ({some(sum(one.count for one in rest), 'connection')})" if rest else ""
    return f"alike: {', '.join(shown)}{more}; --finding {names[id(group[0])]} shows one"


def _about(first: Finding) -> Iterator[str]:
    if first.connection is not None or first.examples:
        yield some(first.count, "connection")
    yield first.confidence
    # For mere information, the end at fault is not of interest.
    if first.severity is not Severity.INFO or first.fault is not Fault.UNDECIDED:
        yield f"fault: {first.fault}"
