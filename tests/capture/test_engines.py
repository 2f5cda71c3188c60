"""One capture, three engines, the same connections, transitions, facts and findings.

They differ in this, because the engines differ:

- frames that are not TCP are counted under tshark's names, and what is not understood is not counted by reason;
- tshark needs a whole TCP header, the core is content with its first 16 bytes;
- a capture cut short is cut at the same frame, but each says so in its own words;
- tshark dates records of zeros alone to 1970, the others to the frame before;
- scapy mistakes pcapng files with several sections, time offsets, or packets without times (``docs/live.md``).
"""

import shutil
import struct
from pathlib import Path

import pytest

import wirestat
from tests.packets import ip, tcp
from tests.quick import some_quick
from tests.wirescript.wire import ADDRESSES
from wirestat.capture.engines import Engine
from wirestat.report.build import Report

from . import made

pytest.importorskip("scapy")
LAB = Path(__file__).parents[2] / "pcaps"
CAPTURES = sorted(LAB.glob("**/*.pcap*"))
ENGINES: dict[Engine, int] = {"scapy": 60}
"""Engines beside the native one. A plain ``pytest`` tries one capture in so many: scapy dissects slowly, and tshark
takes a second to start."""
if shutil.which("tshark"):
    pytest.importorskip("pyshark")
    ENGINES["pyshark"] = 300
PAIRS = [
    pair
    for engine, every in ENGINES.items()
    for pair in some_quick(
        [pytest.param(path, engine, id=f"{path.parent.name}-{path.stem}-{engine}") for path in CAPTURES],
        every,
    )
]


def told(report: Report) -> tuple[object, ...]:
    """The records that must be the same, whichever engine read the capture."""
    totals = report.summary
    findings = [finding for finding in report.findings if finding.connection is not None or finding.examples]
    return (
        list(report.connections()),
        findings,
        totals.transitions,
        totals.states,
        totals.tcp_segments,
        totals.duplicate_frames,
        totals.icmp_errors,
        totals.frames,
    )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", some_quick(list(made.ETHERNET), each=6))
def test_engines_agree_on_handmade_captures(case: str, engine: Engine, tmp_path: Path) -> None:
    path = made.write(tmp_path / f"{case}.pcap", made.ETHERNET[case]())
    native = wirestat.analyze(path)
    assert native.summary.connections == 1
    assert told(wirestat.analyze(path, engine=engine)) == told(native)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_survives_impossible_capture_times(engine: Engine, tmp_path: Path) -> None:
    frames = made.ETHERNET["normal"]()
    path = tmp_path / "nonsense.pcapng"
    path.write_bytes(b"".join(made.pcapng(frames, start_ns=(1 << 64) - 10**9)))
    summary = wirestat.analyze(path, engine=engine).summary
    assert (summary.connections, summary.tcp_segments) == (1, len(frames))


@pytest.mark.skipif("pyshark" not in ENGINES, reason="there is no tshark here")
@pytest.mark.parametrize("missing", some_quick([0, 2, 14, 26], each=4))
def test_tshark_counts_no_segment_with_an_incomplete_tcp_header(missing: int, tmp_path: Path) -> None:
    whole = made.ETHERNET["normal"]()
    cut = made.ethernet(made.tcp(made.B, made.A, 9, 9, made.ACK, options=bytes(12)))
    cut = cut[:-missing] if missing else cut[:46] + b"\x10" + cut[47:]  # of four words instead of eight
    path = made.write(tmp_path / "cut.pcap", [*whole, cut])
    summary = wirestat.analyze(path, engine="pyshark").summary
    assert (summary.connections, summary.tcp_segments) == (1, len(whole))
    assert summary.other_frames == {"not dissected further": 1}


@pytest.mark.parametrize("engine", ["native", *ENGINES])
@pytest.mark.parametrize("case", some_quick(["forged-reset", "forged-reset-in-vxlan"], each=2))
def test_every_engine_reads_flow_labels(case: str, engine: Engine, tmp_path: Path) -> None:
    path = made.write(tmp_path / f"{case}.pcap", made.ETHERNET[case]())
    (connection,) = wirestat.analyze(path, engine=engine).connections()
    assert ("rst-looks-foreign", "server") in {(fact.fact, fact.endpoint) for fact in connection.facts}


