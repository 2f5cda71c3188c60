"""D45: segments that are dropped for what they carry."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import T0, Look, found, listener, look
from tests.diagnosis.played import told
from tests.field.talk import HANDSHAKE, Wire
from wirestat.model import Confidence, Fault, Severity, State
from wirestat.timers import SECOND

UNANSWERED = look("client:syn-resent", client=State.SYN_SENT, server=State.UNKNOWN)
DAMAGED = UNANSWERED.also("client:syn-checksum-wrong")._replace(changes={"client_end": {"ttl": 52}})
OLDER = look(
    "client:tsval-backward", "client:syn-resent", "client:sent-data", figures={"client:tsval-backward": 900}
)
NEWER = look("client:sent-data", "server:sent-data")
IGNORED = look(
    "client:timestamps-missing",
    "server:syn-ack-resent-after-ack",
    client=State.ESTABLISHED,
    server=State.SYN_RECV,
)


def backward(*looks: Look) -> str:
    """The findings on time stamps that go backward, at a socket that answers."""
    finding = found(*looks, listeners=(listener(answered=4),)).get("D45")
    return f"{finding.confidence}: {finding.explanation}" if finding else ""


def test_a_syn_with_a_wrong_checksum() -> None:
    finding = found(DAMAGED)["D45"]
    assert (finding.severity, finding.fault) == (Severity.WARNING, Fault.PATH)
    assert "arrives at the tap with a wrong checksum, 5 times" in finding.explanation


def test_an_unrouted_syn_may_be_checksum_offload() -> None:
    assert found(DAMAGED._replace(changes={}))["D45"].confidence is Confidence.POSSIBLE


def test_a_wrong_checksum_that_was_answered_was_right_when_it_arrived() -> None:
    answered = look("client:syn-checksum-wrong", "client:sent-data", "server:sent-data")
    assert "D45" not in found(answered)


def test_time_stamps_that_go_backward() -> None:
    told = backward(OLDER, OLDER, NEWER, NEWER, NEWER)
    assert told.startswith("likely: 2 ")
    assert "goes backward by 900 ticks" in told
    assert backward(OLDER, NEWER).startswith("possible")


def test_clocks_of_each_connection_prove_nothing() -> None:
    taken = look("client:tsval-backward", "client:sent-data", "server:sent-data")
    assert backward(OLDER, OLDER, NEWER, taken) == ""
    resent = look("client:syn-resent", "client:sent-data", "server:sent-data")
    assert backward(OLDER, OLDER, NEWER, resent, resent) == ""


def test_a_missing_time_stamp() -> None:
    findings = found(IGNORED)
    assert findings["D45"].fault is Fault.CLIENT
    assert "without the time stamp that both ends had agreed on" in findings["D45"].explanation
    assert any("accept queue full: unlikely" in rival for rival in findings["D05"].rivals)


def test_a_missing_time_stamp_that_nobody_minds() -> None:
    assert "D45" not in found(look("client:timestamps-missing", "client:sent-data", "server:sent-data"))
    assert "D45" not in found(IGNORED.also("mid-stream"))


def test_damage_on_the_way() -> None:
    damaged = look("client:bad-checksum", "client:data-resent", "client:sent-data", "server:sent-data")
    assert found(damaged)["D45"].severity is Severity.NOTE
    assert "D45" not in found(look("client:bad-checksum", "client:sent-data", "server:sent-data"))


def test_odd_time_stamps_among_others_that_are_taken_do_no_harm() -> None:
    odd = look("client:paws-dropped", "client:sent-data", figures={"client:paws-dropped": 4})
    later, before = ({"client_end": {"last_time_ns": T0 + seconds * SECOND}} for seconds in (99, -1))
    assert "D45" not in found(odd._replace(changes=later))
    assert "nothing gets through" in found(odd._replace(changes=before))["D45"].explanation


def test_data_of_which_nothing_comes_with_a_right_checksum() -> None:
    hung = look("client:bad-checksum", figures={"client:bad-checksum": 7})
    finding = found(hung)["D45"]
    assert (finding.severity, finding.fault, finding.confidence) == (
        Severity.WARNING,
        Fault.PATH,
        Confidence.LIKELY,
    )
    assert "All data of client" in finding.explanation
    assert "7 segments in all" in finding.explanation
    assert "D45" not in found(look("client:bad-checksum", figures={"client:bad-checksum": 2}))


def test_damage_of_the_other_end_is_told_beside_checksums_that_are_filled_in_later(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.9:{40_000 + number}", "10.0.0.2:80", at=float(number), server_ttl=60)
            talk.play("0 > S\n0.02 < S.\n0.0201 > . bad\n0.0202 > P. 90 bad")
            talk.play("0.05 < . 1448 bad\n0.051 < P. 600\n0.0511 > . ack=1 bad\n0.26 < . 1448 seq=1")
            talk.play("0.2601 > . ack=2049 bad\n0.4 < . 1448 bad\n0.62 < . again\n0.6201 > . bad")

    finding = told(tmp_path, play)["D45"]
    assert "of server 10.0.0.2:80 came with a wrong checksum" in finding.explanation


def test_damaged_segments_whose_copies_are_the_first_that_count(tmp_path: Path) -> None:
    def play(wire: Wire, damaged: str = "bad") -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:80", server_ttl=60).play(HANDSHAKE)
        talk.play("0.002 > P. 90")
        for at in (1, 2, 3):
            talk.play(f"{at} < . 1448\n{at}.0001 > .\n{at}.001 < . 1448 {damaged}")
            talk.play(f"{at}.21 < . again\n{at}.2101 > ." if damaged else f"{at}.0011 > .")

    finding = told(tmp_path, play)["D45"]
    assert finding.explanation.startswith("3 segments of server 10.0.0.2:80 came with a wrong checksum")
    assert "D45" not in told(tmp_path, lambda wire: play(wire, ""))


def test_a_capture_whose_payload_was_changed_shows_no_damage(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:25", server_ttl=60).play(HANDSHAKE)
        for at in (1, 2, 3):
            talk.play(f"{at} < P. 71 bad\n{at}.01 > P. 35 bad\n{at}.02 < .\n{at}.03 < P. 40\n{at}.04 > .")

    assert "D45" not in told(tmp_path, play)


def test_time_stamps_that_are_lost_from_all_but_the_opening(tmp_path: Path) -> None:
    def play(wire: Wire, stamped: str = "nots") -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:80")
        talk.play(
            f"0 > S\n0.001 < S.\n0.0011 > . nots\n0.002 > P. 90 nots\n0.004 < P. 300\n0.0041 > . {stamped}"
        )
        talk.play("1 > F. nots\n1.001 < F.\n1.002 > . nots")

    finding = told(tmp_path, play)["D45"]
    assert finding.severity is Severity.NOTE
    assert "all after its opening" in finding.explanation
    assert "D45" not in told(tmp_path, lambda wire: play(wire, ""))


@pytest.mark.parametrize("stamps", ["nots", ""])
def test_answers_without_the_agreed_time_stamps_are_no_dead_host(tmp_path: Path, stamps: str) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:80").play(
            "0 > S\n0.001 < S.\n0.0011 > .\n0.002 > P. 100"
        )
        talk.play(f"0.003 < .\n0.01 < P. 300 {stamps}")
        talk.play("".join(f"{at} < P. again {stamps}\n" for at in (0.21, 0.63, 1.5, 3.2, 6.6, 13.4, 27.0)))

    assert set(told(tmp_path, play)) & {"D09", "D45"} == ({"D45"} if stamps else {"D09"})
