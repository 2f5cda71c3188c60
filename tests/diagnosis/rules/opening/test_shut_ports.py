"""D01 of several ports that are shut while another port of the host serves the client: one finding a host."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import FAREWELL, GREETING, Wire
from wirestat.model import Finding

CLIENT, SERVER = "10.0.0.5", "10.0.0.2"
PASSIVE = (30_008, 30_014, 30_045)


def asked(
    tmp_path: Path,
    ports: Sequence[int] = PASSIVE,
    control: int = 21,
    until: float = 20,
    stamps: Sequence[int | None] = (None, None, None),
    older: bool = False,
) -> list[Finding]:
    """Play a control connection that goes on until some second, and connects to ports in vain from second 1 on."""

    def play(wire: Wire) -> None:
        if older:  # a SYN with a time stamp older than that of the one before is answered
            wire.talk(f"{CLIENT}:30001", f"{SERVER}:{control}").play("0 > S ts=900000\n0.001 < S.\n0.002 > .")
            late = wire.talk(f"{CLIENT}:30002", f"{SERVER}:{control}", at=0.1)
            late.play("0 > S ts=300000\n0.001 < S.\n0.0011 > .\n0.002 > P. 100\n0.003 < P. 20\n0.004 > .")
        talk = wire.talk(f"{CLIENT}:40000", f"{SERVER}:{control}", at=0.2)
        talk.play(GREETING).play(FAREWELL, at=until)
        for number, (port, stamp) in enumerate(zip(ports, stamps, strict=True)):
            vain = wire.talk(f"{CLIENT}:{50_000 + number}", f"{SERVER}:{port}", at=1 + 2 * number)
            given = f" ts={stamp}" if stamp else ""
            vain.play("\n".join(f"{at} > S{' again' if at else ''}{given}" for at in (0, 1, 3, 7)))

    return [finding for id, finding in told(tmp_path, play).items() if id == "D01"]


def test_passive_ports_are_one_finding(tmp_path: Path) -> None:
    (finding,) = asked(tmp_path)
    assert "3 connections to 3 ports of 10.0.0.2 from 10.0.0.5" in finding.explanation
    assert (
        "Meanwhile a connection of the client to port 21 of this host went on; 3 other ports"
        in finding.explanation
    )
    assert "passive mode" in finding.explanation
    assert finding.count == 3


def test_without_ftp_nothing_is_said_of_it(tmp_path: Path) -> None:
    (finding,) = asked(tmp_path, control=22)
    assert "to port 22 of this host went on" in finding.explanation
    assert "FTP" not in finding.explanation


@pytest.mark.parametrize(("ports", "until"), [((81, 81, 81), 20), (PASSIVE, 0.5)])
def test_one_port_or_no_talk_amid_stay_as_they_are(
    tmp_path: Path, ports: Sequence[int], until: float
) -> None:
    """One socket is told by itself, and so are sockets of a host that serves nobody meanwhile."""
    findings = asked(tmp_path, ports=ports, until=until)
    assert findings
    assert all("Meanwhile" not in finding.explanation for finding in findings)


@pytest.mark.parametrize(("older", "standing"), [(True, "ruled out"), (False, "open")])
def test_a_clock_for_each_pair_of_sockets_is_no_cause(tmp_path: Path, older: bool, standing: str) -> None:
    (finding,) = asked(tmp_path, stamps=(800_000, 400_000, 200_000), older=older)
    told_of = [rival for rival in finding.rivals if "time stamp older" in rival]
    assert any(f": {standing}" in rival for rival in told_of)
