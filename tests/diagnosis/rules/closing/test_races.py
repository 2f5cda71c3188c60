"""D17: races between a server's idle time-out and the next request, one of them or several alike."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Finding

SEVERAL = "one capture does not tell which of its time-outs it is"
ALONE = "the same silence on several connections would prove the time-out"


def raced(tmp_path: Path, silences: tuple[float, ...], *, apart: float = 3.0, trip: float = 0.06) -> Finding:
    """The finding on requests that cross the close of a server at the client's tap, after such silences."""

    def play(wire: Wire) -> None:
        for number, silence in enumerate(silences):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:80", at=apart * number)
            talk.play(f"0 > S\n{trip} < S.\n{trip + 0.0001} > .\n{trip + 0.0002} > P. 158")
            answered = 2 * trip + 0.0005
            talk.play(f"{answered} < P. 838\n{answered + 0.0001} > .")
            asked = answered + silence
            talk.play(
                f"{asked} > P. 158\n{asked + 0.3 * trip} < F. ack=159\n{asked + 0.3 * trip + 0.0001} > F."
            )
            talk.play(f"{asked + 1.1 * trip} < R noack")

    return told(tmp_path, play)["D17"]


def test_several_silences_of_one_length_are_a_time_out(tmp_path: Path) -> None:
    finding = raced(tmp_path, (0.976, 0.978, 0.977, 0.976))
    assert "The silence was as long on 3 others of this socket: a time-out runs out." in finding.explanation
    assert finding.doubts == (SEVERAL,)


@pytest.mark.parametrize(
    ("silences", "apart"),
    [((0.976, 0.978), 3.0), ((0.9, 1.9, 3.9, 7.9), 3.0), ((0.976, 0.978, 0.977, 0.976), 0.001)],
    ids=["two", "unlike", "one instant"],
)
def test_few_or_unlike_silences_prove_no_time_out(
    tmp_path: Path, silences: tuple[float, ...], apart: float
) -> None:
    finding = raced(tmp_path, silences, apart=apart)
    assert "a time-out runs out" not in finding.explanation
    assert finding.doubts == (ALONE,)


@pytest.mark.parametrize(("trip", "is_told"), [(0.06, True), (0.004, False)])
def test_the_server_s_own_clock_starts_a_round_trip_before(
    tmp_path: Path, trip: float, *, is_told: bool
) -> None:
    finding = raced(tmp_path, (0.976,), trip=trip)
    assert (
        "counts from its own last word, up to about a round trip before" in finding.explanation
    ) is is_told
