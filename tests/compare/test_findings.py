"""What is likely with one capture is certain with two, and the end at fault is named."""

import pytest

from tests.compare import lab
from wirestat.model import Confidence, Fault

CASES = [
    ("syn-ack-never-arrives", "D01", Fault.PATH, "answer was lost between server and client"),
    ("third-ack-never-arrives", "D04", Fault.PATH, "its ACK was lost between client and server"),
    ("third-ack-lost", "D05", Fault.PATH, "lost between client and server"),
    ("third-ack-lost-behind-all-taps", "D05", None, ""),
    ("accept-queue-full", "D05", Fault.SERVER, "the server ignores it"),
    ("nat-forgets-and-resets", "D07", Fault.PATH, "no longer knows the connection"),
    ("fin-lost-for-good", "D13", Fault.PATH, "The FIN was lost between client and server"),
    ("fin-ack-never-arrives", "D13", Fault.PATH, "ACK of it was lost between server and client"),
    ("last-ack-lost", "D14", Fault.PATH, "ACK of it was lost between client and server"),
    ("last-ack-lost-behind-all-taps", "D14", Fault.SERVER, "dropped behind it"),
    ("ipv6-last-ack-lost", "D14", Fault.PATH, "ACK of it was lost between client and server"),
    ("injected-reset-to-both", "D18", Fault.PATH, "made it up"),
    ("injected-reset-while-data-flows", "D18", Fault.PATH, "made it up"),
]


@pytest.mark.parametrize(("name", "id", "fault", "words"), CASES)
def test_settled(name: str, id: str, fault: Fault | None, words: str) -> None:
    findings = [finding for finding in lab.compare(name).report.findings if finding.id == id]
    assert findings, [finding.id for finding in lab.compare(name).report.findings]
    assert findings[0].confidence is Confidence.CERTAIN
    assert fault in (None, findings[0].fault)
    assert words in findings[0].explanation
    assert not findings[0].doubts


@pytest.mark.parametrize("name", ["normal-close-by-client", "nat-normal-close", "two-connections-at-once"])
def test_nothing_wrong_is_found_where_nothing_is(name: str) -> None:
    severities = {finding.severity.value for finding in lab.compare(name).report.findings}
    assert severities <= {"info"}


def test_filters_name_no_frames() -> None:
    assert not any(
        "frame.number" in one.display_filter for one in lab.compare("last-ack-lost").report.findings
    )
