"""The manual pages, as typed for."""

import pytest

from wirestat.commands import main
from wirestat.diagnosis.manual import catalogue


@pytest.mark.parametrize("typed", ["D05", "d5", "5", "final-ack-ignored", "Final ACK ignored"])
def test_finds_a_diagnosis_by_id_and_by_name(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", typed]) == 0
    assert capsys.readouterr().out.startswith(
        "D05  Final ACK ignored  (final-ack-ignored, warning)\n\nThe server sends its"
    )


def test_lists_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.id for rule in catalogue()]


@pytest.mark.parametrize("typed", ["D99", "nonsense", "", "d", "²"])
def test_an_unknown_diagnosis_is_an_error(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", typed]) == 2
    assert "no diagnosis is called" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [80, 100])
def test_a_page_keeps_to_the_terminal(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for rule in catalogue():
        assert main(["explain", rule.id]) == 0
        assert max(map(len, capsys.readouterr().out.splitlines())) <= columns


def test_a_part_of_a_name_is_answered_with_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "CLOSE_WAIT"]) == 2
    assert "there is close-wait-held (D10), close-wait-pile (D31)" in capsys.readouterr().err
