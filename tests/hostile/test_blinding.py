"""Junk does not blind the diagnoses: real conversations are judged, before and behind it, and the rest is counted."""

import random
import struct
from pathlib import Path

import pytest

import wirestat
from tests.hostile.flood import ACK, BASE_S, DESTINATION, DPORT, FLAGS, SEQ, SOURCE, SPORT, Flood, segment
from wirestat.report import text
from wirestat.report.build import Report
from wirestat.report.layout import View
from wirestat.tracked import Keep

pytestmark = pytest.mark.slow
LEAK = Path(__file__).parents[2] / "pcaps/field/leak-of-close-wait/capture.pcap"
PACKETS, CLIENTS = 400_000, 20_000
"""Short dialogues of nonsense: they make up more kinds of connections than are judged."""
JUNK_FLAGS = (0x02, 0x10, 0x11, 0x18, 0x04, 0x14, 0x12, 0x19, 0x01, 0x29)
FIRST = 24
"""Octets in front of the first record of a pcap."""


@pytest.fixture(scope="module")
def junk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance = random.Random(5)
    flood = Flood(segment(".", 20), PACKETS)
    flood.spell(FLAGS, bytes(chance.choices(JUNK_FLAGS, k=PACKETS)))
    for at in (SEQ, ACK):
        flood.vary(at, (1000 + number for number in chance.choices(range(64), k=PACKETS)))
    places = chance.choices(range(2 * CLIENTS), k=PACKETS)
    ends = [(0x0A000001, 4000 + place // 2) for place in places], (0xC0000250, 80)
    for address, port, side in ((SOURCE, SPORT, 0), (DESTINATION, DPORT, 1)):
        told = [end if place % 2 == side else ends[1] for place, end in zip(places, ends[0], strict=True)]
        flood.vary(address, (one[0] for one in told)).vary(port, (one[1] for one in told), 2)
    return flood.write(tmp_path_factory.mktemp("junk") / "junk.pcap")


def moved(capture: Path, begin_s: int, path: Path) -> Path:
    """Write a copy of a capture that begins at another second."""
    data = bytearray(capture.read_bytes())
    at, (first,) = FIRST, struct.unpack_from("<I", data, FIRST)
    while at < len(data):
        seconds, _, captured, _ = struct.unpack_from("<IIII", data, at)
        struct.pack_into("<I", data, at, seconds - first + begin_s)
        at += 16 + captured
    path.write_bytes(data)
    return path


def leaks(report: Report) -> list[tuple[str, int]]:
    return [(finding.title, finding.count) for finding in report.findings if finding.id in ("D10", "D31")]


@pytest.mark.parametrize("keep", ["all", "summary"])
@pytest.mark.parametrize("begin_s", [BASE_S - 60, BASE_S + 20], ids=["before", "behind"])
def test_a_leak_is_found_before_and_behind_junk(begin_s: int, keep: Keep, junk: Path, tmp_path: Path) -> None:
    leak = moved(LEAK, begin_s, tmp_path / "leak.pcap")
    alone = wirestat.analyze(leak, keep=keep)
    assert leaks(alone)
    report = wirestat.analyze(junk, leak, keep=keep)
    beyond = report.summary.beyond_limits
    assert beyond["connections"] > 1000, "the junk has to make up too many kinds"
    found = leaks(report)
    assert {title for title, _ in leaks(alone)} <= {title for title, _ in found}
    shown = "\n".join(text.render(report, View(width=200)))
    assert f"{beyond['connections']:,} connections of too many kinds: counted, not judged" in shown
    judged = sum(signature.count for signature in report.summary.signatures)
    assert judged + beyond["connections"] == report.summary.connections
