"""Kinds of misreading that the thirty-second reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from tests.packets import ip

CLIENT, SERVER = "10.0.0.1:40000", "10.0.0.2:80"


@pytest.mark.parametrize("has_spoken", [False, True])
def test_the_ttl_of_resets_that_are_all_tells_nothing_of_who_sent_them(
    tmp_path: Path, has_spoken: bool
) -> None:
    lines = "0 < . seq=700 ack=900\n" if has_spoken else ""
    lines += "".join(f"{at} > R seq=900\n" for at in (1, 2.01, 4.03, 8.1))
    if has_spoken:
        lines = "0 > P. 20 seq=880 ack=700\n" + lines
    finding = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))["D27"]
    is_open = "a device on the way (D18): open, nothing else of this end was captured"
    assert any(rival.startswith(is_open) for rival in finding.rivals) != has_spoken
    assert (finding.confidence == "certain") <= has_spoken


@pytest.mark.parametrize("is_acknowledged", [True, False])
def test_an_acknowledgement_without_syn_tells_of_a_host_that_is_up(
    tmp_path: Path, is_acknowledged: bool
) -> None:
    lines = "0 > S\n3 > S again\n"
    lines += "3.1 < . seq=500 ack=1\n" if is_acknowledged else ""
    finding = told(
        tmp_path, lambda wire: wire.talk(CLIENT, SERVER, stamps=False).play(lines + "9 > S again")
    )["D01"]
    assert (
        "1 bare acknowledgement of server 10.0.0.2:80 came in place" in finding.explanation
    ) == is_acknowledged
    assert any("D20" in rival for rival in finding.rivals) == is_acknowledged


@pytest.mark.parametrize(("kind", "is_told"), [("prohibited", True), (None, False)])
def test_a_single_syn_ack_that_icmp_rejects_is_told_of(
    tmp_path: Path, kind: str | None, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        wire.talk(CLIENT, SERVER).play("0 > S\n0.001 < S.")
        if kind:
            time_ns, _, data = wire.frames[-1]
            frame = ip.ethernet(ip.icmp_error(kind, "10.0.9.1", data[14:]))
            wire.frames.append((time_ns + 40_000, len(frame), frame))

    found = told(tmp_path, play)
    assert ("D04" in found) == is_told
    if is_told:
        assert "SYN-ACK once and stays in SYN_RECV. It does not reach" in found["D04"].explanation
        assert "10.0.9.1 told it by ICMP that the traffic is prohibited" in found["D04"].explanation


@pytest.mark.parametrize(("waits", "is_told"), [((3, 9, 21), True), ((0.5, 1.0), False)])
def test_who_sends_the_same_syn_on_by_its_timer_hears_no_refusal(
    tmp_path: Path, waits: tuple[float, ...], is_told: bool
) -> None:
    """Windows asks three times, half a second apart."""
    lines = "0 > S\n0.0002 < R. seq=0 ack=1\n"
    lines += "".join(f"{at} > S again\n{at + 0.0001} < R. seq=0 ack=1\n" for at in waits)
    explanation = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))["D02"].explanation
    assert ("the refusals do not reach it" in explanation) == is_told


@pytest.mark.parametrize(("reset", "id"), [(1.032, "D18"), (1.049, "D27")])
def test_who_acknowledges_what_came_after_its_reset_did_not_send_that(
    tmp_path: Path, reset: float, id: str
) -> None:
    """The octets had left the tap a moment before that reset: it was under way then."""
    lines = "0 > S\n0.02 < S.\n0.021 > .\n0.03 > P. 500\n0.05 < .\n1.03 > P. 1400\n"
    lines += f"{reset} < R seq=1 nots\n1.0502 < . seq=1 ack=1901\n1.0503 > R seq=1901"
    found = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))
    assert id in found
    assert ({"D18", "D27"} - {id}).isdisjoint(found)


@pytest.mark.parametrize(("ttl", "is_one"), [(63, True), (64, False)])
def test_a_syn_whose_source_is_translated_is_refused_once(tmp_path: Path, ttl: int, is_one: bool) -> None:
    """Without a router between them, they may be decoys of a scanner."""

    def play(wire: Wire) -> None:
        outside = wire.talk("10.1.0.5:36363", SERVER, client_isn=77)
        inside = wire.talk("10.9.0.12:36363", SERVER, client_isn=77)
        outside.play("0 > S ttl=64")
        inside.play(f"0.0013 > S ttl={ttl}\n0.0014 < R. seq=0 ack=1")
        outside.play("0.0019 < R. seq=0 ack=1")

    explanation = told(tmp_path, play)["D02"].explanation
    assert ("The SYN had come from 10.1.0.5:36363: this is the same connect" in explanation) == is_one
    assert ("2 connections" in explanation) != is_one


def test_a_bare_reset_does_not_acknowledge_a_syn(tmp_path: Path) -> None:
    lines = "0 > S\n0.016 < R seq=0\n1.02 > S again\n1.036 < R seq=0"
    explanation = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))["D02"].explanation
    assert "a reset that does not acknowledge it (no ACK, or another number)" in explanation


@pytest.mark.parametrize("are_taken", [True, False])
def test_one_segment_that_is_not_taken_while_those_behind_it_are(tmp_path: Path, are_taken: bool) -> None:
    lines = HANDSHAKE + "1 > P. 20\n1.01 < . 1448 seq=1\n1.02 > .\n1.03 < . 1448 seq=1449\n1.031 < . 1448\n"
    lines += "1.04 > . ack=1449 sack=2897-4345\n" if are_taken else ""
    lines += "".join(f"{at} < . 1448 seq=1449\n" for at in (1.3, 1.9, 3.1, 5.5)) + "5.52 > . ack=4345"
    finding = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))["D56"]
    assert ("these alone were not taken" in finding.explanation) == are_taken
    assert any("a checksum that is spoilt" in rival for rival in finding.rivals) == are_taken


@pytest.mark.parametrize("resent", [True, False])
def test_a_fin_after_data_in_vain_was_not_the_first_to_be_lost(tmp_path: Path, resent: bool) -> None:
    lines = "0 > S\n0.001 < S.\n0.002 > .\n"
    lines += "0.003 > P. 27\n26.4 > P. again\n" if resent else ""
    lines += "33.3 > F.\n54 > F. 27 seq=1" if resent else "33.3 > F.\n54 > F. again"
    finding = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER).play(lines))["D13"]
    firewall = "a firewall that dropped its state at the first FIN: ruled out"
    assert any(rival.startswith(firewall) for rival in finding.rivals) == resent


@pytest.mark.parametrize("gives_up", [True, False])
def test_a_reset_with_the_number_of_the_syn_gives_the_connect_up(tmp_path: Path, gives_up: bool) -> None:
    """A small stack (uIP) sends it so."""
    lines = "0 > S\n1.7 > S again\n5 > S again\n" + ("23.4 > R. seq=0 ack=0" if gives_up else "")
    explanation = told(tmp_path, lambda wire: wire.talk(CLIENT, SERVER, stamps=False).play(lines))[
        "D01"
    ].explanation
    assert ("and gave up with a reset after 23.4 s" in explanation) == gives_up
