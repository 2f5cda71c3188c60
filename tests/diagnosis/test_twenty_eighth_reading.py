"""Kinds of misreading that the twenty-eighth reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from tests.packets import ip
from wirestat.model import Fault, Severity

SERVER = "10.0.0.2:80"
_GATEWAY = "10.0.9.1"


def _reject(wire: Wire, kind: str = "prohibited", by: str = _GATEWAY) -> None:
    """Have what was sent last rejected by ICMP."""
    time_ns, _, data = wire.frames[-1]
    frame = ip.ethernet(ip.icmp_error(kind, by, data[14:]))
    wire.frames.append((time_ns + 40_000, len(frame), frame))


@pytest.mark.parametrize(
    ("rejected", "at", "by", "is_told"),
    [
        (SERVER, 0.0, _GATEWAY, True),
        ("10.0.7.7:443", 0.0, _GATEWAY, True),
        ("10.0.7.7:443", 60.0, _GATEWAY, False),
        ("10.0.7.7:443", 0.0, "10.0.7.7", False),
    ],
)
def test_a_syn_without_an_answer_beside_one_that_is_rejected_may_be_rejected_as_well(
    tmp_path: Path, rejected: str, at: float, by: str, is_told: bool
) -> None:
    """Who rejects limits its ICMP errors; a host that speaks for itself says nothing of another."""

    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", rejected, at=at).play("0 > S")
        _reject(wire, by=by)
        wire.talk("10.0.0.1:40001", SERVER).play("0.0003 > S\n1.0103 > S again")

    finding = told(tmp_path, play)["D01"]
    assert (f"{by} rejected" in finding.explanation) == is_told
    assert any(rival.startswith(f"a rule of {by} that rejects") for rival in finding.rivals) == is_told
    queue = next((one for one in finding.rivals if one.startswith("accept queue full")), "")
    assert ("unlikely" in queue) == (is_told and rejected == SERVER)
    assert ("a possible cause" in queue) != is_told


@pytest.mark.parametrize("kind", ["net-unreachable", "host-unreachable"])
def test_a_host_out_of_reach_says_nothing_of_another(tmp_path: Path, kind: str) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", "10.0.7.7:443").play("0 > S")
        _reject(wire, kind)
        wire.talk("10.0.0.1:40001", SERVER).play("0.0003 > S\n1.0103 > S again")

    assert "rejected" not in told(tmp_path, play)["D01"].explanation


@pytest.mark.parametrize("inside", ["10.1.1.5:40000", "10.0.0.1:40000"])
@pytest.mark.parametrize("resets", [True, False])
def test_a_reset_in_a_translated_name_alone_is_of_who_translates(
    tmp_path: Path, inside: str, resets: bool
) -> None:
    """A router captures on both sides; it forgets the translation, and answers for the host that knows better."""

    def play(wire: Wire) -> None:
        before = wire.talk(inside, SERVER, client_isn=77_000, server_isn=99_000)
        behind = wire.talk("10.9.9.9:40000", SERVER, at=0.00005, client_isn=77_000, server_isn=99_000)
        for talk in (before, behind):
            talk.play(HANDSHAKE).play("0.01 > P. 517\n0.05 < . \n0.051 < P. 1200")
        before.play("0.052 > .")
        behind.play("0.052 < P. 1021\n0.05203 > R seq=518")
        if resets:
            before.play("0.052 > R seq=518")

    finding = told(tmp_path, play)["D07"]
    assert ("on the other side of a translation" in finding.explanation) != resets
    if not resets:
        assert inside in finding.explanation
        assert finding.fault is Fault.PATH
        assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("spoke", [True, False])
def test_a_machine_of_which_only_resets_are_captured_may_never_have_known(
    tmp_path: Path, spoke: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER, client_next=1, server_next=1)
        if spoke:
            talk.play("0 > P. 100\n0.001 < .\n0.002 > .")
        talk.play("3 > P. 104\n3.001 < R")

    finding = told(tmp_path, play)["D07"]
    assert ("no longer knew" in finding.explanation) == spoke
    assert any(rival.startswith("another machine behind this address") for rival in finding.rivals) != spoke


@pytest.mark.parametrize(("at", "state"), [(0.05, "ruled out"), (6.8, "open")])
def test_a_server_that_sends_no_syn_ack_again_may_have_been_in_the_connection(
    tmp_path: Path, at: float, state: str
) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE).play(f"{at} > P. 2\n{at + 0.0002} < R")

    finding = told(tmp_path, play)["D06"]
    assert any(rival.startswith(f"half-open after a crash (D07): {state}") for rival in finding.rivals)


@pytest.mark.parametrize("answers", [True, False])
def test_a_server_that_owes_an_answer_was_not_idle(tmp_path: Path, answers: bool) -> None:
    """It closes after five minutes, the client having sent a request before the capture's first answer."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER, client_next=1, server_next=1)
        talk.play("0 > P. 223\n0.00001 < .")
        if answers:
            talk.play("0.01 < P. 500\n0.0101 > .")
        talk.play("300 < F.\n300.001 > .\n300.002 > F.\n300.0021 < .")

    finding = told(tmp_path, play)["D30"]
    assert ("was not answered" in finding.explanation) != answers
    assert ("drop idle connections sooner" in finding.advice) == answers


@pytest.mark.parametrize("number", [5000, 5001])
def test_who_turns_an_old_connection_away_with_ack_set_does_so_all_the_same(
    tmp_path: Path, number: int
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER, stamps=False, client_next=0)
        talk.play(f"0 > S\n0.2 < . seq=9000 ack=5000\n0.2003 > R. seq={number} ack=9000")
        wire.talk("10.0.0.1:40000", SERVER, at=0.21, stamps=False).play(HANDSHAKE).play(
            "0.5 > P. 100\n0.6 < ."
        )

    findings = told(tmp_path, play)
    assert ("D28" in findings) != (number == 5000)
    assert ("D20" in findings) == (number == 5000)
