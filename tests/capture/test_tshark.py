"""A tshark that cannot be used, or talks nonsense: said at once, and what it said before is kept."""

from pathlib import Path

import pytest

import wirestat
from wirestat.capture.tshark_fields import FIELDS
from wirestat.errors import InputError, Unavailable

from . import made


def stand_in(folder: Path, script: str) -> Path:
    """Make a tshark of a shell script."""
    program = folder / "tshark"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    for way in (folder, *folder.parents):
        way.chmod(way.stat().st_mode | 0o011)  # root has another user run it
    return program


def test_an_old_tshark_names_the_package(tmp_path: Path) -> None:
    program = stand_in(tmp_path, "echo 'TShark (Wireshark) 2.6.20 (Git v2.6.20 packaged as 2.6.20-0)'")
    path = made.write(tmp_path / "x.pcap", made.ETHERNET["normal"]())
    with pytest.raises(Unavailable, match=r"tshark 2\.6\.20 is too old: it takes 3\.4 or later") as caught:
        wirestat.analyze(path, engine="pyshark", tshark=str(program))
    assert "apt install tshark" in str(caught.value.hint)


TOLD = {
    "frame.number": "1",
    "frame.time_epoch": "1700000000.000000000",
    "frame.len": "74",
    "frame.cap_len": "74",
    "frame.protocols": "eth:ethertype:ip:tcp",
    "ip.src": "10.0.0.1",
    "ip.dst": "10.0.0.2",
    "tcp.srcport": "4000",
    "tcp.dstport": "80",
    "tcp.seq_raw": "100",
    "tcp.flags": "0x0002",
    "tcp.window_size_value": "64240",
    "tcp.len": "0",
    "tcp.checksum": "0x1234",
    "tcp.hdr_len": "20",
    "ip.ttl": "64",
}
GOOD = "\t".join(TOLD.get(field, "") for field in FIELDS)
NONSENSE = {
    "words": "echo what a day",
    "a number that is none": "sed s/4000/porty/",
    "a port beyond 16 bits": "sed s/4000/70000/",
    "a sequence number beyond 32 bits": "sed s/100/5000000000/",
    "a number below 0": "sed s/64240/-5/",
    "an address that is none": "sed s/10.0.0.1/10.0.0.777/",
    "a time that is none": "sed s/1700000000/yesterday/",
    "octets": r"printf '\000\377\n'",
}


@pytest.mark.parametrize("kind", NONSENSE)
def test_an_invalid_line_of_tshark_ends_the_reading(kind: str, tmp_path: Path) -> None:
    (tmp_path / "good").write_text(f"{GOOD}\n")
    (tmp_path / "first").write_text(f"{GOOD}\n")
    for made_here in ("good", "first"):
        (tmp_path / made_here).chmod(0o644)
    script = f"""case $1 in -v) echo 'TShark (Wireshark) 4.0.17'; exit;; esac
cat >/dev/null
cd {tmp_path}
cat first
cat good | {NONSENSE[kind]}
cat good"""
    program = str(stand_in(tmp_path, script))
    path = made.write(tmp_path / "x.pcap", made.ETHERNET["normal"]())
    report = wirestat.analyze(path, engine="pyshark", tshark=program)
    (capture,) = report.captures
    assert (report.summary.frames, capture.frames) == (1, 1)
    assert "after 1 frames tshark wrote a line that makes no sense" in (capture.error or "")
    both = wirestat.analyze(path, path, engine="pyshark", tshark=program)
    assert [capture.frames for capture in both.captures] == [1, 1]
    assert both.summary.frames == 2
    (tmp_path / "first").write_text("")
    with pytest.raises(InputError, match="makes no sense"):
        wirestat.analyze(path, engine="pyshark", tshark=program)
