"""Kinds of misreading that the twenty-seventh reading showed, each beside what must still be told."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from tests.packets.files import pcap
from wirestat import analyze
from wirestat.model import Confidence, Fault, Severity

SERVER = "10.0.0.2:80"
_PROBES = (0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2)


@pytest.mark.parametrize("answers", [True, False])
def test_a_shut_window_whose_probes_nothing_answers_may_be_a_dead_end(tmp_path: Path, answers: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE)
        talk.play("0.01 > . 1448\n0.0101 > P. 1000\n0.02 < . win=0")
        for at in _PROBES:
            talk.play(f"{at} > . seq=2448")
            if answers:
                talk.play(f"{at + 0.001} < . win=0")

    finding = told(tmp_path, play)["D23"]
    dead = next(rival for rival in finding.rivals if rival.startswith("a dead end (D09)"))
    assert dead.startswith("a dead end (D09): " + ("ruled out, it answers" if answers else "open"))
    assert ("has not been heard" in finding.explanation) != answers
    assert finding.fault is (Fault.SERVER if answers else Fault.UNDECIDED)
    assert (finding.confidence is Confidence.CERTAIN) == answers


@pytest.mark.parametrize("is_reused", [True, False])
def test_who_left_by_a_reset_that_was_thrown_away_waits_for_nothing(tmp_path: Path, is_reused: bool) -> None:
    """The reset counts a FIN that was never sent: its number is one too high. A SYN of the same port shows that its
    sender is gone."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER, stamps=False).play(HANDSHAKE)
        talk.play("1 > P. 143\n1.01 < .\n1.02 < P. 82\n1.03 < F.\n1.06 > . win=0")
        talk.play("4.5 > R seq=145\n4.501 < . win=0")
        if is_reused:
            for at in (600, 602, 606, 614):
                talk.play(f"{at} > S seq=3000000\n{at + 0.001} < . win=0 ack=144")
        else:
            wire.talk("10.0.0.1:40001", SERVER, at=600).play(HANDSHAKE)

    findings = told(tmp_path, play)
    assert "D28" in findings
    assert ("D10" in findings) != is_reused
    if is_reused:
        assert "D23" not in findings
        assert "nor after 3 further copies" in findings["D20"].explanation
        assert "fin-wait-2" in findings["D20"].advice


@pytest.mark.parametrize("speaks", [True, False])
def test_a_reset_that_answers_data_after_a_fin_is_told_so_though_a_fin_follows(
    tmp_path: Path, speaks: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE)
        talk.play("0.01 > P. 300\n0.02 < P. 354\n0.0201 > .\n0.0202 > F.")
        if speaks:
            talk.play("0.021 < P. 184 ack=301\n0.02101 > R seq=302")
        talk.play("0.0211 < .\n0.0212 < F.\n0.0213 > R seq=302")

    findings = told(tmp_path, play)
    assert ("D12" in findings) == speaks
    assert not speaks or "D27" not in findings


@pytest.mark.parametrize("is_used", [True, False])
def test_a_connection_ahead_of_need_is_closed_for_no_access_list(tmp_path: Path, is_used: bool) -> None:
    """A browser opens two connections and uses one; the server closes the other after a minute."""

    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE).play("60 < F.\n60.01 > .\n62 > F.\n62.01 < .")
        if is_used:
            wire.talk("10.0.0.1:40001", SERVER).play(HANDSHAKE).play("0.01 > P. 400\n0.02 < P. 220\n0.03 > .")

    finding = told(tmp_path, play)["D35"]
    assert (finding.severity is Severity.INFO) == is_used
    assert (
        any(rival.startswith("an access list") and "a possible cause" in rival for rival in finding.rivals)
        != is_used
    )
    assert ("/etc/hosts.allow" in finding.advice) != is_used


@pytest.mark.parametrize("client", ["10.0.0.2:40000", "10.0.0.1:40000"])
def test_who_asks_the_own_host_in_vain_knows_that_it_is_up(tmp_path: Path, client: str) -> None:
    def play(wire: Wire) -> None:
        wire.talk(client, SERVER).play("0 > S\n1 > S again\n3 > S again\n7 > S again\n15 > S again")

    finding = told(tmp_path, play)["D01"]
    is_own = client.startswith("10.0.0.2:")
    down = next(rival for rival in finding.rivals if rival.startswith("the host is down"))
    assert ("ruled out" in down) == is_own
    assert ("device on the way" in " ".join(finding.doubts)) is False
    assert ("if not, the path does" in finding.advice) != is_own


