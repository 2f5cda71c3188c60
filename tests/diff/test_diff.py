"""Differences are told, and chance is not."""

import json
import random
from pathlib import Path

import pytest

from tests import programs
from tests.diff.services import Service
from wirestat.diff.chance import of_clustered_shares, of_samples, of_shares, together
from wirestat.diff.changes import FINDING, Shift
from wirestat.model import Severity

MS = 1_000_000


def run(*arguments: str | Path, code: int = 0) -> str:
    done = programs.run("diff", *arguments)
    assert (done.returncode, done.stderr) == (code, b"")
    return done.stdout.decode()


def told(*arguments: str | Path, code: int = 0) -> list[tuple[str, str, str]]:
    changes = json.loads(run(*arguments, "--format", "json", code=code))["changes"]
    return [(change["verdict"], change["service"], change["measure"]) for change in changes]


def capture(path: Path, took_ms: float, refused: int = 0, seed: int = 1, port: int = 443) -> Path:
    chance = random.Random(seed)
    service = Service(port)
    for number in range(120):
        if number * refused // 120 != (number + 1) * refused // 120:  # all over it
            service.refuse()
        else:
            service.connect(round(chance.uniform(0.8, 1.2) * took_ms * MS))
    return service.write(path)


def test_two_samples_of_one_service_do_not_differ(tmp_path: Path) -> None:
    before, after = capture(tmp_path / "a.pcap", 10), capture(tmp_path / "b.pcap", 10, seed=2)
    assert told(before, after) == []
    assert "nothing differs beyond chance" in run(before, after)


def test_slower_connects_are_worse_and_faster_ones_better(tmp_path: Path) -> None:
    before, after = capture(tmp_path / "a.pcap", 10), capture(tmp_path / "b.pcap", 40)
    assert told(before, after, "--fail-on", "worse", code=1) == [
        ("worse", "198.51.100.80:443", "time to connect")
    ]
    assert told(after, before, "--fail-on", "worse") == [("better", "198.51.100.80:443", "time to connect")]
    assert " 10 ms " in run(before, after)


def test_a_tenth_slower_is_not_worth_a_line(tmp_path: Path) -> None:
    assert told(capture(tmp_path / "a.pcap", 10), capture(tmp_path / "b.pcap", 11)) == []


def test_refusals_are_worse_and_findings_new(tmp_path: Path) -> None:
    found = told(capture(tmp_path / "a.pcap", 10), capture(tmp_path / "b.pcap", 10, refused=40))
    assert ("worse", "198.51.100.80:443", "connects that failed") in found
    assert ("new", "198.51.100.80:443", "finding D02") in found


def test_a_new_warning_is_worse_and_a_new_note_is_not(tmp_path: Path) -> None:
    before, after = capture(tmp_path / "a.pcap", 10), capture(tmp_path / "b.pcap", 10, refused=2)
    found = told(before, after, "--fail-on", "worse", code=1)
    assert ("new", "198.51.100.80:443", "finding D02") in found
    assert told(after, before, "--fail-on", "worse")  # that it is gone is no harm

    def leaves(finding: str, severity: Severity) -> Shift:
        return Shift("port 443", FINDING + finding, "new", None, 1, 9, 9, None, severity)

    assert [leaves("D00", severity).is_worse for severity in Severity] == [False, False, True, True]


def test_two_refusals_of_many_may_be_chance(tmp_path: Path) -> None:
    found = told(capture(tmp_path / "a.pcap", 10), capture(tmp_path / "b.pcap", 10, refused=2))
    assert not [change for change in found if change[0] == "worse"]


def test_services_of_one_capture_only_are_new_and_gone(tmp_path: Path) -> None:
    before, after = capture(tmp_path / "a.pcap", 10), capture(tmp_path / "b.pcap", 10, port=8443)
    assert told(before, after, "--by", "port") == [
        ("new", "port 8443", "connections"), ("gone", "port 443", "connections"),
    ]  # fmt: skip


def test_one_capture_is_split_at_an_instant(tmp_path: Path) -> None:
    service = Service()
    for took_ms in [5] * 80 + [50] * 80:
        service.connect(took_ms * MS)
    path = service.write(tmp_path / "one.pcap")
    assert told(path, "--split", "+4.64") == [("worse", "198.51.100.80:443", "time to connect")]


def test_two_captures_are_needed_or_an_instant(tmp_path: Path) -> None:
    path = capture(tmp_path / "a.pcap", 10)
    done = programs.run("diff", path)
    assert done.returncode == 2
    assert b"--split" in done.stderr


@pytest.mark.parametrize(
    ("table", "chance"),
    [((3, 10, 8, 10), 0.0698), ((0, 50, 6, 50), 0.0267), ((10, 1000, 30, 1000), 0.0025), ((0, 0, 3, 9), 1.0)],
)
def test_shares_are_compared_as_fisher_does(table: tuple[int, int, int, int], chance: float) -> None:
    assert of_shares(*table) == pytest.approx(chance, abs=5e-4)


def test_equal_samples_differ_as_rarely_as_promised() -> None:
    chance = random.Random(7)
    trials = 400
    found = sum(
        of_samples([chance.gauss(0, 1) for _ in range(40)], [chance.gauss(0, 1) for _ in range(40)]) < 0.05  # type: ignore[misc]  # any numbers do
        for _ in range(trials)
    )
    assert found / trials < 0.09


def test_many_comparisons_raise_the_p_value() -> None:
    assert together([0.001] + [0.9] * 99)[0] == pytest.approx(0.1)


def test_failures_in_one_burst_are_no_difference_but_spread_ones_are(tmp_path: Path) -> None:
    def failing(name: str, which: set[int]) -> Path:
        service = Service()
        for number in range(400):
            if number in which:
                service.refuse()
            else:
                service.connect(1 * MS)
        return service.write(tmp_path / name)

    before = failing("before.pcap", set())
    worse = ("worse", "198.51.100.80:443", "connects that failed")
    assert worse not in told(before, failing("heap.pcap", set(range(100, 118))))
    assert worse in told(before, failing("spread.pcap", set(range(10, 400, 22))))


def test_equal_clustered_samples_differ_as_rarely_as_promised() -> None:
    """Hardly any equal samples in clusters seem to differ; counted one connect at a time, many would."""
    random_of = random.Random(7)

    def clusters() -> list[tuple[int, int]]:
        rates = [random_of.choice((0.0, 0.0, 0.5)) for _ in range(40)]
        return [(sum(random_of.random() < rate for _ in range(20)), 20) for rate in rates]

    found, naive, trials = 0, 0, 300
    for _ in range(trials):
        one, other = clusters(), clusters()
        found += of_clustered_shares(one, other) < 0.05
        naive += of_shares(*map(sum, zip(*one, strict=True)), *map(sum, zip(*other, strict=True))) < 0.05
    assert found < 0.09 * trials
    assert naive > 0.3 * trials
