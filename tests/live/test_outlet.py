"""Metrics that are scraped, and alerts, of a capture that is followed: neither takes an interface."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict

from tests.documents import ROOT
from wirestat.commands.codes import Code

LEAK = ROOT / "pcaps" / "close-wait-leak" / "middle.pcap"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may write in: root's capture becomes somebody else."""
    with (
        tempfile.TemporaryDirectory() as made
    ):  # other runs of pytest lock everybody out of those that it makes
        path = Path(made)
        path.chmod(0o777)
        shutil.copy(LEAK, path / "growing.pcap")
        (path / "growing.pcap").chmod(0o644)
        yield path


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        found: int = taken.getsockname()[1]
        return found


def live(folder: Path, *arguments: str, duration: str = "3s") -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "wirestat", "live", "-q", "--follow", str(folder / "growing.pcap")]
    return subprocess.Popen(
        [*command, "--duration", duration, *arguments],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")}, cwd="/",
    )  # fmt: skip


def scraped(port: int, path: str = "/metrics") -> str:
    """Scrape until something has been judged."""
    end = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
                text: str = answer.read().decode()
            if "wirestat_packets_total 14" in text:
                return text
        except ConnectionError:
            pass
        except OSError as error:
            if "refused" not in str(error):
                raise
        assert time.monotonic() < end, "nothing was served"
        time.sleep(0.1)


def test_a_scrape_is_read_by_the_strict_parser_and_takes_no_time(folder: Path, port: int) -> None:
    process = live(folder, "--metrics", f":{port}", duration="6s")
    text = scraped(port)
    states = next(family for family in strict(text) if family.name == "wirestat_endpoint_states")
    found = {(s.labels["side"], s.labels["state"]): s.value for s in states.samples if s.value}
    assert found == {("client", "FIN_WAIT2"): 2, ("server", "CLOSE_WAIT"): 2}
    quickest = min(_timed(port) for _ in range(5))
    assert quickest < 0.05
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == Code.DONE
    with pytest.raises(OSError, match="refused"):
        scraped_once(port)


def _timed(port: int) -> float:
    begin = time.perf_counter()
    scraped_once(port)
    return time.perf_counter() - begin


def scraped_once(port: int) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        body: bytes = answer.read()
        return body


def test_a_file_is_there_whole(folder: Path) -> None:
    process = live(folder, "--metrics-file", str(folder / "wirestat.prom"))
    process.communicate(timeout=30)
    text = (folder / "wirestat.prom").read_text()
    assert "# TYPE wirestat_packets_total counter\nwirestat_packets_total 14\n" in text
    assert "EOF" not in text
    assert sorted(path.name for path in folder.iterdir()) == ["growing.pcap", "wirestat.prom"]


def test_a_command_gets_the_finding_and_no_shell_is_in_between(folder: Path) -> None:
    out = folder / "alerts"
    process = live(folder, "--on-finding", f"tee -a {out} $(touch {folder}/shell)")
    _, heard = process.communicate(timeout=30)
    (alert,) = [json.loads(line) for line in out.read_text().split("\n") if line.strip()]
    assert (alert["change"], alert["finding"]["id"], alert["suppressed"]) == ("opened", "D10", 0)
    assert not (folder / "shell").exists()
    assert "Traceback" not in heard
    if os.geteuid() == 0:
        assert out.stat().st_uid != 0, "it ran as the user who owns nothing"


def test_a_command_that_cannot_be_run_is_named(folder: Path) -> None:
    command = folder / "alert"
    command.write_text("#!/no/such/interpreter\n")
    command.chmod(0o755)
    _, heard = live(folder, "--on-finding", str(command)).communicate(timeout=30)
    assert f"{command}: no such file or directory" in heard


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
    live(folder, "--webhook", url).communicate(timeout=30)
    assert [alert["finding"]["where"] for alert in taken] == ["10.222.99.2:8080"]


def test_less_severe_findings_are_not_told(folder: Path, hook: tuple[str, list[dict[str, Any]]]) -> None:
    url, taken = hook
    live(folder, "--webhook", url, "--alert-on", "error").communicate(timeout=30)
    assert taken == []


def test_a_server_that_is_gone_does_not_hinder_the_capture(folder: Path, port: int) -> None:
    process = live(folder, "--webhook", f"http://127.0.0.1:{port}/")
    _, heard = process.communicate(timeout=30)
    assert process.returncode == Code.DONE
    assert "refused" in heard


def test_a_busy_port_is_one_line(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f":{taken.getsockname()[1]}"
        process = live(folder, "--metrics", place)
        _, heard = process.communicate(timeout=30)
    assert process.returncode == Code.USAGE
    assert f"cannot listen on 127.0.0.1{place}: address already in use" in heard


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--metrics", "9100"), "is no place to listen"),
        (("--metrics", ":99999"), "is no place to listen"),
        (("--metrics-file", "/no/such/folder/x.prom"), "no such folder"),
        (("--webhook", "ftp://host/"), "is no URL"),
        (("--metrics-file", "/tmp"), "is no file"),
        (("--metrics", ""), "is no place to listen"),
        (("--on-finding", "'"), "no closing quotation"),
        (("--on-finding", ""), "names no command"),
        (("--on-finding", "no-such-command-here"), "there is no command 'no-such-command-here'"),
        (("--webhook", ""), "is no URL"),
        (("--store-every", "5m"), "are about --store"),
        (("--store-keep", "5d"), "are about --store"),
        (("--metrics-sockets", "3"), "--metrics-sockets is about"),
    ],
)
def test_senseless_options_are_refused(arguments: tuple[str, ...], words: str, folder: Path) -> None:
    process = live(folder, *arguments)
    _, heard = process.communicate(timeout=30)
    assert process.returncode == Code.USAGE
    assert words in heard