@pytest.mark.parametrize("reset", ["R. seq=77", "R seq=77"])
def test_who_breaks_off_a_transfer_that_hangs_has_not_got_the_large_segments(
    tmp_path: Path, reset: str
) -> None:
    """The end of the answer is small, and arrives; what is large does not. Then the client's program gives up."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE)
        talk.play("0.01 > P. 76\n0.011 < .\n0.02 < . 1448\n0.0201 < . 1448\n0.0202 < P. 444")
        talk.play("0.06 > . ack=1 sack=2897-3341")
        for at in (0.3, 0.8, 1.8, 3.8, 5.0):
            talk.play(f"{at} < . 1448 seq=1")
        talk.play(f"5.1 > . ack=1 sack=2897-3341\n8 > {reset} ack=1")

    assert ("D24" in told(tmp_path, play)) == reset.startswith("R.")


@pytest.mark.parametrize("copies", [0, 1])
def test_resets_that_answer_what_still_came_are_more_than_one_frame(tmp_path: Path, copies: int) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE)
        talk.play("0.01 > P. 471\n0.015 < .\n0.04 > R.\n0.045 < P. 331\n0.0451 < . 1400")
        if copies:
            talk.play("0.05 > R seq=472")

    doubts = " ".join(told(tmp_path, play)["D27"].doubts)
    assert ("one frame is all" in doubts) != bool(copies)


@pytest.mark.parametrize("silence", [5, 45])
def test_a_reset_long_after_the_other_ends_last_segment_says_how_long(tmp_path: Path, silence: int) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE)
        talk.play(f"0.01 > P. 100\n0.02 < P. 900\n0.03 > .\n{silence + 0.03} < R.")

    assert ("and had sent nothing for 45 s" in told(tmp_path, play)["D27"].explanation) == (silence == 45)


@pytest.mark.parametrize(("waited", "speaks"), [(1.1, False), (15.3, False), (15.3, True)])
def test_a_syn_ack_that_comes_again_only_after_many_seconds_was_put_off(
    tmp_path: Path, waited: float, speaks: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER).play(HANDSHAKE)
        talk.play(f"{waited} < S. again\n{waited + 0.0001} > .")
        if speaks:
            talk.play(f"{waited + 0.1} < P. 40\n{waited + 0.1001} > .")

    finding = told(tmp_path, play)["D05"]
    lost = next(rival for rival in finding.rivals if rival.startswith("one lost ACK"))
    assert ("unlikely" in lost) == (waited > 5)
    assert ("then accepted" in finding.explanation) == speaks


@pytest.mark.parametrize(("port", "client_asks"), [(2049, True), (2050, False)])
def test_a_file_server_is_the_server_though_its_client_asks_from_a_system_port(
    tmp_path: Path, port: int, client_asks: bool
) -> None:
    """The capture begins in the middle: nothing but the ports tells who serves."""
    wire = Wire()
    talk = wire.talk("10.0.0.1:909", f"10.0.0.2:{port}")
    talk.play("0 > P. 120\n0.001 < P. 80\n0.002 > .\n1 > P. 120\n1.001 < P. 80\n1.002 > .")
    path = tmp_path / "file-server.pcap"
    path.write_bytes(pcap(wire.in_order()))
    (connection,) = analyze(path).connections()
    assert (connection.client.port == 909) == client_asks


@pytest.mark.parametrize("has_spoken", [True, False])
def test_who_is_only_seen_to_reset_may_have_left_before_the_capture_began(
    tmp_path: Path, has_spoken: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", SERVER)
        talk.play(("0 > . 0\n" if has_spoken else "") + "1 < P. 24\n1.0001 > R seq=0\n1.0002 < F.")

    finding = told(tmp_path, play)["D07"]
    assert any("before the capture began" in rival for rival in finding.rivals) != has_spoken
