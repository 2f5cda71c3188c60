"""D34: whether the answer to the first SYN was lost, or late."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Fault, Finding


def slow_connect(tmp_path: Path, way: float, syn_ack: float) -> Finding:
    """The finding on a SYN-ACK that echoes the first SYN and comes after its copy, beside three quick connects."""

    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=5.0 * number)
            talk.play(f"0 > S\n{way} < S.\n{way + 0.0001} > .")
        talk = wire.talk("10.0.0.1:50001", "10.0.0.2:80", at=20)
        talk.play(f"0 > S ts=5000\n1.022 > S again ts=6022\n{syn_ack} < S. echo=5000\n{syn_ack + 0.0001} > .")
        talk.play(f"{1.022 + way} < S. again echo=5000\n{1.0221 + way} > .")

    return told(tmp_path, play)["D34"]


def test_a_syn_ack_after_the_time_out_of_the_server_is_a_copy(tmp_path: Path) -> None:
    finding = slow_connect(tmp_path, way=0.02, syn_ack=1.032)
    assert "its first SYN was answered, and the answer did not arrive" in finding.explanation
    assert finding.fault is Fault.PATH


def test_a_syn_ack_at_another_time_was_late(tmp_path: Path) -> None:
    finding = slow_connect(tmp_path, way=0.3, syn_ack=1.2)
    assert "its first SYN was answered late" in finding.explanation


@pytest.mark.parametrize(
    ("timer", "expected"),
    [(False, "answered late"), (True, "the answer did not arrive")],
    ids=["copy", "timer"],
)
def test_the_syn_ack_that_opens_is_the_first_or_one_that_a_timer_sent(
    tmp_path: Path, expected: str, *, timer: bool
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:50001", "10.0.0.2:80")
        talk.play("0 > S ts=5000\n0.0001 < S. ts=1000 echo=5000")
        if timer:
            talk.play("1.019 < S. again ts=2019 echo=5000")
        talk.play("1.03 > S again ts=6030\n1.0301 < S. again ts=2030 echo=5000")
        talk.play(f"1.05 > . ts=6050 echo={2019 if timer else 1000}")

    assert expected in told(tmp_path, play)["D34"].explanation


@pytest.mark.parametrize(
    ("way", "expected"),
    [(0.95, "answered late"), (1.33, "went unanswered")],
    ids=["sooner-than-a-copy", "its-copy-is-missing"],
)
def test_an_answer_that_came_later_than_any_copy_measures_no_way(
    tmp_path: Path, way: float, expected: str
) -> None:
    def play(wire: Wire) -> None:
        talk = wire.talk("10.0.0.1:40001", "10.0.0.2:80", stamps=False)
        talk.play(f"0 > S\n{way} < S.\n{way + 0.02} > .")
        talk = wire.talk("10.0.0.1:50001", "10.0.0.2:80", at=5, stamps=False)
        talk.play("0 > S\n1 > S again\n1.16 < S.\n1.18 > .")

    finding = told(tmp_path, play)["D34"]
    assert expected in finding.explanation
    assert any("lost on its way back" in rival for rival in finding.rivals) == (way > 1)


def stood_still(tmp_path: Path, *, lets_in: bool = False, resends: bool = False) -> Finding:
    """The finding on connects that begin after three requests which wait, and are opened as these are answered."""

    def play(wire: Wire) -> None:
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=float(number))
            talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.002 > P. 30")
            if resends:
                talk.play("0.3 > P. 30 again")
            talk.play(f"0.301 < .\n{9.0001 - number} < P. 50\n{9.0002 - number} > .")
        for number in range(3):
            talk = wire.talk(f"10.0.0.1:{50_001 + number}", "10.0.0.2:80", at=3 + number / 10)
            talk.play("0 > S\n1 > S again\n3 > S again\n7 > S again\n7.001 < S.\n7.0011 > .")
            talk.play("7.002 > P. 30\n7.003 < .\n7.004 < P. 50\n7.0041 > .")
        if lets_in:
            talk = wire.talk("10.0.0.1:60001", "10.0.0.2:80", at=5)
            talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.002 > P. 30\n0.003 < .\n0.004 < P. 50\n0.0041 > .")

    return told(tmp_path, play)["D34"]


def test_syns_that_wait_for_a_program_which_stands_still(tmp_path: Path) -> None:
    finding = stood_still(tmp_path)
    assert finding.count == 3
    assert finding.fault is Fault.SERVER
    assert "The server's program stood still until" in finding.explanation
    assert "3 connections of before" in finding.explanation


@pytest.mark.parametrize("changes", [{"lets_in": True}, {"resends": True}], ids=["lets-in", "path-was-cut"])
def test_syns_in_vain_while_the_program_or_the_path_is_otherwise(
    tmp_path: Path, changes: dict[str, bool]
) -> None:
    finding = stood_still(tmp_path, **changes)
    assert "stood still" not in finding.explanation
    assert finding.fault is Fault.UNDECIDED


def queued(tmp_path: Path, *, at: float, crowd: int = 8, takes: float = 1.0) -> Finding:
    """The finding on a connect whose first SYN is in vain, beside a crowd that is served one by one for 2.4 s.

    It ``takes`` so long to connect.
    """

    def play(wire: Wire) -> None:
        for number in range(crowd):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=0.001 * number)
            talk.play("0 > S\n0.001 < S.\n0.0011 > .\n0.002 > P. 30\n0.003 < .")
            talk.play(f"{0.3 * (number + 1)} < P. 50\n{0.3 * (number + 1) + 0.0001} > .")
        talk = wire.talk("10.0.0.1:50001", "10.0.0.2:80", at=at)
        talk.play(
            f"0 > S\n{takes} > S again\n{takes + 0.001} < S.\n{takes + 0.0011} > .\n{takes + 0.002} > P. 30\n"
            f"{takes + 0.003} < .\n{takes + 1.68} < P. 50\n{takes + 1.6801} > ."
        )

    return told(tmp_path, play)["D34"]


def test_a_syn_that_meets_a_queue_before_a_server_of_one_request_at_a_time(tmp_path: Path) -> None:
    finding = queued(tmp_path, at=0.02)
    assert finding.fault is Fault.SERVER
    assert "8 clients waited already when it came: its accept queue was full" in finding.explanation


def test_a_syn_that_met_a_queue_may_come_again_when_that_is_empty(tmp_path: Path) -> None:
    assert "its accept queue was full" in queued(tmp_path, at=0.02, takes=4.0).explanation


@pytest.mark.parametrize(
    "changes",
    [{"at": 5.0}, {"at": 0.02, "crowd": 4}, {"at": 0.02, "takes": 8.0}],
    ids=["afterwards", "small-crowd", "mostly-afterwards"],
)
def test_a_syn_that_meets_nobody_is_lost_for_other_reasons(tmp_path: Path, changes: dict[str, float]) -> None:
    finding = queued(
        tmp_path, at=changes["at"], crowd=int(changes.get("crowd", 8)), takes=changes.get("takes", 1)
    )
    assert finding.fault is Fault.UNDECIDED
    assert "one request at a time" not in finding.explanation
