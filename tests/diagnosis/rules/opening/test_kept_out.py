"""D09, D56: servers that say nothing after their SYN-ACK, as one does whose accept queue is full."""

from pathlib import Path

from tests.diagnosis.played import told
from tests.field.talk import Wire
from wirestat.model import Finding

_COPIES = (0.3, 0.7, 1.5, 3.1, 6.3)


def burst(
    tmp_path: Path, served: int, kept: int, until: float = 0.0, taken: bool = False
) -> dict[str, Finding]:
    """The findings on connects of one instant: some are served after six seconds, the others' copies are not taken,
    or at last; one more begins after that, and is well."""

    def play(wire: Wire) -> None:
        for number in range(served + kept):
            talk = wire.talk(f"10.0.0.1:{40_001 + number}", "10.0.0.2:6379", at=number / 10_000)
            talk.play("0 > S\n0.04 < S.\n0.0401 > .\n0.041 > P. 6")
            if number < served or taken:
                talk.play("0.081 < .")
            if number < served:
                talk.play("6 < P. 7\n6.0001 > .\n6.01 > F.\n6.05 < F.\n6.0501 > .")
                continue
            for after in _COPIES:
                talk.play(f"{0.041 + after} > P. 6 seq=1" if not taken else f"{0.141 + after} > P. 9 seq=7")
            if until:
                talk.play(f"{until} < P. 7\n{until + 0.001} > .\n{until + 0.01} > F.\n{until + 0.05} < F.")
        late = wire.talk("10.0.0.1:41001", "10.0.0.2:6379", at=5.0)
        late.play("0 > S\n0.04 < S.\n0.0401 > .\n0.041 > P. 6\n0.09 < P. 7\n0.0901 > .\n0.1 > F.\n0.15 < F.")

    return told(tmp_path, play)


def _rivals(finding: Finding) -> str:
    return "\n".join(f"{rival}" for rival in finding.rivals)


def test_a_burst_of_which_some_are_served_fills_a_queue(tmp_path: Path) -> None:
    finding = burst(tmp_path, served=4, kept=7)["D09"]
    assert finding.count == 7
    assert "its accept queue was full, it seems" in finding.explanation
    assert "drops this connection alone" not in finding.explanation
    assert "SYN cookies" in _rivals(finding)
    assert "unlikely, the handshake came through" in _rivals(finding)


def test_one_that_is_not_taken_may_have_met_a_full_queue(tmp_path: Path) -> None:
    finding = burst(tmp_path, served=4, kept=1)["D09"]
    assert "its accept queue was full" not in finding.explanation
    assert "SYN cookies" in _rivals(finding)


def test_one_that_was_taken_before_met_no_full_queue(tmp_path: Path) -> None:
    finding = burst(tmp_path, served=4, kept=7, taken=True)["D09"]
    assert "accept queue" not in finding.explanation + _rivals(finding)


def test_first_words_that_are_taken_at_last_may_have_waited_for_the_queue(tmp_path: Path) -> None:
    finding = burst(tmp_path, served=4, kept=5, until=9.0)["D56"]
    assert "SYN cookies" in _rivals(finding)
