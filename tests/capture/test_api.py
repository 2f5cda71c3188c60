"""Packets handed over in Python."""

import asyncio
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

import wirestat
from tests.quick import sample
from wirestat.capture import programs
from wirestat.capture.engines import Engine
from wirestat.errors import InputError, Unavailable, UsageError

from . import made

pytest.importorskip("scapy")
needs_tshark = pytest.mark.skipif(not shutil.which("tshark"), reason="there is no tshark here")
quiet = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made.write(tmp_path / "x.pcap", made.ETHERNET["last-ack-lost"]())


def test_packets_of_scapy_are_tracked(path: Path) -> None:
    import scapy.layers.all  # noqa: F401  # loads the dissectors
    from scapy.utils import PcapReader, rdpcap

    expected = list(wirestat.analyze(path).connections())
    assert list(wirestat.track(rdpcap(str(path))).connections()) == expected
    with PcapReader(str(path)) as packets:
        assert list(wirestat.track(packets).connections()) == expected


def test_packets_that_were_built_are_tracked() -> None:
    from scapy.layers.inet import IP, TCP
    from scapy.layers.l2 import Ether

    syn = IP(src="10.0.0.1", dst="10.0.0.2") / TCP(sport=1, dport=2, flags="S")
    assert wirestat.track([Ether() / syn]).summary.connections == 1
    assert wirestat.track([syn]).summary.connections == 1


def test_a_sniff_callback_can_be_queried_for_events_and_connections(path: Path) -> None:
    import scapy.layers.all  # noqa: F401  # loads the dissectors
    from scapy.sendrecv import sniff

    tracking = wirestat.Tracking(events=True)
    sniff(offline=str(path), prn=tracking, store=False)
    assert list(tracking.connections()) == list(wirestat.analyze(path).connections())
    assert any(event.client_state == "TIME_WAIT" for event in tracking.events())
    assert not list(tracking.events())
    assert tracking.report().captures[0].frames == 9
    assert tracking.errors == 0


def test_a_callback_never_ends_the_capture() -> None:
    tracking = wirestat.Tracking()
    tracking("no packet at all")
    assert (tracking.errors, type(tracking.last_error)) == (1, AttributeError)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def children() -> set[str]:
    found = subprocess.run(["ps", "-o", "comm=", "--ppid", str(os.getpid())], capture_output=True, text=True)
    return {line for line in found.stdout.split("\n") if line in ("tshark", "dumpcap", "setpriv")}


@needs_tshark
@quiet
def test_a_capture_of_pyshark_is_tracked_anywhere(path: Path) -> None:
    pyshark = pytest.importorskip("pyshark")

    expected = list(wirestat.analyze(path).connections())
    results = []

    def track() -> None:
        capture = pyshark.FileCapture(str(path), keep_packets=False, eventloop=object())
        results.append(list(wirestat.track(capture).connections()))

    async def inside() -> None:
        track()

    track()
    asyncio.run(inside())
    thread = threading.Thread(target=track)
    thread.start()
    thread.join()
    assert results == [expected] * 3
    assert not children()


@needs_tshark
@pytest.mark.slow
def test_no_process_and_no_descriptor_is_left_behind(path: Path) -> None:
    wirestat.analyze(path, engine="pyshark")
    before = descriptors()
    for _ in sample(range(3), each=3):
        wirestat.analyze(path, engine="pyshark")
        wirestat.analyze(path, engine="pyshark", progress=lambda _done, _total: False)
    assert descriptors() == before
    assert not children()


@needs_tshark
def test_display_filters_are_tsharks(path: Path) -> None:
    report = wirestat.analyze(path, engine="pyshark", display_filter="tcp.flags.syn == 1")
    assert report.summary.frames == 2
    with pytest.raises(UsageError, match="display filter"):
        wirestat.analyze(path, engine="pyshark", display_filter="tcp.nonsense == 1")
    with pytest.raises(UsageError, match="no display filters"):
        wirestat.analyze(path, display_filter="tcp")


def test_filters_of_tcpdump_work_on_files(path: Path) -> None:
    engines: tuple[Engine, ...] = ("native", "scapy")
    for engine in engines:
        report = wirestat.analyze(path, engine=engine, filter="src host 10.0.0.2")
        assert report.summary.frames == 4
        [connection] = report.connections()
        assert connection.first_frame == 2, "frames keep the numbers that they have in the file"
    with pytest.raises(UsageError, match="porty"):
        wirestat.analyze(path, filter="tcp porty 80")
    with pytest.raises(UsageError, match="no capture filter to files"):
        wirestat.analyze(path, engine="pyshark", filter="tcp")