@pytest.mark.parametrize("engine", ["native", *ENGINES])
@pytest.mark.parametrize("version", some_quick([4, 6], each=2))
def test_every_engine_reports_overlapping_fragments_that_differ(
    version: int, engine: Engine, tmp_path: Path
) -> None:
    around = ip.ipv4 if version == 4 else ip.ipv6
    source, destination = ADDRESSES[version]["A"], ADDRESSES[version]["B"]
    syn = ip.ethernet(around(source, destination, tcp.Tcp(40_000, 80, "S", 99, 0, 65_000, b"", 0).pack()))
    report = wirestat.analyze(made.write(tmp_path / "x.pcap", ip.disputed(syn)), engine=engine)
    (connection,) = report.connections()
    assert [(fact.fact, fact.endpoint) for fact in connection.facts] == [("fragments-differ", "client")]


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree_on_raw_packets(engine: Engine, tmp_path: Path) -> None:
    path = made.write(tmp_path / "raw.pcap", made.conversation(), link_type=101)
    assert told(wirestat.analyze(path, engine=engine)) == told(wirestat.analyze(path))


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree_on_pcapng(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "x.pcapng"
    path.write_bytes(b"".join(made.pcapng(made.ETHERNET["last-ack-lost"]())))
    assert told(wirestat.analyze(path, engine=engine)) == told(wirestat.analyze(path))


@pytest.mark.parametrize("engine", ENGINES)
def test_engines_agree_on_several_files(engine: Engine, tmp_path: Path) -> None:
    frames = made.ETHERNET["normal"]()
    first = tmp_path / "a.pcap"
    first.write_bytes(made.pcap(frames[::2], step_ns=2_000_000))
    second = tmp_path / "b.pcap"
    second.write_bytes(made.pcap(frames[1::2], step_ns=2_000_000, start_ns=made.START * 10**9 + 1_000_000))
    assert told(wirestat.analyze(first, second, engine=engine)) == told(wirestat.analyze(first, second))


@pytest.mark.parametrize("engine", ENGINES)
def test_a_capture_cut_short_is_reported_in_part(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "cut.pcap"
    path.write_bytes(made.pcap(made.ETHERNET["normal"]())[:-7])
    report = wirestat.analyze(path, engine=engine)
    assert report.captures[0].error
    assert told(report)[4:] == told(wirestat.analyze(path))[4:]


def test_scapy_takes_no_time_from_records_of_zeros(tmp_path: Path) -> None:
    path = tmp_path / "zeros.pcap"
    path.write_bytes(made.pcap(made.ETHERNET["normal"]()) + bytes(48))
    reports = [wirestat.analyze(path, engine=engine) for engine in ("native", "scapy")]
    assert told(reports[0]) == told(reports[1])
    spans = [(one.captures[0].first_time_ns, one.captures[0].last_time_ns) for one in reports]
    assert spans[0] == spans[1]
    assert spans[0][0] == made.START * 10**9


def steps_backward() -> bytes:
    """Return a file of which the second half is earlier than the first, and two frames are cut short."""
    frames = made.ETHERNET["normal"]()
    stamps = [
        made.START * 10**9 + 1_000_000 * (place if place < 4 else place - 10) for place in range(len(frames))
    ]
    records = [bytearray(made.record(stamp, frame)) for stamp, frame in zip(stamps, frames, strict=True)]
    for record in records[2:4]:
        struct.pack_into("<I", record, 12, 1000)
    return made.header() + b"".join(records)


@pytest.mark.parametrize("engine", ["native", *ENGINES])
def test_engines_agree_on_steps_backward_and_cut_frames(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "joined.pcap"
    path.write_bytes(steps_backward())
    (capture,) = wirestat.analyze(path, engine=engine).captures
    assert (capture.backward_steps, capture.snapped_frames) == (1, 2)


def test_packets_of_scapy_are_counted_like_frames_of_files(tmp_path: Path) -> None:
    from scapy.utils import rdpcap

    path = tmp_path / "joined.pcap"
    path.write_bytes(steps_backward())
    tracking = wirestat.Tracking()
    packets = rdpcap(str(path))
    for packet in packets:
        tracking(packet)
    for report in (wirestat.track(packets), tracking.report()):
        (capture,) = report.captures
        assert (capture.backward_steps, capture.snapped_frames) == (1, 2)


@pytest.mark.skipif(not CAPTURES, reason="there is no pcaps/ here")
@pytest.mark.parametrize(("path", "engine"), PAIRS)
def test_engines_agree_on_every_capture_of_the_lab(path: Path, engine: Engine) -> None:
    assert told(wirestat.analyze(path, engine=engine)) == told(wirestat.analyze(path))


def test_scapy_dissects_link_types_that_the_core_has_no_decoder_for(tmp_path: Path) -> None:
    from scapy.config import conf
    from scapy.layers.l2 import Ether

    conf.l2types.register_num2layer(162, Ether)  # USER15
    path = made.write(tmp_path / "user.pcap", made.ETHERNET["last-ack-lost"](), link_type=162)
    plain = made.write(tmp_path / "plain.pcap", made.ETHERNET["last-ack-lost"]())
    assert wirestat.analyze(path).summary.connections == 0
    assert told(wirestat.analyze(path, engine="scapy")) == told(wirestat.analyze(plain))
