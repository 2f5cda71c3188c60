"""Makes the inputs that fuzzing begins with out of captures: ``corpus.py CAPTURES CORPUS``.

A capture is an input of the target ``file`` as it is, and each of its first frames one of ``wire``; the other targets
are given the same bytes to make segments, blocks, records and programs of, and ``filters`` some expressions.
"""

import hashlib
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

LARGEST = 4096
FRAMES = 4
EXPRESSIONS = (
    "tcp port 80", "host 10.0.0.1 and not udp", "net 192.0.2.0/24", "vlan 7 and ip6", "portrange 1-1024",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "ether[12:2] = 0x800", "src net 2001:db8::/32 or icmp", "len > 100",
)  # fmt: skip


def frames(data: bytes) -> Iterator[bytes]:
    """Yield the frames of a plain pcap of the usual byte order, and none of anything else."""
    if data[:4] not in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1"):
        return
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16 : at + 16 + length]
        at += 16 + length


def main(captures: Path, corpus: Path) -> None:
    """Write every input once, by what it holds."""
    for path in sorted(captures.glob("**/*.pcap*")):
        data = path.read_bytes()
        keep(corpus / "file", data[:LARGEST])
        for frame in list(frames(data))[:FRAMES]:
            part = frame[:255]
            keep(corpus / "wire", bytes((1, 0, len(part), len(part))) + part)
            for target in ("tracking", "join", "ring", "recorder"):
                keep(corpus / target, frame[:256])
    for expression in EXPRESSIONS:
        said = expression.encode()
        keep(corpus / "filters", b"\x01" + said + bytes(len(said)))


def keep(folder: Path, data: bytes) -> None:
    """Write an input under a name made of its bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data, usedforsecurity=False).hexdigest()).write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
