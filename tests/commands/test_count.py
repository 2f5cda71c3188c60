"""States are counted as netstat and awk count them."""

import time
from datetime import datetime
from pathlib import Path

import pytest

from wirestat.commands import main

PCAPS = Path(__file__).parents[2] / "pcaps"
LEAK = str(PCAPS / "close-wait-leak" / "middle.pcap")


def counted(capsys: pytest.CaptureFixture[str], *more: str) -> list[str]:
    assert main(["count", LEAK, *more]) == 0
    return capsys.readouterr().out.splitlines()


def test_both_ends(capsys: pytest.CaptureFixture[str]) -> None:
    assert counted(capsys) == ["state client server", "FIN_WAIT2 2 0", "CLOSE_WAIT 0 2"]


def test_one_end_is_what_awk_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert counted(capsys, "--end", "server") == ["CLOSE_WAIT 2"]
    assert counted(capsys, "--end", "server", "--names", "ss") == ["CLOSE-WAIT 2"]


def test_at_an_instant(capsys: pytest.CaptureFixture[str]) -> None:
    assert counted(capsys, "--at", "+1") == ["state client server", "FIN_WAIT2 1 0", "CLOSE_WAIT 0 1"]


def test_a_filter_chooses_the_connections_to_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert counted(capsys, "-Y", "port==40001", "--end", "server") == ["CLOSE_WAIT 1"]
    assert counted(capsys, "-Y", "port==1", "--end", "server") == []


def test_a_series(capsys: pytest.CaptureFixture[str]) -> None:
    heading, *rows = counted(capsys, "--each", "30s")
    assert heading == "time state client server"
    assert len({row.split()[0] for row in rows}) == 3
    assert rows[-1].endswith(" CLOSE_WAIT 0 1")


def test_times_in_another_zone_are_one_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = [row.split()[0] for row in counted(capsys, "--each", "60s")[1:]]
    named = [row.split()[0] for row in counted(capsys, "--each", "60s", "--tz", "Asia/Kolkata")[1:]]
    assert all(word.endswith("+05:30") for word in named)
    assert [f"{datetime.fromisoformat(word).timestamp():.6f}" for word in named] == [
        word[:-3] for word in seconds
    ]
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert [row.split()[0] for row in counted(capsys, "--each", "60s", "--tz", "local")[1:]] == named
        assert counted(capsys, "--each", "60s")[1].split()[0] == seconds[0], "TZ counts only when asked for"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_an_instant_is_read_in_the_zone_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    then = counted(capsys, "--at", "13:06:20")
    assert then == counted(capsys, "--at", "14:06:20", "--tz", "Europe/Berlin")
    assert then == counted(capsys, "--tz", "Europe/Berlin", "--at", "2026-11-21T14:06:20")
    assert then == counted(capsys, "--tz", "Europe/Berlin", "--at", "2026-11-21T13:06:20Z")
    assert then != counted(capsys)


def test_a_tcpdump_filter_chooses_the_frames_to_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert counted(capsys, "-f", "tcp port 40001") == [
        "state client server",
        *counted(capsys, "-Y", "port==40001")[1:],
    ]
    assert counted(capsys, "-f", "tcp port 1") == ["state client server"]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--each", "0s"],
        ["--each", "1s", "--at", "end"],
        ["--each", "1ms", "-Y", "x"],
        ["-i", "lo"],
        ["--duration", "1s"],
        ["-Z", "root"],
        ["-f", "port nowhere"],
        ["--tz", "Nowhere/Land"],
    ],
)
def test_senseless_requests_are_refused(wrong: list[str]) -> None:
    assert main(["count", LEAK, *wrong]) == 2


@pytest.mark.parametrize("path", sorted(PCAPS.glob("*/middle.pcap"))[::9], ids=lambda path: path.parent.name)
def test_no_instant_has_more_than_the_peak(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import wirestat

    assert main(["count", str(path), "--peaks"]) == 0
    heading, *rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert heading == ["state", "client", "client_time", "server", "server_time"]
    told = {
        (row[0], side): int(row[1 + 2 * n]) for row in rows for n, side in enumerate(("client", "server"))
    }
    report = wirestat.analyze(path)
    most: dict[tuple[str, str], int] = {}
    times = {step.time_ns for one in report.connections() for step in one.transitions}
    for time_ns in times | {one.first_time_ns for one in report.connections()}:
        instant = report.tables({"instant": None}, at_ns=time_ns)["instant"]
        for side in ("client", "server"):
            states = [str(state) for state in instant[f"{side}_state"] if state is not None]
            for state in set(states):
                most[state, side] = max(most.get((state, side), 0), states.count(state))
    ignored = {"CLOSED", "LISTEN", "UNKNOWN"}
    expected = {key: count for key, count in most.items() if key[0] not in ignored}
    assert {key: count for key, count in told.items() if count} == expected


def test_peaks_are_of_the_whole_capture(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["count", str(next(PCAPS.glob("*/middle.pcap"))), "--peaks", "--at", "end"]) == 2
