"""A history is kept interval by interval, survives what may befall it, and answers as the capture itself would."""

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import polars
import pytest

from tests import programs
from tests.history.played import Played
from tests.patience import PATIENCE, wait_for
from tests.programs import as_text
from tests.quick import sample, some_quick
from wirestat.commands import main
from wirestat.commands.codes import Code
from wirestat.commands.instants import parse_instant, parse_zone
from wirestat.errors import InputError, PermissionDenied, UsageError
from wirestat.history.intervals import intervals, name
from wirestat.history.keeper import Keeper, Keeping
from wirestat.history.queries import History
from wirestat.model import Side, State
from wirestat.query.reference import Subject, holds
from wirestat.report.selection import asked
from wirestat.report.words import moment
from wirestat.timers import profile
from wirestat.tracker import Tracker
from wirestat.zones import Zone

PCAPS = Path(__file__).parents[2] / "pcaps"
WIRESTAT = [sys.executable, "-m", "wirestat"]
SECOND = 1_000_000_000
GONE = {State.CLOSED, State.UNKNOWN, State.LISTEN}


def played(case: str, folder: Path, every_ns: int, keep_bytes: int | None = None) -> Played:
    return Played(next((PCAPS / case).glob("*.pcap")), folder, every_ns, keep_bytes=keep_bytes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "history"


def test_the_last_instant_is_answered_as_the_capture_answers_it(folder: Path) -> None:
    report = played("close-wait-leak", folder, 5 * SECOND).report
    assert len(list(intervals(folder))) > 1
    instant = report.tables({"instant": None}, at_ns=report.end_ns)["instant"]
    expected = {
        (row["id"], row["client_state"], row["server_state"])
        for row in map(instant.row, range(instant.rows))
        if row["client_state"] not in GONE or row["server_state"] not in GONE
    }
    rows = History(folder).at(report.end_ns)
    assert {(row["id"], row["client_state"], row["server_state"]) for row in rows} == expected


def test_how_a_state_is_known_is_kept_of_both_ends(folder: Path) -> None:
    """One segment changes the states of both ends, and each is known in its own way."""
    report = played("close-wait-leak", folder, 3600 * SECOND).report
    known = {connection.id: connection for connection in report.connections()}
    rows = History(folder).at(report.end_ns)
    assert rows
    for row in rows:
        told = known[row["id"]]
        assert (row["client_evidence"], row["server_evidence"]) == (
            told.client.evidence,
            told.server.evidence,
        )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--each", "1s", "--at", "+1"], "--at names one instant"),
        (["--each", "1s", "--from", "+4", "--to", "+2"], "ends before it begins"),
        (["--each", "0s"], "longer than 0"),
        (["--from", "+1"], "need --each"),
    ],
)
def test_senseless_options_are_refused(
    options: list[str], words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played("close-wait-leak", folder, 3600 * SECOND)
    assert main(["history", str(folder), *options]) == Code.USAGE
    assert words in capsys.readouterr().err


def test_a_filter_asks_about_that_instant(folder: Path) -> None:
    end_ns = played("close-wait-leak", folder, 10 * SECOND).report.end_ns
    history = History(folder)
    found = history.at(end_ns, asked("server.state == CLOSE_WAIT && for > 0s").tree)
    assert found
    assert {row["server_state"] for row in found} == {"CLOSE_WAIT"}
    assert history.at(end_ns, asked("port == 1").tree) == []


@pytest.mark.parametrize("text", ["confirmed", "or_since == CLOSED"])
def test_fields_that_are_not_kept_are_refused(folder: Path, text: str) -> None:
    end_ns = played("close-wait-leak", folder, 10 * SECOND).report.end_ns
    with pytest.raises(UsageError, match="the history"):
        History(folder).at(end_ns, asked(text).tree)


QUESTIONS = (
    "state == CLOSE_WAIT",
    "not (state == CLOSE_WAIT)",
    "client.state != ESTABLISHED",
    "for > 100ms",
    "client.for > 1s or server.for < 10ms",
    "addr == 10.0.0.0/8",
    "client.addr in {10.77.0.1, 2001:db8::/32}",
    "addr == ::/0",
    "port in {80, 8000..9000}",
    "server.port > 1000 && client.port >= 40000",
    "evidence == seen",
    "evidence != seen && state == CLOSE_WAIT",
    "first_time > 2020-01-01T00:00:00Z",
    "id < 3",
    "since > 2020-01-01T00:00:00Z",
)


@pytest.mark.parametrize("case", some_quick(["close-wait-leak", "simultaneous-close"], each=2))
@pytest.mark.slow
def test_sql_answers_as_the_language_means_it(folder: Path, case: str) -> None:
    capture = played(case, folder, 10 * SECOND)
    history, begin, end = History(folder), capture.report.start_ns, capture.report.end_ns
    times = range(begin, end + 1, max(1, (end - begin) // 5))
    for text in sample(QUESTIONS, each=3):
        tree = asked(text).tree
        series = dict(history.states(times, tree))
        for time_ns in times:
            rows = history.at(time_ns)
            expected = [row for row in rows if holds(tree, Subject(row, (), (), time_ns))]
            assert history.at(time_ns, tree) == expected, text
            assert history.count(time_ns, tree) == len(expected), text
            assert history.at(time_ns, tree, 1) == expected[:1], text
            for side in Side:
                assert +series[time_ns][side] == Counter(row[f"{side}_state"] for row in expected), text


def test_files_of_an_interval_cut_off_by_a_kill_are_deleted(folder: Path) -> None:
    folder.mkdir()
    (folder / name("figures", 0, SECOND)).touch()
    (folder / name("findings", 0, SECOND)).touch()
    played("close-wait-leak", folder, 3600 * SECOND, keep_bytes=1)
    assert sorted(path.name.partition("-")[0] for path in folder.iterdir()) == [
        "figures",
        "findings",
        "spans",
    ]


def test_an_instant_and_a_series_are_pages(folder: Path) -> None:
    played("close-wait-leak", folder, 10 * SECOND)
    for options in ([], ["--each", "500ms"]):
        done = as_text(programs.run("history", folder, "--format", "html", *options))
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("<!doctype html>")
        assert "CLOSE_WAIT" in done.stdout
        assert "<script" not in done.stdout


@pytest.mark.parametrize("name", ["states.parquet", "states.arrow", "states.csv"])
def test_an_instant_and_a_series_are_tables(folder: Path, name: str, tmp_path: Path) -> None:
    capture = played("close-wait-leak", folder, 10 * SECOND)
    history, end_ns = History(folder), capture.report.end_ns
    out = tmp_path / name
    assert main(["history", str(folder), "-o", str(out), "-Y", "server.state == CLOSE_WAIT"]) == Code.DONE
    rows = read(out)
    expected = history.at(history.end_ns, asked("server.state == CLOSE_WAIT").tree)
    assert rows == [{**row, "client_state": str(row["client_state"])} for row in expected]
    assert rows
    assert main(["history", str(folder), "-o", str(out), "--each", "1s"]) == Code.DONE
    counted: Counter[tuple[int, str]] = Counter()
    for row in read(out):
        counted[row["time_ns"], row["state"]] += row["client"]
    times = range(history.start_ns, end_ns + 1, SECOND)
    series = {
        (time_ns, str(state)): number
        for time_ns, counts in history.states(times)
        for state, number in counts[Side.CLIENT].items()
    }
    assert +counted == {key: number for key, number in series.items() if number}


def test_a_series_as_text_has_a_line_for_each_instant(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played("close-wait-leak", folder, 10 * SECOND)
    history = History(folder)
    ends = ["--from", str((history.start_ns - SECOND) // SECOND), "--to", str(history.end_ns // SECOND)]
    assert main(["history", str(folder), "--each", "30s", *ends]) == Code.DONE
    heading, before, *_, last = (line.split() for line in capsys.readouterr().out.splitlines())
    assert heading[0] == "clients/servers"
    assert set(before[3:]) == {"?"}  # nothing was captured then
    counted = dict(zip(heading[1:], last[3:], strict=True))
    assert (counted["FIN_WAIT2"], counted["CLOSE_WAIT"]) == ("1/·", "·/1")


@pytest.mark.parametrize("name", ["states.parquet", "states.csv"])
def test_a_table_without_rows_has_its_columns(folder: Path, name: str, tmp_path: Path) -> None:
    played("close-wait-leak", folder, 10 * SECOND)
    out = tmp_path / name
    for options in ([], ["--each", "1s"]):
        assert main(["history", str(folder), "-o", str(out), "-Y", "port == 1", *options]) == Code.DONE
        assert read(out) == []
        assert "state" in " ".join(columns(out))


def columns(path: Path) -> list[str]:
    """Return the names of the columns of a table in a file."""
    return list(polars.read_csv(path).columns if path.suffix == ".csv" else polars.read_parquet(path).columns)


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table in a file."""
    if path.suffix == ".csv":
        return polars.read_csv(path).to_dicts()
    return (polars.read_parquet(path) if path.suffix == ".parquet" else polars.read_ipc(path)).to_dicts()


def test_times_are_read_and_written_in_a_zone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    played("close-wait-leak", folder, 10 * SECOND)  # 2026-11-21, from 13:06:16 UTC
    zone = ["--tz", "Asia/Kolkata"]
    assert main(["history", str(folder), "--at", "2026-11-21T18:36:20", *zone]) == Code.DONE
    assert "at 2026-11-21 18:36:20.000 +05:30" in capsys.readouterr().out
    assert (
        main(["history", str(folder), "--each", "30s", "--from", "2026-11-21T18:36:20", *zone]) == Code.DONE
    )
    _, first, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("2026-11-21 18:36:20.000 +05:30 ")
    assert main(["history", str(folder), "--each", "30s", "--format", "html", *zone]) == Code.DONE
    assert "+05:30 to 2026-11-21 18:" in capsys.readouterr().out


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_time_of_day_is_the_last_one_in_the_record(
    zone: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played("close-wait-leak", folder, 10 * SECOND)
    history = History(folder)
    inside, before = (
        parse_zone(zone).at(history.start_ns + seconds * SECOND).strftime("%H:%M:%S") for seconds in (2, -60)
    )
    assert main(["history", str(folder), "--tz", zone, "--at", inside]) == 0
    assert f" {inside}.000 " in capsys.readouterr().out
    assert main(["history", str(folder), "--tz", zone, "--at", before]) == Code.USAGE
    told = capsys.readouterr().err
    assert all(moment(end, parse_zone(zone)) in told for end in (history.start_ns, history.end_ns))


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_time_of_day_in_a_record_of_days_is_on_its_last_day(zone: str) -> None:
    end = datetime(2026, 11, 28, 12, tzinfo=parse_zone(zone).info).timestamp()
    end_ns = int(end) * SECOND
    week_ns = 7 * 24 * 3600 * SECOND

    def before_the_end(text: str) -> int | None:
        found = parse_instant(text, parse_zone(zone)).resolve_within(end_ns - week_ns, end_ns)
        return found and (end_ns - found) // SECOND

    assert [before_the_end(text) for text in ("11:59:00", "12:00", "12:01:00")] == [60, 0, 86_340]
    assert parse_instant("11:00", parse_zone(zone)).resolve_within(end_ns - 60 * SECOND, end_ns) is None


def test_a_series_from_one_time_of_day_to_another_begins_before_its_end(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    played("close-wait-leak", folder, 10 * SECOND)
    start_ns = History(folder).start_ns
    ends = [f"{Zone().at(start_ns + seconds * SECOND):%H:%M:%S}" for seconds in (3, 5)]
    assert main(["history", str(folder), "--each", "1s", "--from", ends[0], "--to", ends[1]]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert main(["history", str(folder), "--each", "1s", "--from", ends[1], "--to", ends[0]]) == Code.USAGE
    assert "no such time of day" in capsys.readouterr().err


def test_the_oldest_intervals_are_deleted(folder: Path) -> None:
    played("close-wait-leak", folder, 5 * SECOND)
    whole = list(intervals(folder))
    for path in folder.iterdir():
        path.unlink()
    played("close-wait-leak", folder, 5 * SECOND, keep_bytes=1)
    assert [one.end_ns for one in intervals(folder)] == [whole[-1].end_ns]
    assert len(list(folder.iterdir())) == 3  # spans, figures and findings of the last one


def test_an_interval_that_cannot_be_written_is_written_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = played("close-wait-leak", folder, 10 * SECOND)
    keeper = Keeper(Keeping(folder, SECOND), capture.report.start_ns, Tracker(profile("linux")))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space"):
            keeper.write(capture.report.end_ns, capture.look)
    assert not list(folder.glob(".*.part"))
    keeper.write(capture.report.end_ns, capture.look)


def test_a_folder_without_a_history_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no interval"):
        History(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        History(tmp_path / "gone")


def test_an_unreadable_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)  # root may read any folder
    with pytest.raises(PermissionDenied):
        History(tmp_path)


def test_a_damaged_interval_is_reported(folder: Path) -> None:
    end_ns = played("close-wait-leak", folder, 3600 * SECOND).report.end_ns
    (one,) = intervals(folder)
    one.path.write_bytes(one.path.read_bytes()[:-10])
    history = History(folder)
    with pytest.raises(InputError, match=r"spans-.*cut short or damaged"):
        history.at(end_ns)
    one.path.unlink()
    with pytest.raises(InputError, match=r"spans-.*removed during the query"):
        history.at(end_ns)


def test_file_names_have_the_span_of_the_interval(tmp_path: Path) -> None:
    (tmp_path / name("spans", 1_000_000_001_000, 5 * SECOND)).touch()
    (tmp_path / "spans-from-somewhere-else.parquet").touch()
    (one,) = intervals(tmp_path)
    assert (one.start_ns, one.end_ns) == (1_000_000_001_000, 5 * SECOND)


def test_a_folder_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises((UsageError, PermissionDenied)):
        Keeper(Keeping(tmp_path / "file" / "below", SECOND), 0, Tracker(profile("linux"))).begin()


@pytest.fixture
def port() -> Iterator[int]:
    """Give the port of a server on loopback that never closes."""
    with socket.create_server(("127.0.0.1", 0), backlog=2000) as server:
        yield server.getsockname()[1]


@pytest.mark.root
@pytest.mark.slow
def test_a_capture_that_is_killed_loses_only_its_open_interval(port: int) -> None:
    folder = Path("/tmp") / f"wirestat-history-{os.getpid()}"  # where the user that root becomes may write
    command = [*WIRESTAT, "live", "-i", "lo", "-q", "--store", str(folder), "--store-every", "1s"]
    started = subprocess.Popen([*command, "tcp", "port", str(port)], stderr=subprocess.DEVNULL)
    try:

        def is_kept() -> bool:
            socket.create_connection(("127.0.0.1", port)).close()
            time.sleep(0.25)  # nobody accepts them: the queue of the listener has an end
            return _has_leak(folder)

        wait_for(is_kept)
        started.kill()
        started.wait()
        assert _has_leak(folder)
        done = subprocess.run(
            [*WIRESTAT, "history", str(folder)], capture_output=True, timeout=PATIENCE, check=True
        )
        assert b"CLOSE_WAIT" in done.stdout
    finally:
        started.kill()
        for path in folder.glob("*"):
            path.unlink()
        folder.rmdir()


def _has_leak(folder: Path) -> bool:
    try:
        history = History(folder)
        return bool(history.at(history.end_ns, asked("server.state == CLOSE_WAIT").tree))
    except InputError:
        return False
