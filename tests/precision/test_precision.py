"""The drawing is fair and repeatable, and the verdicts are whole."""

from collections import Counter
from pathlib import Path

import pytest

import wirestat
from tests.precision.again import again, client_of
from tests.precision.draw import draw
from tests.precision.verdicts import Verdict, missing, table, verdicts
from wirestat.diagnosis.manual import catalogue
from wirestat.model import Confidence, Severity

CAPTURES = Path(__file__).parents[2] / "pcaps" / "field"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few stories, and something that is no capture."""
    into = tmp_path_factory.mktemp("captures")
    for story in sorted(CAPTURES.glob("*nat*")):
        (into / f"{story.name}.pcap").write_bytes((story / "capture.pcap").read_bytes())
    (into / "README.md").write_text("no capture")
    return into


def test_draws_the_same_for_the_same_seed(folder: Path) -> None:
    def names() -> list[tuple[str, str]]:
        return [(one.capture.name, one.name) for one in draw(folder, each=2, seed=7)]

    assert names()
    assert names() == names()


def test_draws_so_many_of_each_rule_at_each_confidence(folder: Path) -> None:
    cells = Counter((one.finding.id, one.finding.confidence) for one in draw(folder, each=1, seed=1))
    assert set(cells.values()) == {1}


def test_every_verdict_is_whole() -> None:
    rules = {rule.id for rule in catalogue()}
    for one in verdicts():
        assert one.finding.partition(".")[0] in rules, one
        assert one.confidence in set(Confidence), one
        assert one.severity in set(Severity), one
        assert one.reason.endswith("."), one
        assert not (one.right and one.mended), one


def test_what_is_missing_names_a_rule_and_gives_a_reason() -> None:
    rules = {rule.id for rule in catalogue()}
    for one in missing():
        assert one.finding in rules, one
        assert one.reason.endswith("."), one


def test_the_count_covers_all() -> None:
    every = verdicts()
    last = [one for one in every if one.reading == every[-1].reading]
    assert f"of {len(last):>4} right" in table()[-1]


def test_the_last_reading_after_mending_is_above_the_bars() -> None:
    mended = [one for one in verdicts() if not one.is_fresh]
    last = [one for one in mended if one.reading == mended[-1].reading]
    assert len(last) >= 120
    for bar, some in (
        (0.98, [one for one in last if one.confidence == "certain"]),
        (0.95, [one for one in last if one.severity == "error"]),
        (0.90, last),
    ):
        assert sum(one.right for one in some) >= bar * len(some)


def test_verdicts_are_compared_with_todays_findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    story = "forged-refusals-before-syn-ack"
    (tmp_path / "a+b").mkdir()
    (tmp_path / "a+b" / "x.pcap").write_bytes((CAPTURES / story / "capture.pcap").read_bytes())
    report = wirestat.analyze(tmp_path / "a+b" / "x.pcap")
    client = client_of(report, 1)
    kept = [
        Verdict("a/b", "x.pcap", "D18", "likely", "error", True, "It is.", client=client),
        Verdict("a/b", "x.pcap", "D07", "likely", "error", False, "It is not.", client=client),
    ]
    monkeypatch.setattr("tests.precision.again.verdicts", lambda: kept)
    told = again(tmp_path)
    assert "all           1 of    1 right, 100 %" in told
    assert "no longer said: 1 that were wrong, 0 that were right" in told
