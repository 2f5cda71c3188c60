"""The hand-made captures with findings, as reports ready to be rendered."""

from tests.report import fixtures
from tests.report.fixtures import HandMade
from wirestat.model import Confidence, Fault, Finding, Severity
from wirestat.report.build import Report, assemble
from wirestat.report.conformance import conformance

CLOSE_WAIT = Finding(
    id="D10",
    title="CLOSE_WAIT held",
    severity=Severity.ERROR,
    confidence=Confidence.CERTAIN,
    fault=Fault.SERVER,
    connection=None,
    frames=(26, 27, 36, 37),
    explanation="The server acknowledged the client's FIN and has not sent its own for 74.2 s or more.",
    rivals=("half-close on purpose: ruled out, no data followed",),
    advice="The server's application does not close its socket: look for the descriptor leak with "
    "'ss -tanp state close-wait'.",
    display_filter="tcp.stream in {2, 3}",
    count=2,
    examples=(3, 4),
)

THIRD_ACK = Finding(
    id="D05",
    title="Server ignores the third ACK",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    fault=Fault.SERVER,
    connection=5,
    frames=(43, 44),
    explanation="The server sent its SYN-ACK again after the client's ACK was captured on its way to it.",
    rivals=("TCP_DEFER_ACCEPT: open, no data was sent", "loss behind the tap: open"),
    advice="Compare Recv-Q with Send-Q of the listening socket: 'ss -ltn'; a full accept queue drops the ACK.",
    display_filter="tcp.stream == 4",
)

LAST_ACK = Finding(
    id="D14",
    title="Lost last ACK",
    severity=Severity.NOTE,
    confidence=Confidence.CERTAIN,
    fault=Fault.PATH,
    connection=6,
    frames=(59, 60),
    explanation="The server sent its FIN again after the client's ACK of it was captured.",
    rivals=(),
    advice="Harmless in small numbers: the server's socket stays in LAST_ACK until its retries are used up.",
    display_filter="tcp.stream == 5",
)

UNFIT = Finding(
    id="D25",
    title="The capture is the problem",
    severity=Severity.ERROR,
    confidence=Confidence.CERTAIN,
    fault=Fault.CAPTURE,
    connection=None,
    frames=(),
    explanation="Segments of one direction only were captured, and 920 packets were dropped.",
    rivals=(),
    advice="Capture both directions; mirror receive and transmit, or capture on the host itself.",
    display_filter="tcp.analysis.ack_lost_segment",
    count=2,
    examples=(1, 2),
)


def judged(analysis: HandMade, *findings: Finding) -> Report:
    """Make the report of a hand-made capture with these findings."""
    return assemble(analysis, list(findings), conformance(analysis.summary))


REPORTS: dict[str, Report] = {
    "clean": judged(fixtures.clean()),
    "lost-last-ack": judged(fixtures.lost_ack(), LAST_ACK),
    "outage": judged(fixtures.outage(), LAST_ACK, THIRD_ACK, CLOSE_WAIT),
    "unfit": judged(fixtures.unfit(), UNFIT),
    "crowd": judged(fixtures.crowd()),
    "odd": judged(fixtures.odd()),
    "empty": judged(fixtures.empty()),
}
"""One report for each situation that a rendering must cope with."""
