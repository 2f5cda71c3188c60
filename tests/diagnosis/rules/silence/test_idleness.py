"""D09: silences that connections of a socket died of, beside those that others of it lived through."""

from pathlib import Path

import pytest

from tests.diagnosis.played import told
from tests.field.talk import GREETING, Wire
from wirestat.model import Finding

COPIES = (0.2, 0.6, 1.4, 3.0, 6.2, 12.6)


def silent(tmp_path: Path, deadly: tuple[float, ...], *, stays: bool = True, lived: float = 5.0) -> Finding:
    """The finding on words after such silences that nobody answers, beside others that are answered after theirs."""

    def play(wire: Wire) -> None:
        for number, silence in enumerate((lived, 4.0, *deadly)):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:11211", at=0.01 * number).play(GREETING)
            if number > 1:
                copies = "\n".join(f"{silence + after} > P. again" for after in COPIES)
                talk.play(f"{silence} > P. 9\n{copies}")
                continue
            for turn in range(1, 5 if stays else 2):
                at = silence * turn
                talk.play(f"{at} > P. 84\n{at + 0.001} < P. 30\n{at + 0.0011} > .")

    return told(tmp_path, play)["D09"]


def test_a_clean_split_by_silence_names_the_bracket(tmp_path: Path) -> None:
    finding = silent(tmp_path, (9.0, 9.0))
    assert "The 2 connections to this socket that were silent for 9.2 s or longer died" in finding.explanation
    assert "the others lived through 5 s at most" in finding.explanation
    assert any(
        "(D08): open, it would lie between the 5 s that others lived through and 9.2 s" in rival
        for rival in finding.rivals
    )


@pytest.mark.parametrize(
    ("deadly", "stays", "lived"),
    [
        ((9.0,), True, 5.0),  # one may be chance
        ((9.0, 9.0), False, 5.0),  # nobody who was open then was heard after it: one instant explains all
        ((9.0, 9.0), True, 8.9),  # as long a silence was lived through
        ((9.0, 9.0, 0.5), True, 5.0),  # one died of no silence at all
    ],
    ids=["one", "instant", "as long", "without a silence"],
)
def test_without_a_clean_split_a_short_silence_is_hardly_a_cause(
    tmp_path: Path, deadly: tuple[float, ...], lived: float, *, stays: bool
) -> None:
    finding = silent(tmp_path, deadly, stays=stays, lived=lived)
    assert "or longer died" not in finding.explanation
    assert not any("it would lie between" in rival for rival in finding.rivals)


@pytest.mark.parametrize(("every", "is_told"), [(600, True), (1190, False)])
def test_probes_that_were_answered_tell_of_silences_that_were_lived_through(
    tmp_path: Path, every: int, *, is_told: bool
) -> None:
    def play(wire: Wire) -> None:
        sound = wire.talk("10.0.0.1:40000", "10.0.0.2:5672").play(GREETING)
        for probe in range(1, 6):
            sound.play(f"{every * probe} > . seq=100\n{every * probe + 0.002} < .")
        for number in range(2):
            talk = wire.talk(f"10.0.0.3:{40_001 + number}", "10.0.0.2:5672", at=100.0 * number).play(GREETING)
            talk.play("".join(f"{1200 + 75 * copy} > . seq=100\n" for copy in range(9)) + "1875 > R.")

    assert ("lived through 10 min at most" in told(tmp_path, play)["D09"].explanation) == is_told
