"""Metrics that are scraped, and alerts, of a capture that is followed: neither takes an interface."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict

from tests.documents import ROOT
from tests.patience import PATIENCE, wait_for
from wirestat.commands import main
from wirestat.commands.codes import Code

LEAK = ROOT / "pcaps" / "close-wait-leak" / "middle.pcap"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may write to: a capture of root becomes another user."""
    with tempfile.TemporaryDirectory() as made:  # pytest's own folders get locked by other runs of pytest
        path = Path(made)
        path.chmod(0o777)
        shutil.copy(LEAK, path / "growing.pcap")
        (path / "growing.pcap").chmod(0o644)
        yield path


def loopback() -> str:
    """A free port, on a loopback address by the process id: no other test run can take the port meanwhile."""
    number = os.getpid()
    address = f"127.{1 + (number >> 16) % 250}.{number >> 8 & 255}.{number & 255}"
    with socket.create_server((address, 0)) as taken:
        return f"{address}:{taken.getsockname()[1]}"


def live(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "wirestat", "live", "-q", "--follow", str(folder / "growing.pcap")]
    return subprocess.Popen(
        [*command, *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, cwd="/",
    )  # fmt: skip


def ended(process: "subprocess.Popen[str]") -> str:
    """End a capture, which must succeed, and return its standard error."""
    process.terminate()
    _, heard = process.communicate(timeout=PATIENCE)
    assert process.returncode == Code.DONE, heard
    return heard


def scraped(place: str) -> str:
    """Scrape once."""
    with urllib.request.urlopen(f"http://{place}/metrics", timeout=PATIENCE) as answer:
        assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
        text: str = answer.read().decode()
        return text


def test_a_scrape_is_read_by_the_strict_parser_and_ends_with_the_capture(folder: Path) -> None:
    place = loopback()
    process = live(folder, "--metrics", place)

    def is_judged() -> bool:
        with suppress(ConnectionError, urllib.error.URLError):
            return "wirestat_packets_total 14" in scraped(place)
        return False

    wait_for(is_judged)
    states = next(family for family in strict(scraped(place)) if family.name == "wirestat_endpoint_states")
    found = {(s.labels["side"], s.labels["state"]): s.value for s in states.samples if s.value}
    assert found == {("client", "FIN_WAIT2"): 2, ("server", "CLOSE_WAIT"): 2}
    ended(process)
    with pytest.raises(OSError, match="refused"):
        scraped(place)


@pytest.mark.slow
def test_a_file_is_there_whole(folder: Path) -> None:
    file = folder / "wirestat.prom"
    process = live(folder, "--metrics-file", str(file))
    wait_for(lambda: file.exists() and "\nwirestat_packets_total 14\n" in file.read_text())
    ended(process)
    text = file.read_text()
    assert "# TYPE wirestat_packets_total counter\nwirestat_packets_total 14\n" in text
    assert "EOF" not in text
    assert sorted(path.name for path in folder.iterdir()) == ["growing.pcap", "wirestat.prom"]


@pytest.mark.slow
def test_a_command_gets_the_finding_and_no_shell_is_in_between(folder: Path) -> None:
    out = folder / "alerts"
    process = live(folder, "--on-finding", f"tee -a {out} $(touch {folder}/shell)")
    wait_for(lambda: out.exists() and out.read_text())
    heard = ended(process)
    (alert,) = [json.loads(line) for line in out.read_text().split("\n") if line.strip()]
    assert (alert["change"], alert["finding"]["id"], alert["suppressed"]) == ("opened", "D10", 0)
    assert not (folder / "shell").exists()
    assert "Traceback" not in heard
    if os.geteuid() == 0:
        assert out.stat().st_uid != 0, "it ran as the user who owns nothing"


@pytest.mark.slow
def test_a_command_that_cannot_be_run_is_named(folder: Path) -> None:
    command = folder / "alert"
    command.write_text("#!/no/such/interpreter\n")
    command.chmod(0o755)
    process = live(folder, "--on-finding", str(command))
    until_said(process, f"{command}: no such file or directory")
    ended(process)


def until_said(process: "subprocess.Popen[str]", words: str) -> None:
    """Read complaints up to one with these words; without them the end of the capture would never come."""
    assert process.stderr is not None
    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    assert any(words in line for line in process.stderr)
    watchdog.cancel()


class _Posts(BaseHTTPRequestHandler):
    taken: list[dict[str, Any]]

    def do_POST(self) -> None:
        self.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    taken: list[dict[str, Any]] = []
    server = HTTPServer(("127.0.0.1", 0), type("Posts", (_Posts,), {"taken": taken}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", taken
    server.shutdown()
    server.server_close()


def test_a_webhook_gets_the_finding(folder: Path, hook: tuple[str, list[dict[str, Any]]]) -> None:
    url, taken = hook
    process = live(folder, "--webhook", url)
    wait_for(lambda: taken)
    ended(process)
    assert [alert["finding"]["where"] for alert in taken] == ["10.222.99.2:8080"]


@pytest.mark.slow
def test_less_severe_findings_cause_no_alert(folder: Path, hook: tuple[str, list[dict[str, Any]]]) -> None:
    url, taken = hook
    judged = folder / "judged.prom"
    process = live(folder, "--webhook", url, "--alert-on", "error", "--metrics-file", str(judged))
    wait_for(lambda: judged.exists() and "wirestat_packets_total 14" in judged.read_text())
    ended(process)
    assert taken == []


@pytest.mark.slow
def test_a_server_that_is_gone_does_not_hinder_the_capture(folder: Path) -> None:
    process = live(folder, "--webhook", f"http://{loopback()}/")
    until_said(process, "refused")
    ended(process)


def test_a_busy_port_is_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        process = live(folder, "--metrics", place)
        _, heard = process.communicate(timeout=PATIENCE)
    assert process.returncode == Code.USAGE
    assert f"cannot listen on {place}: address already in use" in heard


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--metrics", "9100"), "is not an address to listen on"),
        (("--metrics", ":99999"), "is not an address to listen on"),
        (("--metrics-file", "/no/such/folder/x.prom"), "no such folder"),
        (("--webhook", "ftp://host/"), "is not an http"),
        (("--metrics-file", "/tmp"), "is not a file"),
        (("--metrics", ""), "is not an address to listen on"),
        (("--on-finding", "'"), "no closing quotation"),
        (("--on-finding", ""), "names no command"),
        (("--on-finding", "no-such-command-here"), "there is no executable command 'no-such-command-here'"),
        (("--webhook", ""), "is not an http"),
        (("--store-every", "5m"), "need --store"),
        (("--store-keep", "5d"), "need --store"),
        (("--metrics-sockets", "3"), "--metrics-sockets needs"),
    ],
)
def test_senseless_options_are_refused(
    arguments: tuple[str, ...], words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["live", "-q", "--follow", str(folder / "growing.pcap"), *arguments]) == Code.USAGE
    assert words in capsys.readouterr().err
