"""Options and output of ``wirestat analyze``."""

import json
from pathlib import Path

import pytest

from tests.commands.conftest import Wirestat
from wirestat.commands import main

LEAK = Path(__file__).parents[2] / "pcaps" / "close-wait-leak" / "middle.pcap"
FIRST = "3 warnings, 1 note"


@pytest.mark.parametrize(
    "arguments", [["analyze", "outage.pcap"], ["outage.pcap"], ["-r", "outage.pcap"], ["-nn", "outage.pcap"]]
)
def test_a_capture_can_be_named_in_many_ways(wirestat: Wirestat, arguments: list[str]) -> None:
    done = wirestat(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(FIRST)


def test_options_may_stand_before_and_after_the_capture(wirestat: Wirestat) -> None:
    assert wirestat("--limit", "1", "outage.pcap", "--names", "rfc").stdout.startswith(FIRST)


def test_standard_input_is_a_capture(wirestat: Wirestat) -> None:
    assert wirestat("-r", "-", stdin="").returncode == 0
    assert wirestat("-", stdin="").returncode == 0


def test_a_pipe_gets_no_colour(wirestat: Wirestat) -> None:
    assert "\x1b" not in wirestat("outage.pcap").stdout


def test_json_is_one_document(wirestat: Wirestat) -> None:
    document = json.loads(wirestat("outage.pcap", "--format", "json").stdout)
    assert document["schema"] == 1
    assert len(document["connections"]) == 8


def test_ndjson_is_one_object_a_line(wirestat: Wirestat) -> None:
    lines = wirestat("outage.pcap", "--format", "ndjson", "--summary").stdout.splitlines()
    assert [json.loads(line)["type"] for line in lines] == ["report"] + 4 * ["finding"]


def test_states_choose_connections_in_json(wirestat: Wirestat) -> None:
    document = json.loads(wirestat("outage.pcap", "--format", "json", "--state", "Close_Wait").stdout)
    assert [connection["id"] for connection in document["connections"]] == [3, 4]


@pytest.mark.parametrize("state", ["CLOSE-WAIT", "close_wait", "CONN_CLOSE_WAIT", "closewait"])
def test_states_are_understood_in_any_spelling(wirestat: Wirestat, state: str) -> None:
    done = wirestat("outage.pcap", "--state", state)
    assert done.stdout.startswith("2 connections at the end")


def test_the_table_as_of_an_instant(wirestat: Wirestat) -> None:
    relative = wirestat("outage.pcap", "--at", "+0.705").stdout
    assert relative.startswith("6 connections at +0.705000")
    assert wirestat("outage.pcap", "--at", "2026-01-02T03:04:05.705Z").stdout == relative
    assert wirestat("outage.pcap", "--at", "1767323045.705").stdout == relative


def test_an_instant_after_the_end_shows_the_end_with_a_warning(wirestat: Wirestat) -> None:
    behind = wirestat("outage.pcap", "--at", "+2h")
    assert "the capture ends before that time" in behind.stderr
    assert behind.stdout == wirestat("outage.pcap", "--at", "end").stdout


def test_an_instant_before_the_start_shows_no_connections_with_a_warning(wirestat: Wirestat) -> None:
    before = wirestat("outage.pcap", "--at", "1")
    assert "the capture begins after that time" in before.stderr
    assert before.stdout.startswith("0 connections")


def test_a_ladder(wirestat: Wirestat) -> None:
    assert "disproved by 11" in wirestat("lost-last-ack.pcap", "--connection", "1").stdout


def test_names_of_states_on_output(wirestat: Wirestat) -> None:
    assert "FIN_WAIT_2" in wirestat("outage.pcap", "--names", "windows").stdout
    assert "ESTAB " in wirestat("outage.pcap", "--names", "ss").stdout


def test_an_output_file_takes_the_report(wirestat: Wirestat, tmp_path: Path) -> None:
    done = wirestat("outage.pcap", "-o", "report.txt")
    assert done.stdout == ""
    assert (tmp_path / "report.txt").read_text().startswith(FIRST)
    assert not list(tmp_path.glob(".*"))


def test_an_output_that_fails_leaves_the_old_file(wirestat: Wirestat, tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text("old")
    assert wirestat("broken.pcap", "-o", "report.txt").returncode == 70
    assert (tmp_path / "report.txt").read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_an_output_may_be_a_device(wirestat: Wirestat) -> None:
    assert wirestat("outage.pcap", "-o", "/dev/stdout").stdout.startswith(FIRST)


def test_an_input_is_never_overwritten(wirestat: Wirestat) -> None:
    done = wirestat("outage.pcap", "-o", "./outage.pcap")
    assert done.returncode == 2
    assert "is an input" in done.stderr


def test_an_unwritable_output_is_found_out_before_reading(wirestat: Wirestat) -> None:
    done = wirestat("broken.pcap", "-o", "no/such/directory/report.txt")
    assert done.returncode == 2
    assert done.stderr.startswith("error: cannot write no/such/directory/report.txt: no such file")


def test_verbose_says_what_is_done(wirestat: Wirestat) -> None:
    assert "debug: timers:" in wirestat("outage.pcap", "-v", "--timer", "time_wait=30s").stderr


@pytest.mark.parametrize(("names", "spelled"), [("linux", "SYN_RECV"), ("rfc", "SYN-RECEIVED")])
def test_the_peak_state_of_a_socket_is_spelled_as_asked(
    names: str, spelled: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([str(LEAK), "--state", "all", "--names", names]) == 0
    assert f"  most in {spelled}\n" in capfd.readouterr().out


def test_the_doubt_of_one_connection_is_not_told_of_others(capfd: pytest.CaptureFixture[str]) -> None:
    main([str(LEAK)])
    assert "client FIN_WAIT2 / server CLOSE_WAIT: 2 connections" in capfd.readouterr().out


def test_an_epoch_time_that_looks_like_an_offset_gets_a_hint(wirestat: Wirestat) -> None:
    assert "'+' counts from its start" in wirestat("outage.pcap", "--at", "3").stderr


@pytest.mark.parametrize("options", [[], ["--connection", "1"]])
def test_findings_spell_states_as_asked(options: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    main([str(LEAK), "--names", "rfc", *options])
    told = [line for line in capfd.readouterr().out.splitlines() if "$ " not in line]
    assert any("has been in CLOSE-WAIT" in line for line in told)
    assert not any("CLOSE_WAIT" in line for line in told)


def test_one_finding_is_shown_whole(wirestat: Wirestat) -> None:
    shown = wirestat("outage.pcap", "--finding", "d14").stdout
    assert shown.startswith("note  D14 Last ACK lost at 10.0.0.2:443")
    assert "rival: " in shown
    assert "D10" not in shown
    ticket = wirestat("outage.pcap", "--finding", "D14", "--format", "markdown").stdout
    assert ticket.lstrip().startswith("## D14 Last ACK lost at 10.0.0.2:443")


def test_a_finding_that_is_not_there_is_an_error_that_names_those_that_are(wirestat: Wirestat) -> None:
    done = wirestat("outage.pcap", "--finding", "D99")
    assert done.returncode == 2
    assert "no finding D99" in done.stderr
    assert "D14" in done.stderr


@pytest.mark.parametrize(
    "other", [("--format", "json"), ("--connection", "1"), ("--summary",), ("--at", "end")]
)
def test_the_option_finding_refuses_data_formats_and_other_views(
    wirestat: Wirestat, other: tuple[str, ...]
) -> None:
    done = wirestat("outage.pcap", "--finding", "D14", *other)
    assert done.returncode == 2
    assert "--finding shows findings" in done.stderr
