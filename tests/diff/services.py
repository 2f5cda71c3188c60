"""A capture of one service: a number of connects, each of a given duration, some refused."""

import struct
from pathlib import Path

_SYN, _RST, _ACK, _FIN = 2, 4, 16, 1
_RAW_IP = 101
_CLIENT, _SERVER = bytes([192, 0, 2, 10]), bytes([198, 51, 100, 80])
_START_NS = 1_767_323_045_000_000_000


class Service:
    """Connections to one port, one after the other."""

    def __init__(self, port: int = 443, start_ns: int = _START_NS) -> None:
        """Begin with none."""
        self._port = port
        self._now_ns = start_ns
        self._client_port = 20_000
        self._frames: list[bytes] = []

    def connect(self, took_ns: int) -> None:
        """Add a connection that was open at the client after ``took_ns``, and closed at once."""
        c, s = 1000, 9000
        self._next()
        self._send(">", _SYN, c, 0)
        self._send("<", _SYN | _ACK, s, c + 1, took_ns)
        self._send(">", _ACK, c + 1, s + 1, 1000)
        self._send(">", _FIN | _ACK, c + 1, s + 1, 1_000_000)
        self._send("<", _FIN | _ACK, s + 1, c + 2, 1_000_000)
        self._send(">", _ACK, c + 2, s + 2, 1_000_000)

    def refuse(self) -> None:
        """Add a connect that was answered with a reset."""
        self._next()
        self._send(">", _SYN, 1000, 0)
        self._send("<", _RST | _ACK, 0, 1001, 1_000_000)

    def write(self, path: Path) -> Path:
        """Write the capture."""
        path.write_bytes(
            struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, _RAW_IP) + b"".join(self._frames)
        )
        return path

    def _next(self) -> None:
        self._client_port += 1
        self._now_ns += 50_000_000

    def _send(self, direction: str, flags: int, seq: int, ack: int, after_ns: int = 0) -> None:
        self._now_ns += after_ns
        ends = (_CLIENT, _SERVER) if direction == ">" else (_SERVER, _CLIENT)
        ports = (self._client_port, self._port) if direction == ">" else (self._port, self._client_port)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, len(self._frames), 0, 64, 6, 0, *ends)
        packet = ip + struct.pack(">HHIIBBHHH", *ports, seq, ack, 5 << 4, flags, 64240, 0, 0)
        stamp = divmod(self._now_ns, 1_000_000_000)
        self._frames.append(struct.pack("<IIII", *stamp, len(packet), len(packet)) + packet)
