"""Runs over many captures give the rows of single runs, even if captures fail or workers die, and if resumed."""

import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

import wirestat
from tests import programs
from tests.batch.captures import CAPTURE, PCAPS
from tests.patience import PATIENCE

CASES = ("normal-close-by-client", "last-ack-lost", "accept-queue-full", "blind-fin-out-of-window")


def run(*arguments: str | Path | int, code: int = 0, stdin: bytes = b"") -> str:
    done = programs.run("batch", *arguments, stdin=stdin)
    assert done.returncode == code, done.stderr.decode()
    assert b"Traceback" not in done.stderr
    return done.stdout.decode()


def rows(folder: Path, table: str, columns: str = "*", order: str = "ALL") -> list[tuple[Any, ...]]:
    """Read all parts of a table."""
    parts = f"{folder}/{table}.parquet" if table == "files" else f"{folder}/{table}/**/*.parquet"
    return asked(f"SELECT {columns} FROM read_parquet('{parts}') ORDER BY {order}")


def asked(query: str) -> list[tuple[Any, ...]]:
    """Ask DuckDB."""
    with duckdb.connect() as connection:
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    return found


def states(folder: Path) -> list[tuple[Any, ...]]:
    """Every connection by the name of its capture, with both states."""
    return asked(
        f"SELECT f.name, c.id, client_state, server_state FROM read_parquet('{folder}/connections/**/*.parquet') c "
        f"JOIN read_parquet('{folder}/files.parquet') f ON c.file = f.number ORDER BY ALL"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with some captures, a file that is none, and one that is cut short."""
    place = tmp_path / "captures"
    place.mkdir()
    for case in CASES:
        shutil.copy(PCAPS / case / "client.pcap", place / f"{case}.pcap")
    (place / "cut.pcap").write_bytes(CAPTURE.read_bytes()[:-7])  # D25, too
    return place


def single(path: Path) -> list[tuple[Any, ...]]:
    report = wirestat.analyze(path)
    return [(str(path), one.id, str(one.client.state), str(one.server.state)) for one in report.connections()]


@pytest.mark.slow
def test_rows_are_those_of_single_runs(folder: Path, tmp_path: Path) -> None:
    run(folder, "-o", tmp_path / "out", "--jobs", 2, code=3)
    expected = sorted(row for path in folder.iterdir() for row in single(path))
    assert states(tmp_path / "out") == expected


def test_a_bad_file_is_reported_and_stops_nothing(folder: Path, tmp_path: Path) -> None:
    (folder / "gone.pcap").symlink_to("/nonexistent")
    text = run(folder, folder / "gone.pcap", "-o", tmp_path / "out", code=3)
    assert "not read, or not to the end: 2 captures" in text
    reasons = dict(rows(tmp_path / "out", "files", "name, reason"))
    assert "no such file" in reasons[str(folder / "gone.pcap")].lower()
    assert "byte" in reasons[str(folder / "cut.pcap")]
    assert sum(reason is None for reason in reasons.values()) == len(CASES)


def test_every_finding_is_a_row_and_counts_in_the_summary(folder: Path, tmp_path: Path) -> None:
    text = run(folder, "-o", tmp_path / "out", code=3)
    found = {name for (name,) in rows(tmp_path / "out", "findings", "DISTINCT diagnosis")}
    assert "D14" in found
    assert all(name in text for name in found)
    assert "D14" in (tmp_path / "out" / "index.html").read_text()


def test_members_of_archives_give_the_same_rows(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    run(folder, "-o", tmp_path / "plain", code=3)
    run(tmp_path / "all.zip", "-o", tmp_path / "zipped", code=3)
    named = [(Path(name).name, *rest) for name, *rest in states(tmp_path / "plain")]
    assert [(Path(name).name, *rest) for name, *rest in states(tmp_path / "zipped")] == named


def test_a_second_run_takes_only_what_is_new(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(folder, "-o", out, code=3)
    before = states(out)
    shutil.copy(CAPTURE, folder / "copy.pcap")
    text = run(folder, "-o", out, "--resume", code=3)
    assert (
        f"{len(CASES) + 2} captures had been read before" in text
    )  # the copy, too: it is known by its content
    (folder / "new.pcap").write_bytes((PCAPS / "ack-overtaken-by-fin" / "client.pcap").read_bytes())
    run(folder, "-o", out, "--resume", code=3)
    added = [row for row in states(out) if row not in before]
    assert {Path(row[0]).name for row in added} == {"new.pcap"}
    assert len(states(out)) == len(before) + len(added)


@pytest.mark.slow
def test_results_are_not_written_among_others(folder: Path, tmp_path: Path) -> None:
    run(folder, "-o", tmp_path / "out", code=3)
    done = programs.run("batch", folder, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert b"--resume" in done.stderr


@pytest.mark.slow
def test_days_are_kept_apart(folder: Path, tmp_path: Path) -> None:
    run(folder, "-o", tmp_path / "plain", code=3)
    run(folder, "-o", tmp_path / "days", "--by", "day", code=3)
    assert states(tmp_path / "days") == states(tmp_path / "plain")
    days = {path.parent.name for path in (tmp_path / "days" / "connections").rglob("*.parquet")}
    assert all(day.startswith("day=20") for day in days)


def test_a_list_comes_from_standard_input(folder: Path, tmp_path: Path) -> None:
    listed = "\n".join(str(folder / f"{case}.pcap") for case in CASES)
    run("-", "-o", tmp_path / "out", stdin=listed.encode())
    assert len(rows(tmp_path / "out", "files")) == len(CASES)


KILLED = """
import os, signal, sys
from wirestat.batch.workers import Workers
from wirestat.commands import main
whole = Workers.run
def until_killed(self, *words):
    for number, part in enumerate(whole(self, *words)):
        if number == 1:
            os.killpg(0, signal.SIGKILL)
        yield part
Workers.run = until_killed
main(sys.argv[1:])
"""
"""Batch, which is killed with all its workers as soon as a second part is done."""


@pytest.mark.slow
def test_a_killed_run_resumes_to_the_same_result(folder: Path, tmp_path: Path) -> None:
    for number in range(40):
        path = PCAPS / CASES[number % len(CASES)] / "client.pcap"
        (folder / f"more-{number}.pcap").write_bytes(
            path.read_bytes() + bytes(number + 1)
        )  # none like another
    run(folder, "-o", tmp_path / "whole", "--jobs", 2, code=3)
    out = tmp_path / "killed"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, "batch", str(folder), "-o", str(out), "--jobs", "2"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, timeout=PATIENCE,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert any(out.glob("connections/part-*.parquet"))
    run(folder, "-o", out, "--resume", code=3)
    assert states(out) == states(tmp_path / "whole")


@pytest.mark.slow
def test_a_capture_that_takes_too_much_memory_is_given_up_by_name(folder: Path, tmp_path: Path) -> None:
    text = run(folder, "-o", tmp_path / "out", "--jobs", 1, "--memory", "1M", code=3)
    assert "out of memory" in text
    assert len(rows(tmp_path / "out", "files")) == len(CASES) + 1


def test_findings_about_captures_come_after_those_about_connections(folder: Path, tmp_path: Path) -> None:
    text = run(folder, "-o", tmp_path / "out", code=3)
    lines = text.splitlines()
    apart = lines.index("wrong with the captures themselves")
    assert any("D14" in line for line in lines[:apart])
    assert any("D25" in line for line in lines[apart:])
