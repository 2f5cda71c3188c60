"""Zeek's conn.log: dialogues that Zeek's documentation describes, and readers of Zeek's logs."""

import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from zat.zeek_log_reader import ZeekLogReader

from tests.documents import ROOT
from tests.packets.files import pcap
from tests.quick import some_quick
from tests.wirescript.script import Script, Sent
from tests.wirescript.wire import BASE_NS, VARIANTS, Variant, Wire
from wirestat import _core
from wirestat.commands import main
from wirestat.commands.codes import Code

A, B = "A", "B"
SYN, SYN_ACK, ACK = Sent(A, "S", 99, 0), Sent(B, "S.", 299, 0, ack=100), Sent(A, ".", 100, 0, ack=300)
OPENED = (SYN, SYN_ACK, ACK)
ASKS, ANSWERS = Sent(A, "P.", 100, 10, ack=300), Sent(B, "P.", 300, 20, ack=110)

DIALOGUES: dict[str, tuple[tuple[Sent, ...], tuple[object, ...]]] = {
    # what is sent: conn_state, history, and where it matters orig_bytes, resp_bytes, missed_bytes
    "an attempt without an answer": ((SYN,), ("S0", "S")),
    "the same, resent": ((SYN, SYN), ("S0", "S")),
    "refused": ((SYN, Sent(B, "R.", 0, 0, ack=100)), ("REJ", "Sr")),
    "given up before an answer": ((SYN, Sent(A, "R", 100, 0)), ("RSTOS0", "SR")),
    "open": (OPENED, ("S1", "ShA", 0, 0)),
    "open, with data": ((*OPENED, ASKS, ANSWERS), ("S1", "ShADd", 10, 20)),
    "closed by both": (
        (*OPENED, ASKS, ANSWERS, Sent(A, "F.", 110, 0, ack=320), Sent(B, "F.", 320, 0, ack=111),
         Sent(A, ".", 111, 0, ack=321)),
        ("SF", "ShADdFf", 10, 20),
    ),
    "closed by the originator": (
        (*OPENED, Sent(A, "F.", 100, 0, ack=300), Sent(B, ".", 300, 0, ack=101)), ("S2", "ShAFa")
    ),
    "closed by the responder": ((*OPENED, Sent(B, "F.", 300, 0, ack=100)), ("S3", "ShAf")),
    "reset by the originator": ((*OPENED, ASKS, Sent(A, "R.", 110, 0, ack=300)), ("RSTO", "ShADR", 10, 0)),
    "reset by the responder": ((*OPENED, ASKS, Sent(B, "R.", 300, 0, ack=110)), ("RSTR", "ShADr")),
    "half open: SYN and FIN": ((SYN, Sent(A, "F.", 100, 0, ack=0)), ("SH", "SF")),
    "only the responder, closed": ((SYN_ACK, Sent(B, "F.", 300, 0, ack=100)), ("SHR", "^hf")),
    "only the responder, reset": ((SYN_ACK, Sent(B, "R.", 300, 0, ack=100)), ("RSTRH", "^hr")),
    "joined on its way": ((ASKS, ANSWERS), ("OTH", "Dd", 10, 20)),
    "a lonely reset": ((Sent(A, "R", 110, 0),), ("OTH", "R")),
    "the SYN was missed": ((SYN_ACK, ACK), ("S1", "^hA")),
    "resent once": ((*OPENED, ASKS, ASKS), ("S1", "ShADT", 10, 0)),
    "resent ten times": ((*OPENED, ASKS, *[ASKS] * 10), ("S1", "ShADTT", 10, 0)),
    "a hole": (
        (*OPENED, ASKS, Sent(A, "P.", 120, 10, ack=300), Sent(B, ".", 300, 0, ack=130)),
        ("S1", "ShADaG", 30, 0, 10),
    ),
    "a hole that is filled late": (
        (*OPENED, Sent(A, "P.", 110, 10, ack=300), ASKS, Sent(B, ".", 300, 0, ack=120)),
        ("S1", "ShADTa", 20, 0, 0),
    ),
    "a closed window": ((*OPENED, ASKS, Sent(B, ".", 300, 0, ack=110, window=0)), ("S1", "ShADaw")),
    "FIN and RST in one": ((*OPENED, Sent(A, "FR", 100, 0)), ("RSTO", "ShAI")),
    "SYN and FIN in one": ((Sent(A, "SF", 99, 0),), ("SH", "Q")),
    "reset after the close": (
        (*OPENED, Sent(A, "F.", 100, 0, ack=300), Sent(B, "F.", 300, 0, ack=101), Sent(A, "R", 101, 0)),
        ("SF", "ShAFfR"),
    ),
    "a FIN, then a reset": (
        (*OPENED, Sent(A, "F.", 100, 0, ack=300), Sent(A, "R", 101, 0)), ("RSTO", "ShAFR")
    ),
}  # fmt: skip
FIGURES = ("conn_state", "history", "orig_bytes", "resp_bytes", "missed_bytes")