@pytest.mark.parametrize("engine", ["scapy", "pyshark"])
def test_a_file_that_is_no_capture_is_refused(engine: Engine, tmp_path: Path) -> None:
    if engine == "pyshark" and not shutil.which("tshark"):
        pytest.skip("there is no tshark here")
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, this is no capture.\n" * 10)
    with pytest.raises(InputError, match=r"letter\.txt"):
        wirestat.analyze(path, engine=engine)


def test_a_missing_tshark_names_the_package(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(programs, "PLACES", ())
    with pytest.raises(Unavailable, match="tshark is not installed") as caught:
        wirestat.analyze(path, engine="pyshark")
    assert "apt install tshark" in str(caught.value.hint)


def test_a_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from wirestat.capture.needs import package

    monkeypatch.setitem(sys.modules, "scapy", None)
    monkeypatch.setitem(sys.modules, "scapy.utils", None)
    with pytest.raises(Unavailable, match="scapy is not installed") as caught:
        package("scapy.utils")
    assert "-m pip install 'wirestat[scapy]'" in str(caught.value.hint)


@needs_tshark
def test_pyshark_describes_what_is_read_and_runs_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyshark")
    from pyshark.capture import capture, live_capture
    from pyshark.tshark import tshark

    from wirestat.capture import tshark_task

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("pyshark reads config.ini, and runs what that names")

    for module in (capture, live_capture, tshark):
        monkeypatch.setattr(module, "get_process_path", refuse)
    monkeypatch.setattr(tshark, "get_config", refuse)
    built = capture.Capture.get_parameters

    def build(self: Any, packet_count: int | None = None) -> list[str]:
        return [*built(self, packet_count), "-c", "4"]

    monkeypatch.setattr(capture.Capture, "get_parameters", build)
    report = wirestat.analyze(path, engine="pyshark", display_filter="tcp")
    assert report.summary.frames == 4
    assert "by pyshark" in report.captures[0].format
    task = tshark_task.of_interfaces(["lo", "eth0"], "tcp port 80", "ip", None, None)
    assert task.arguments() == ["-Y", "ip", "-c", "4", "-r", "-"]
    assert task.capturing() == ["-q", "-f", "tcp port 80", "-i", "lo", "-i", "eth0", "-w", "-"]


def test_the_engine_pyshark_takes_the_package(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyshark", None)
    monkeypatch.setattr(programs, "find", lambda _: "/bin/true")
    from wirestat.capture import pyshark_captures

    with pytest.raises(Unavailable, match="pyshark is not installed") as caught:
        pyshark_captures.of_file(str(path), None, None)
    assert "-m pip install 'wirestat[pyshark]'" in str(caught.value.hint)


def test_a_file_that_cannot_be_read_raises(path: Path) -> None:
    mistyped: Any = "wireshark"
    with pytest.raises(UsageError, match="no capture named"):
        wirestat.analyze()
    with pytest.raises(UsageError, match="keep is 'all' or 'summary', and not 'wireshark'"):
        wirestat.analyze(path, keep=mistyped)
    with pytest.raises(UsageError, match="unknown engine 'wireshark'"):
        wirestat.analyze(path, engine=mistyped)


def test_a_report_shows_itself_in_a_line(path: Path) -> None:
    shown = repr(wirestat.analyze(path))
    assert shown == f"<Report on {path}: 1 connection, found nothing>"


def test_a_state_on_a_silent_wire_is_held_until_now() -> None:
    from scapy.utils import rdpcap

    leak = Path(__file__).parents[2] / "pcaps" / "close-wait-leak" / "middle.pcap"
    packets = rdpcap(str(leak))[:9]
    tracking = wirestat.Tracking()
    for packet in packets:
        tracking(packet)
    tracking.advance(int(packets[-1].time * 10**9) + 70 * 10**9)
    report = tracking.report()
    assert [finding.id for finding in report.findings] == ["D10"]
    assert "in CLOSE_WAIT for at least 70" in report.findings[0].explanation
    assert report.end_ns - packets[-1].time * 10**9 > 69 * 10**9
