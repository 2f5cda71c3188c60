"""D46: two ends that answer each other for ever."""

from pathlib import Path

from tests.diagnosis.builders import found, look
from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Confidence, Fault, Finding, Severity

LOOP = look(
    "client:rst-sent",
    "client:rst-in-window",
    "server:challenge-ack",
    "client:reset-loop",
    figures={"client:reset-loop": 40},
)


def test_resets_and_challenge_acks_in_turn() -> None:
    findings = found(LOOP)
    assert findings.keys() == {"D46"}
    finding = findings["D46"]
    assert (finding.severity, finding.fault) == (Severity.WARNING, Fault.CLIENT)
    assert "the same reset came 40 times" in finding.explanation


def test_acknowledgements_in_turn() -> None:
    storm = look("client:reset-loop", "server:reset-loop", figures={"server:reset-loop": 7})
    finding = found(storm)["D46"]
    assert finding.fault is Fault.UNDECIDED
    assert "the same acknowledgement, which is thrown away, came 7 times" in finding.explanation


def test_one_blind_reset_is_no_loop() -> None:
    assert "D46" not in found(look("client:rst-sent", "client:rst-in-window", "server:challenge-ack"))


def asked_for_another(tmp_path: Path, resent: str, asked: int, farewell: str = "") -> Finding | None:
    """The finding of a board that repeats what its client does not ask for, six times."""

    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.9:23", stamps=False).play(GREETING)
        talk.play("1 < P. 500\n1.001 < P. 500 lost\n1.002 < P. 500\n1.0021 > . ack=801")
        for second in range(2, 8):
            talk.play(f"{second} < P. {resent}\n{second}.0002 > . ack={asked}")
        talk.play(farewell)

    return told(tmp_path, play).get("D46")


def test_an_end_that_repeats_what_nobody_lacks(tmp_path: Path) -> None:
    finding = asked_for_another(tmp_path, "500 seq=1301", 801)
    assert finding is not None
    assert finding.confidence is Confidence.POSSIBLE
    assert "answered each copy by asking for other octets" in finding.explanation


def test_an_end_that_does_not_understand_a_number_inside_of_what_it_repeats(tmp_path: Path) -> None:
    assert asked_for_another(tmp_path, "600 seq=301", 801) is not None
    assert asked_for_another(tmp_path, "600 seq=301", 801, "9 < R.") is not None


def test_an_end_that_repeats_what_is_lacking_is_in_no_loop(tmp_path: Path) -> None:
    assert asked_for_another(tmp_path, "500 seq=801", 801) is None


def test_resets_that_answer_copies_are_no_loop(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.9:23", stamps=False)
        for second in (1, 2, 4, 8, 16, 32):
            talk.play(f"{second} < S. seq=1 ack=101\n{second}.0001 > R seq=101")

    findings = told(tmp_path, play)
    assert "D46" not in findings
    assert "The same reset came 6 times: it answers what server" in findings["D27"].explanation


def test_a_reset_that_comes_by_the_timer_of_something_unseen(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.9:23", stamps=False)
        talk.play("\n".join(f"{second} > R seq=101" for second in (0, 1, 3, 7)))

    finding = told(tmp_path, play)["D27"]
    assert finding.fault is Fault.UNDECIDED
    assert (
        "came 4 times: it answers something of server 10.0.0.9:23 that was not captured"
        in finding.explanation
    )
    assert "one frame is all that shows it" not in finding.doubts
