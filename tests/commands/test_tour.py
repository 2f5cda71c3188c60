"""The tour shows true output, on captures that are those of the lab."""

import shlex
from pathlib import Path

import pytest

from wirestat.commands import main
from wirestat.commands.tour import STOPS

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "src" / "wirestat" / "samples"
FROM = {
    "accept-queue-full.pcap": "accept-queue-full/middle.pcap",
    "close-wait-leak.pcap": "close-wait-leak/middle.pcap",
    "last-ack-lost-client.pcap": "last-ack-lost/client.pcap",
    "last-ack-lost-server.pcap": "last-ack-lost/server.pcap",
    "simultaneous-close.pcap": "simultaneous-close/middle.pcap",
}


def test_its_captures_are_those_of_the_lab_and_few_bytes() -> None:
    found = {sample.name: sample.read_bytes() for sample in SAMPLES.iterdir()}
    assert found == {name: (ROOT / "pcaps" / place).read_bytes() for name, place in FROM.items()}
    assert sum(map(len, found.values())) < 16_000


def test_every_stop_shows_its_command_and_what_that_prints(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["tour"]) == 0
    tour, errors = capfd.readouterr()
    assert errors == ""
    monkeypatch.chdir(SAMPLES)
    for number, stop in enumerate(STOPS, 1):
        assert main(shlex.split(stop.command)[1:]) == 0
        shown = capfd.readouterr().out
        assert f"{number} of {len(STOPS)}: {stop.title}" in tour
        assert f"$ {stop.command}\n\n{shown}" in tour


def test_the_tour_restores_the_working_directory(capfd: pytest.CaptureFixture[str]) -> None:
    here = Path.cwd()
    assert main(["tour", "--no-wait"]) == 0
    assert Path.cwd() == here
    assert "That was the tour" in capfd.readouterr().out


def test_the_captures_of_the_tour_can_be_copied(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["tour", "--copy", str(tmp_path / "new")]) == 0
    assert [Path(line).name for line in capfd.readouterr().out.splitlines()] == sorted(FROM)
    (tmp_path / "file").write_bytes(b"")
    assert main(["tour", "--copy", str(tmp_path / "file")]) == 2
