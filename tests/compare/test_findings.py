"""A finding that is likely with one capture is certain with two, and the end at fault is named."""

from pathlib import Path

import pytest

import wirestat
from tests.compare import lab
from tests.compare.captures import HOUR, crooked, snapped
from tests.quick import some_quick
from tests.score.expected import WITHIN
from wirestat.model import Confidence, Fault, Severity
from wirestat.report.compared.build import Compared

SETTLED = {"D01", "D04", "D05", "D07", "D13", "D14", "D18"}
"""Diagnoses that must be certain when captures of both sides are at hand."""

NOT_TOLD = {
    "defer-accept": {"D05": "the request came before a SYN-ACK had to be sent again: nothing shows"},
    "mid-handshake": {"D25": "the SYN alone is missing, and its SYN-ACK tells it"},
    "nat-forgets-and-leaks": {"D19": "the server itself answers"},
    "reset-linger-zero-by-server": {"D16": "nothing need be unread: D27"},
    "third-ack-never-arrives": {"D05": "the ACK is lost, so it is not ignored: D04"},
}
ALSO = {
    "blind-rst-both-ends-in-window": {"D28"},
    "blind-rst-in-window": {"D28"},
    "blind-rst-out-of-window": {"D28"},
    "connect-cancelled": {"D27"},
    "duplicated-frames": {"D25"},
    "half-open-scan-and-connection": {"D27"},
    "listener-closes": {"D27"},
    "fast-open-refused-by-path": {"D34"},
    "random-loss-1": {"D16", "D34"},
    "random-loss-2": {"D16", "D34"},
    "random-loss-3": {"D16", "D34"},
    "retried-syn-while-path-dead": {"D34"},
    "syn-ack-lost": {"D34"},
    "syn-ack-lost-several-times": {"D34"},
    "syn-ack-of-the-server-s-timer": {"D34"},
    "syn-lost": {"D34"},
    "syn-lost-behind-all-taps": {"D34"},
    "reset-in-close-wait": {"D27"},
    "reset-in-syn-sent-wrong-ack": {"D28"},
    "reset-linger-zero-by-server": {"D27"},
    "reset-with-unsent-data": {"D27"},
    "syn-ack-from-nowhere": {"D27"},
    "third-ack-never-arrives": {"D04"},
}
"""Right findings above mere information that no truth calls deserved; ``tests.score.expected`` has the reasons."""
BETWEEN_TWO = {f"random-loss-{number}": {"D57"} for number in (1, 2, 3)}
"""The same for two points only: with one more between them, each stretch has too small a part of the loss."""

CASES = [
    ("syn-lost", "D34", Fault.PATH, "The first SYN was lost between client and server"),
    ("syn-ack-lost", "D34", Fault.PATH, "The first SYN-ACK was lost between server and client"),
    ("syn-ack-never-arrives", "D01", Fault.PATH, "answer was lost between server and client"),
    ("third-ack-never-arrives", "D04", Fault.PATH, "its ACK was lost between client and server"),
    ("third-ack-lost", "D05", Fault.PATH, "lost between client and server"),
    ("third-ack-lost-behind-all-taps", "D05", None, ""),
    ("accept-queue-full", "D05", Fault.SERVER, "the server ignores it"),
    ("nat-forgets-and-resets", "D07", Fault.PATH, "no longer knows the connection"),
    ("nat-forgets-and-leaks", "D07", Fault.PATH, "at client what it answers belongs to another connection"),
    ("fin-lost-for-good", "D13", Fault.PATH, "The FIN was lost between client and server"),
    ("fin-ack-never-arrives", "D13", Fault.PATH, "ACK of it was lost between server and client"),
    ("last-ack-lost", "D14", Fault.PATH, "ACK of it was lost between client and server"),
    ("last-ack-lost-behind-all-taps", "D14", Fault.SERVER, "dropped behind it"),
    ("ipv6-last-ack-lost", "D14", Fault.PATH, "ACK of it was lost between client and server"),
    ("injected-reset-to-both", "D18", Fault.PATH, "made it up"),
    ("injected-reset-while-data-flows", "D18", Fault.PATH, "made it up"),
]


@pytest.mark.parametrize(("name", "id", "fault", "words"), CASES)
def test_two_taps_make_a_finding_certain(name: str, id: str, fault: Fault | None, words: str) -> None:
    findings = [finding for finding in lab.compare(name).report.findings if finding.id == id]
    assert findings, [finding.id for finding in lab.compare(name).report.findings]
    assert findings[0].confidence is Confidence.CERTAIN
    assert fault in (None, findings[0].fault)
    assert words in findings[0].explanation
    assert not findings[0].doubts


def judge(compared: Compared, name: str) -> None:
    """Check that exactly the deserved findings are reported, and that those of ``SETTLED`` are certain."""
    findings = compared.report.findings
    truth, within = set(lab.truth(name)["diagnoses"]), dict(WITHIN.get(name, ()))
    wanted = {within.get(id, id) for id in truth - NOT_TOLD.get(name, {}).keys()} | ALSO.get(name, set())
    if len(compared.comparison.points) == 2:
        wanted |= BETWEEN_TWO.get(name, set())
    told = {one.id for one in findings if one.severity is not Severity.INFO or one.id in wanted}
    assert told == wanted
    unsure = [one for one in findings if one.id in SETTLED and one.confidence is not Confidence.CERTAIN]
    assert not unsure, unsure


@pytest.mark.parametrize("taps", [("client", "server"), lab.TAPS[-1]], ids="-".join)
@pytest.mark.parametrize("name", some_quick(lab.SCENARIOS, each=9))
def test_compared_taps_find_the_deserved_findings(name: str, taps: tuple[str, ...]) -> None:
    judge(lab.compare(name, taps), name)


@pytest.mark.parametrize("name", some_quick(lab.SCENARIOS, each=9))
def test_compared_taps_find_them_by_any_clock_and_from_headers_alone(name: str, tmp_path: Path) -> None:
    taps = ("client", "middle", "server")
    cut = [snapped(path, tmp_path / f"{path.stem}-cut.pcap") for path in lab.paths(name, taps)]
    clocks = ((0, 0.0), (-2 * HOUR, -80e-6), (5 * HOUR, 100e-6))
    told = [
        crooked(path, tmp_path / f"{tap}.pcap", *clock)
        for path, tap, clock in zip(cut, taps, clocks, strict=True)
    ]
    judge(wirestat.compare(*told, points=taps), name)


@pytest.mark.parametrize("name", ["normal-close-by-client", "nat-normal-close", "two-connections-at-once"])
def test_scenarios_without_faults_have_only_info_findings(name: str) -> None:
    severities = {finding.severity.value for finding in lab.compare(name).report.findings}
    assert severities <= {"info"}


def test_filters_name_no_frames() -> None:
    assert not any(
        "frame.number" in one.display_filter for one in lab.compare("last-ack-lost").report.findings
    )


def test_captures_of_different_traffic_make_nothing_certain() -> None:
    (client,), (stranger,) = lab.paths("refused", ("client",)), lab.paths("filtered", ("client",))
    findings = wirestat.compare(client, stranger, points=["client", "server"]).report.findings
    assert findings
    for finding in findings:
        assert finding.confidence is not Confidence.CERTAIN
        assert any("same traffic" in doubt for doubt in finding.doubts) or finding.id == "D01"
