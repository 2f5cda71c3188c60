"""Cases that look like a fault of an application, a host or a listener and are none: each beside the true one."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire


@pytest.mark.parametrize(("segments", "hangs_up"), [(1, True), (60, False)])
def test_a_sink_that_takes_an_upload_does_not_hang_up(
    tmp_path: Path, segments: int, *, hangs_up: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:5201").play(HANDSHAKE)
        for number in range(segments):
            talk.play(f"{0.1 + number / 10} > P. 1400\n{0.101 + number / 10} < .")
        talk.play("9 < F.\n9.001 > .\n9.01 > F.\n9.011 < .")

    assert ("D35" in told(tmp_path, play)) is hangs_up


@pytest.mark.parametrize("both", [False, True])
def test_a_path_of_a_connection_with_several_tells_nothing_of_words(tmp_path: Path, *, both: bool) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:5201")
        talk.play(f"0 > S mptcp\n0.01 < S. {'mptcp' if both else ''}\n0.011 > .")
        talk.play("0.1 > P. 300\n0.101 < .\n2 < F.\n2.001 > .\n2.01 > F.\n2.011 < .")

    assert ("D35" in told(tmp_path, play)) is not both


@pytest.mark.parametrize(
    ("after", "who"), [(0.01, "nothing listens"), (12.0, "in the client's name, and gave up")]
)
def test_no_host_refuses_after_seconds(tmp_path: Path, after: float, who: str) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", "10.0.0.2:80").play(f"0 > S\n3 > S again\n9 > S again\n{9 + after} < R.")

    assert who in told(tmp_path, play)["D02"].explanation


def test_a_reset_for_who_has_given_up_is_no_abort(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        wire.talk("10.0.0.1:40000", "10.0.0.2:80").play("0 > S\n12.1 < R.")

    findings = told(tmp_path, play)
    assert "a reset 12.1 s after the last of them" in findings["D02"].explanation
    assert "D27" not in findings


def test_an_octet_sent_again_is_called_so(tmp_path: Path) -> None:
    def play(wire: Wire, octets: int) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:102").play(HANDSHAKE)
        talk.play("0.1 > P. 100\n0.11 < . \n0.2 < P. 100\n0.21 > .")
        talk.play(f"5 > P. {octets}" + "".join(f"\n{5 + n} > P. {octets} again" for n in range(1, 12)))
        wire.talk("10.0.0.1:40001", "10.0.0.2:102", at=40).play(HANDSHAKE)

    assert "sent one octet again" in told(tmp_path, lambda wire: play(wire, 1))["D09"].explanation
    assert "resent the same data" in told(tmp_path, lambda wire: play(wire, 10))["D09"].explanation


def test_a_reset_is_no_copy_of_a_syn_ack(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80")
        talk.play("0 > S\n0.01 < S.\n1.01 < S. again\n3.01 < S. again")

    assert "sent its SYN-ACK 3 times" in told(tmp_path, play)["D04"].explanation


@pytest.mark.parametrize(("resent", "races"), [("", True), ("6.0 > P. 200 again\n", False)])
def test_a_client_that_waits_for_acknowledgements_is_not_idle(
    tmp_path: Path, resent: str, *, races: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80").play(HANDSHAKE)
        talk.play("0.1 > P. 100\n0.11 < P. 200\n0.12 > .\n5.8 > P. 200\n" + resent + "6.01 < . ")
        talk.play("11.01 < F.\n11.0101 > P. 100 ack=201\n11.02 < R seq=202")

    assert ("D17" in told(tmp_path, play)) is races
