"""D47: the first packet after each silence is lost."""

from pathlib import Path

import pytest

from tests.diagnosis.builders import found, look
from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Confidence, Fault, Severity
from wirestat.timers import SECOND

ASLEEP = look(
    "client:idle-gap",
    "client:survived-gap",
    "client:probe-lost-after-idle",
    "client:sent-data",
    figures={"client:survived-gap": 7200 * SECOND, "client:probe-lost-after-idle": 3},
)


def test_a_path_that_sleeps() -> None:
    finding = found(ASLEEP)["D47"]
    assert (finding.severity, finding.fault) == (Severity.NOTE, Fault.PATH)
    assert "broke a silence of 2 h" in finding.explanation
    assert "3 times the first went unanswered" in finding.explanation


def test_one_loss_is_chance_unless_it_happens_again_elsewhere() -> None:
    once = ASLEEP._replace(figures={"client:survived-gap": 7200 * SECOND, "client:probe-lost-after-idle": 1})
    assert "D47" not in found(once)
    assert "D47" not in found(once, once)  # at one instant: one spell of a bad path
    later = once._replace(frame_of={"client:probe-lost-after-idle": 80})
    finding = found(once, later)["D47"]
    assert (finding.severity, finding.confidence) == (Severity.INFO, Confidence.POSSIBLE)


def test_a_segment_not_captured_may_have_been_answered() -> None:
    assert "D47" not in found(ASLEEP.also("one-way"))
    assert "D47" not in found(ASLEEP._replace(changes={"server_end": {"unseen_bytes": 10}}))
    assert "D47" not in found(look("client:idle-gap", "client:survived-gap", "client:sent-data"))


def test_probes_in_vain_before_the_other_end_speaks_again() -> None:
    probed = look(
        "client:idle-gap",
        "client:keepalive-sent",
        "client:keepalive-unanswered",
        figures={"client:keepalive-sent": 7200 * SECOND, "client:keepalive-unanswered": 3},
        frame_of={"client:keepalive-unanswered": 12},
    )
    finding = found(probed)["D47"]
    assert "2 probes in a row went unanswered" in finding.explanation
    once = {"client:keepalive-sent": 7200 * SECOND, "client:keepalive-unanswered": 2}
    finding = found(probed._replace(figures=once))["D47"]
    assert (finding.severity, finding.confidence) == (Severity.NOTE, Confidence.POSSIBLE)
    assert "in a row" not in finding.explanation  # the second of them was answered
    dead = probed._replace(frame_of={"client:keepalive-unanswered": 30})
    assert "D47" not in found(dead)


def test_a_probe_after_another_silence_is_the_next_and_no_copy() -> None:
    probed = look(
        "client:keepalive-sent",
        "client:keepalive-unanswered",
        figures={"client:keepalive-sent": SECOND, "client:keepalive-unanswered": 2},
        frame_of={"client:keepalive-unanswered": 12},
    )
    assert "D47" not in found(probed)


@pytest.mark.parametrize(
    ("pause", "lost", "is_told"),
    [
        (4.5, (1, 2, 3, 4), True),
        (4.5, (1, 2, 4), False),  # the third came through
        (1.0, (1, 2, 3, 4), False),
        (4.5, (0, 1, 2, 3, 4), False),  # whatever is asked comes again, after a pause or not
    ],
)
def test_each_request_after_a_short_pause_is_sent_twice(
    tmp_path: Path, pause: float, lost: tuple[int, ...], is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.9:40000", "10.0.0.2:9100").play(GREETING)
        if 0 in lost:
            talk.play("0.01 > P. 30\n0.2301 > P. again\n0.24 < P. 30\n0.2401 > .")
        for number in range(1, 5):
            at = number * pause
            talk.play("0 > P. 30\n" + ("0.22 > P. again\n" if number in lost else ""), at)
            talk.play("0.23 < P. 30\n0.2301 > .", at)

    finding = told(tmp_path, play).get("D47")
    assert (finding is not None) is is_told
    if finding:
        assert "paused 4 times" in finding.explanation
        assert (finding.severity, finding.confidence) == (Severity.NOTE, Confidence.LIKELY)


def test_requests_that_came_twice_were_not_lost(tmp_path: Path) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40000", "10.0.0.2:502").play(GREETING)
        for number in range(1, 8):
            began = talk.client.next
            talk.play(f"{5 * number} > P. 24\n{5 * number}.2 > P. again\n{5 * number}.21 < P. 60")
            talk.play(f"{5 * number}.211 < . sack={began}-{began + 24}\n{5 * number}.212 > .")

    assert "D47" not in told(tmp_path, play)
