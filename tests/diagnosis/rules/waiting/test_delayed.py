"""D53: words that wait for acknowledgements, and those that hardly do."""

from tests.diagnosis.builders import Look, found, look
from wirestat.model import Severity
from wirestat.timers import MILLISECOND


def waited(total_ms: int, turns: int) -> Look:
    """A server that waited so long in all, and spoke so often."""
    return look(
        "client:sent-data",
        "server:sent-data",
        "server:waited-for-ack",
        figures={"server:waited-for-ack": total_ms * MILLISECOND},
    )._replace(changes={"server_end": {"turns": turns}})


def test_each_answer_that_waits() -> None:
    finding = found(waited(480, 12))["D53"]
    assert finding.severity is Severity.NOTE
    assert "waited about 480 ms in all" in finding.explanation
    assert "leaves in two pieces" in finding.explanation


def test_little_in_all_is_no_more_than_information() -> None:
    assert found(waited(160, 4))["D53"].severity is Severity.INFO


def test_a_few_waits_among_many_answers_are_no_habit() -> None:
    assert "D53" not in found(waited(1_400, 690))


def test_one_long_answer_bit_by_bit() -> None:
    assert "has one segment under way at a time" in found(waited(3_800, 1))["D53"].explanation


def test_whole_segments_that_wait_are_no_matter_of_nagle_alone() -> None:
    def rivals(size: int) -> tuple[str, ...]:
        told = waited(480, 12)
        return found(told._replace(changes={"server_end": {"turns": 12, "bytes": size}}))["D53"].rivals

    assert any("keeps one write under way" in rival for rival in rivals(90_000))
    assert not any("keeps one write under way" in rival for rival in rivals(9_000))
