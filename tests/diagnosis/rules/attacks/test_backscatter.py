"""D38: whoever is answered without having asked is accused of nothing."""

from pathlib import Path

import wirestat
from tests.capture import made
from wirestat.model import Confidence, Finding, Severity
from wirestat.summary import MOST_CLIENTS

VICTIM = "10.0.0.9"


def asked(number: int) -> tuple[made.End, made.End]:
    return (VICTIM, 1024 + number), (f"198.51.100.{number % 50 + 1}", 80)


def findings(frames: list[bytes], folder: Path) -> dict[str, Finding]:
    report = wirestat.analyze(made.write(folder / "x.pcap", [made.ethernet(frame) for frame in frames]))
    return {finding.id: finding for finding in report.findings}


def answered(count: int, *, reset: bool, syn: bool = False, flags: int = made.SYN | made.ACK) -> list[bytes]:
    frames = []
    for number in range(count):
        client, server = asked(number)
        if syn:
            frames.append(made.tcp(client, server, 99, 0, made.SYN))
        frames.append(made.tcp(server, client, 1000 * number, 100, flags))
        if reset:
            frames.append(made.tcp(client, server, 100, 0, made.RST))
    return frames


def test_syn_acks_that_are_reset_have_not_been_asked_for(tmp_path: Path) -> None:
    found = findings(answered(200, reset=True), tmp_path)
    assert "D26" not in found
    told = found["D38"]
    assert (told.severity, told.confidence, told.count) == (Severity.WARNING, Confidence.LIKELY, 200)
    assert told.explanation.startswith("200 SYN-ACKs within ")
    assert "no SYN was captured" in told.explanation


def test_where_nothing_disowns_them_it_is_no_more_than_possible(tmp_path: Path) -> None:
    found = findings(answered(200, reset=False), tmp_path)
    assert not {"D04", "D26", "D27"} & found.keys()
    assert (found["D38"].severity, found["D38"].confidence) == (Severity.NOTE, Confidence.POSSIBLE)
    assert "or its own took another way" in found["D38"].explanation


def test_resets_alone_may_be_of_any_connection(tmp_path: Path) -> None:
    found = findings(answered(200, reset=False, flags=made.RST | made.ACK), tmp_path)
    assert not {"D26", "D38"} & found.keys()


def test_a_half_open_scan_has_sent_its_syns(tmp_path: Path) -> None:
    found = findings(answered(200, reset=True, syn=True), tmp_path)
    assert "D38" not in found
    assert "a scan" in found["D26"].explanation


def test_a_few_strays_are_no_backscatter(tmp_path: Path) -> None:
    assert "D38" not in findings(answered(5, reset=True), tmp_path)


def test_a_bound_is_said_to_be_one(tmp_path: Path) -> None:
    frames = []
    for number in range(MOST_CLIENTS + 200):
        client, server = (f"10.1.{number // 250}.{number % 250 + 1}", 1024), ("10.0.0.2", 80)
        frames += [
            made.tcp(client, server, 99, 0, made.SYN),
            made.tcp(server, client, 7, 100, made.SYN | made.ACK),
            made.tcp(client, server, 100, 8, made.ACK),
        ]
    path = made.write(tmp_path / "x.pcap", [made.ethernet(frame) for frame in frames])
    report = wirestat.analyze(path)
    assert report.summary.listeners[0].clients == MOST_CLIENTS
    (load,) = (finding for finding in report.findings if finding.id == "D32")
    assert "at least 1,000 clients" in load.explanation
