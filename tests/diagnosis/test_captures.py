"""Every rule against every recorded scenario: each fires where it is deserved, and is silent elsewhere.

What a scenario deserves stands in its ``truth.json``, written by whoever made it happen. The tables below are the
differences, each with its reason: what no capture of it can tell, and what else is rightly said.
"""

import json
from pathlib import Path

import pytest

from wirestat import analyze
from wirestat.model import Finding, Severity

PCAPS = Path(__file__).parent.parent.parent / "pcaps"
SCENARIOS = sorted(path.parent for path in PCAPS.glob("*/truth.json"))
TAPS = ("client", "middle", "server")

NOT_TOLD: dict[str, dict[str, str]] = {
    "accept-queue-full-client-closes": {"D13": "D05 includes the FIN that nobody acknowledges"},
    "accept-queue-full-data-ignored": {"D05": "D06 includes it"},
    "close-behind-zero-window": {"D23": "the window is shut for less than five seconds"},
    "close-wait-leak": {"D11": "D10 includes its mirror"},
    "defer-accept": {"D05": "the request came before a SYN-ACK had to be sent again"},
    "mid-handshake": {"D25": "the SYN alone is missing, and its SYN-ACK tells it"},
    "nat-forgets-and-leaks": {"D19": "the reset bears no marks of a stranger: D07"},
    "reset-linger-zero-by-server": {"D16": "the server had spoken last: D27"},
    "syn-scan": {"D02": "D26 includes the refusals"},
}
"""Deserved, and not found from any tap."""

ALSO: dict[str, dict[str, str]] = {
    "blind-rst-both-ends-in-window": {"D28": "that is what it is called"},
    "blind-rst-exact": {"D07": "the client's tap sees only that the server's host knows nothing any more"},
    "blind-rst-in-window": {"D28": "that is what it is called"},
    "blind-rst-out-of-window": {"D28": "that is what it is called"},
    "blind-syn-in-window": {"D21": "it cannot be told from a client that forgot"},
    "blind-syn-out-of-window": {"D21": "it cannot be told from a client that forgot"},
    "connect-cancelled": {"D27": "the client does reset"},
    "duplicated-frames": {"D25": "the frames are in the capture twice"},
    "half-open-scan-and-connection": {"D27": "the scanner's host does reset"},
    "injected-reset-while-data-flows": {"D07": "the server's tap sees the answer alone"},
    "listener-closes": {"D27": "the server does reset"},
    "random-loss-1": {
        "D07": "resets after loss",
        "D16": "two of the ten sorts reset",
        "D27": "resets after loss",
    },
    "random-loss-2": {
        "D07": "resets after loss",
        "D16": "two of the ten sorts reset",
        "D27": "resets after loss",
    },
    "random-loss-3": {
        "D07": "resets after loss",
        "D16": "two of the ten sorts reset",
        "D25": "packets were dropped between the two directions of the tap",
        "D27": "resets after loss",
    },
    "reset-in-close-wait": {"D27": "the end does reset"},
    "reset-in-fin-wait1": {"D27": "the server's tap sees the answer alone"},
    "reset-in-syn-recv": {"D06": "the late ACK is answered with a reset"},
    "reset-in-syn-sent-wrong-ack": {"D28": "that is what it is called"},
    "reset-linger-zero-by-server": {"D27": "the server does reset"},
    "stray-syn-to-time-wait": {"D20": "it cannot be told from a client that used the port again"},
    "syn-ack-from-nowhere": {"D27": "the host does reset"},
    "syn-ack-never-arrives": {"D04": "what the taps beyond the loss see"},
    "syn-flood": {"D04": "the handshakes that were answered"},
    "third-ack-never-arrives": {"D04": "what the server's tap sees"},
    "zero-window-server-vanishes": {"D27": "the server's host does reset"},
}
"""Rightly found from some tap above mere information, though nobody called it deserved."""


def heard(scenario: Path) -> list[Finding]:
    """What is found from all taps together."""
    taps = [scenario / f"{tap}.pcap" for tap in TAPS]
    return [finding for tap in taps if tap.exists() for finding in analyze(tap).findings]


def deserved(scenario: Path) -> set[str]:
    return set(json.loads((scenario / "truth.json").read_text(encoding="utf-8"))["diagnoses"])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_finds_what_is_deserved_and_nothing_else(scenario: Path) -> None:
    findings = heard(scenario)
    excused = NOT_TOLD.get(scenario.name, {}).keys()
    assert deserved(scenario) - {finding.id for finding in findings} == set(excused)
    above = {finding.id for finding in findings if finding.severity is not Severity.INFO}
    assert above <= deserved(scenario) | ALSO.get(scenario.name, {}).keys()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_every_finding_can_be_followed(scenario: Path) -> None:
    for finding in heard(scenario):
        assert finding.explanation.endswith(".")
        assert finding.advice
        assert finding.confidence == "certain" or finding.doubts
        assert finding.frames or finding.id == "D25"


def test_the_excuses_are_those_of_scenarios_that_exist() -> None:
    names = {scenario.name for scenario in SCENARIOS}
    assert not SCENARIOS or (NOT_TOLD.keys() | ALSO.keys()) <= names
