"""The drawing is fair and repeatable, and the verdicts are whole."""

from collections import Counter
from pathlib import Path

import pytest

from tests.precision.draw import draw
from tests.precision.verdicts import Verdict, table, verdicts
from wirestat.diagnosis import catalogue
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


@pytest.mark.parametrize("one", verdicts(), ids=lambda one: f"{one.capture}-{one.finding}")
def test_a_verdict_is_whole(one: Verdict) -> None:
    assert one.finding.partition(".")[0] in {rule.id for rule in catalogue()}
    assert one.confidence in set(Confidence)
    assert one.severity in set(Severity)
    assert one.reason.endswith(".")
    assert not (one.right and one.mended)


def test_the_count_covers_all() -> None:
    assert f"of {len(verdicts()):>4} right" in table()[-1]
