"""Makes a capture file from a few lines, for tests that need a real one."""

import struct
from collections.abc import Iterable

CLIENT, SERVER = bytes([192, 0, 2, 10]), bytes([198, 51, 100, 80])
FIN, SYN, ACK = 1, 2, 16
_RAW_IP = 101

Line = tuple[float, str, int, int, int]
"""Seconds, ``>`` from the client or ``<`` from the server, flags, sequence number, acknowledgement."""

LOST_LAST_ACK: list[Line] = [
    (0.000, ">", SYN, 1000, 0),
    (0.010, "<", SYN | ACK, 9000, 1001),
    (0.010, ">", ACK, 1001, 9001),
    (0.500, ">", FIN | ACK, 1001, 9001),
    (0.510, "<", ACK, 9001, 1002),
    (0.520, "<", FIN | ACK, 9001, 1002),
    (0.521, ">", ACK, 1002, 9002),
    (0.720, "<", FIN | ACK, 9001, 1002),
]


def pcap(lines: Iterable[Line], start: int = 1_767_323_045, snaplen: int = 65535) -> bytes:
    """Make a pcap file of one connection from 192.0.2.10:40001 to 198.51.100.80:443; each packet is 40 bytes long."""
    file = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, _RAW_IP)]
    for number, (seconds, direction, flags, seq, ack) in enumerate(lines, start=1):
        packet = _ip(number, direction) + _tcp(direction, flags, seq, ack)
        microseconds = round(seconds * 1_000_000)
        stamp = (start + microseconds // 1_000_000, microseconds % 1_000_000)
        kept = packet[:snaplen]
        file += [struct.pack("<IIII", *stamp, len(kept), len(packet)), kept]
    return b"".join(file)


def _ip(number: int, direction: str) -> bytes:
    """Make a header with its own IPv4 identification: two equal ones would be one packet captured twice."""
    ends = (CLIENT, SERVER) if direction == ">" else (SERVER, CLIENT)
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, number, 0, 64, 6, 0, *ends)


def _tcp(direction: str, flags: int, seq: int, ack: int) -> bytes:
    ports = (40001, 443) if direction == ">" else (443, 40001)
    return struct.pack(">HHIIBBHHH", *ports, seq, ack, 5 << 4, flags, 64240, 0, 0)