def log(path: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return the lines of a capture's log, as JSON has them."""
    out = path.with_suffix(".json")
    assert main([str(path), "--format", "zeek-json", "-q", "-o", str(out), *arguments]) == Code.DONE
    return [json.loads(line) for line in out.read_text().splitlines()]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
@pytest.mark.parametrize("title", some_quick(list(DIALOGUES), each=4))
def test_a_dialogue_has_the_fields_that_zeek_documents(title: str, variant: Variant, tmp_path: Path) -> None:
    segments, expected = DIALOGUES[title]
    wire = Wire(Script(title, Path(), 0), variant)
    frames = [(BASE_NS + 10_000_000 * n, len(f), f) for n, f in enumerate(map(wire.segment, segments))]
    capture = tmp_path / "capture.pcap"
    capture.write_bytes(pcap(frames))
    (line,) = log(capture)
    assert tuple(line.get(name) for name in FIGURES[: len(expected)]) == expected
    assert line["orig_pkts"] + line["resp_pkts"] == len(frames)
    header = {4: 40, 6: 60}[variant.version]
    octets = sum(header + segment.payload for segment in segments)
    assert line["orig_ip_bytes"] + line["resp_ip_bytes"] == octets
    assert line["id.resp_p"] == 80, "the direction is that of the connection"


CAPTURES = sorted((ROOT / "pcaps").glob("*/middle.pcap"))


@pytest.mark.parametrize("path", some_quick(CAPTURES[::6], each=5), ids=lambda path: path.parent.name)
def test_zat_reads_the_same_values_as_the_json(path: Path, tmp_path: Path) -> None:
    tsv = tmp_path / "conn.log"
    assert main([str(path), "-q", "-o", str(tsv)]) in (Code.DONE, Code.INPUT)
    copy = tmp_path / "capture.pcap"
    copy.symlink_to(path)
    lines = log(copy)
    rows = list(ZeekLogReader(str(tsv)).readrows())
    assert len(rows) == len(lines) > 0
    for row, line in zip(rows, lines, strict=True):
        for name, value in line.items():
            read = row[name]
            if name == "ts":
                read = round(read.replace(tzinfo=UTC).timestamp(), 6)
            elif name == "duration":
                read = read.total_seconds()
            elif name == "findings":
                read = [] if read in ("(empty)", "") else read.split(",")
            assert read == pytest.approx(value) if isinstance(value, float) else read == value, name


def test_zeek_cut_finds_every_column(tmp_path: Path) -> None:
    """zeek-cut takes columns by the names in ``#fields``, and every line has as many values."""
    tsv = tmp_path / "conn.log"
    assert main([str(ROOT / "pcaps/close-wait-leak/middle.pcap"), "-o", str(tsv)]) == Code.DONE
    lines = tsv.read_text().splitlines()
    heading = dict(line[1:].split("\t", 1) for line in lines if line.startswith("#") and "\t" in line)
    names = heading["fields"].split("\t")
    assert list(zip(names, heading["types"].split("\t"), strict=True)) == list(_core.CONN_LOG)
    cut = [[line.split("\t")[names.index(name)] for name in ("conn_state", "client_state", "findings")]
           for line in lines if not line.startswith("#")]  # fmt: skip
    assert cut == [["S2", "FIN_WAIT2", "D10"], ["S2", "FIN_WAIT2", "(empty)"]]
    assert lines[0] == "#separator \\x09"
    assert lines[-1].startswith("#close\t2026-11-21-")


def test_udp_is_there_unless_connections_are_chosen(tmp_path: Path) -> None:
    wire = Wire(Script("udp", Path(), 0), VARIANTS[0])
    frame = wire.segment(SYN)
    # A datagram of eight octets and its answer, in place of the segment.
    datagram = frame[:23] + b"\x11" + frame[24:34] + b"\x9c\x40\x00\x35\x00\x10\x00\x00" + bytes(8)
    datagram = datagram[:16] + (36).to_bytes(2, "big") + datagram[18:]
    answer = datagram[:26] + datagram[30:34] + datagram[26:30] + b"\x00\x35\x9c\x40" + datagram[38:]
    capture = tmp_path / "capture.pcap"
    capture.write_bytes(pcap([(BASE_NS, len(f), f) for f in (datagram, answer)]))
    (line,) = log(capture)
    figures = {"proto": "udp", "conn_state": "SF", "history": "Dd", "orig_pkts": 1, "orig_ip_bytes": 36}
    assert figures.items() <= line.items()
    assert "client_state" not in line
    assert log(capture, "-Y", "port==53") == []


def test_every_connection_has_a_uid_of_its_own(tmp_path: Path) -> None:
    uids = []
    for path in CAPTURES[:20]:
        copy = tmp_path / f"{path.parent.name}.pcap"
        copy.symlink_to(path)
        uids += [line["uid"] for line in log(copy)]
    assert len(set(uids)) == len(uids) > 20


BASELINES = sorted((Path(__file__).parent / "zeek").glob("*.tsv"))


@pytest.mark.parametrize("baseline", BASELINES, ids=lambda path: path.stem)
def test_the_log_equals_that_of_zeek_itself(baseline: Path, tmp_path: Path) -> None:
    """Captures cut to their headers, and what Zeek wrote of them (tests/export/zeek/README)."""
    ours = tmp_path / "conn.log"
    assert (
        main([str(baseline.with_suffix(".pcap.gz")), "--format", "zeek", "-q", "-o", str(ours)]) == Code.DONE
    )
    names, *theirs = [line.split("\t") for line in baseline.read_text().splitlines()]
    columns = [name for name, _ in _core.CONN_LOG]
    places = [columns.index(name) for name in names]
    rows = [line.split("\t") for line in ours.read_text().splitlines() if not line.startswith("#")]
    assert sorted([row[place] for place in places] for row in rows) == sorted(theirs)
