"""Conversations, line by line: who sends what and when. Numbers, acknowledgements and checksums follow of themselves.

A line is a time in seconds, a direction (``>`` from the client, ``<`` from the server), the flags as tcpdump prints
them, and then, as far as they are not the next in order:

``100``          bytes of payload
``again``        the last data, SYN or FIN of this end once more, with its number
``seq=1``        the sequence number, counted from the initial one as Wireshark does; ``ack=`` likewise
``win=0``        the window as it stands in the header; ``ttl=``, ``id=``, ``tos=`` and ``mss=`` likewise
``ts=5000``      the value of the time stamp, else that of its host's one clock; ``nots`` leaves the option out
``echo=4000``    the time stamp that is given back, else the last of the other end; the SYN's by a copy of a SYN-ACK
``tfo``          a cookie for TCP Fast Open; ``mptcp`` asks for Multipath TCP, ``join`` to join one, and
                 ``fastclose`` ends it at once; ``md5`` bears a signature (RFC 2385)
``sack=5-9``     a selective acknowledgement of one block, counted as ``ack`` is
``bad``          a wrong checksum
``badhead``      a wrong checksum of the IPv4 header
``lost``         never captured
"""

from dataclasses import dataclass, field
from zlib import crc32

from tests.packets import ip, tcp
from tests.packets.files import Frame

BASE_NS = 1_790_000_000_000_000_000
"""When second 0 of every story was."""
_SILENT_ID = {"S.", "R"}
"""The IPv4 identification of what no full socket of Linux sends is zero."""


@dataclass
class End:
    """One end of a conversation, and how far it has counted."""

    address: str
    port: int
    isn: int
    ttl: int = 64
    mss: int | None = 1460
    scale: int | None = 7
    window: int = 502
    id: int = 1000
    next: int = 0
    """Its next sequence number, relative."""
    last: tuple[str, int, int] = ("", 0, 0)
    """Flags, number and payload of its last segment that took sequence space."""
    stamp: int = 0
    """Its last time stamp."""
    stamp_of_syn: int = 0


@dataclass
class Talk:
    """One conversation between two ends."""

    frames: list[Frame]
    client: End
    server: End
    stamps: bool = True
    """Whether both ends send time stamps."""
    start: float = 0.0
    """Added to the times of all lines, in seconds."""

    def play(self, lines: str, at: float = 0.0) -> "Talk":
        """Send these lines, ``at`` seconds later than they say."""
        for line in lines.strip().splitlines():
            words = line.split()
            self.send(float(words[0]) + at, words[1], words[2], *words[3:])
        return self

    def send(self, at: float, direction: str, flags: str, *words: str) -> None:
        """Send one segment."""
        sender, receiver = (self.client, self.server) if direction == ">" else (self.server, self.client)
        given = dict(word.split("=") for word in words if "=" in word)
        seq, payload = sender.next, next((int(word) for word in words if word.isdigit()), 0)
        if "again" in words:
            _, seq, payload = sender.last
        seq = int(given.get("seq", seq))
        ack = int(given.get("ack", receiver.next))
        taken = payload + ("S" in flags) + ("F" in flags)
        if taken:
            sender.last = flags, seq, payload
            sender.next = max(sender.next, seq + taken)
        if "lost" in words:
            return
        window = int(given.get("win", 0 if "R" in flags else 64240 if "S" in flags else sender.window))
        header = _Header(flags, seq, ack if "." in flags else 0, window, payload)
        options = self._options(sender, receiver, header, given, words, self.start + at)
        segment = _segment(sender, receiver, header, options, has_number=not (flags == "R." and seq == 0))
        sender.id += 1
        number = int(given.get("id", 0 if flags in _SILENT_ID else sender.id))
        ttl, tos = int(given.get("ttl", sender.ttl)), int(given.get("tos", 0))
        packet = _packet(sender, receiver, segment, number, ttl, tos)
        if "badhead" in words:
            packet = ip.with_damaged_header(packet)
        frame = ip.ethernet(ip.with_wrong_checksum(packet) if "bad" in words else packet)
        self.frames.append((BASE_NS + round((self.start + at) * 1e9), len(frame), frame))

    def _options(
        self,
        sender: End,
        receiver: End,
        header: "_Header",
        given: dict[str, str],
        words: tuple[str, ...],
        at: float,
    ) -> bytes:
        options = b""
        if "S" in header.flags:
            mss = int(given.get("mss", sender.mss or 0))
            options += (tcp.mss(mss) if mss else b"") + (
                b"" if sender.scale is None else tcp.window_scale(sender.scale)
            )
        if "tfo" in words:
            options += tcp.fast_open(b"\x5c" * 8)
        if "mptcp" in words:
            options += tcp.multipath_capable()
        if "join" in words:
            options += tcp.multipath_join()
        if "fastclose" in words:
            options += tcp.multipath_fast_close()
        if "md5" in words:
            options += tcp.md5_signature()
        if "sack" in given:
            left, right = (int(edge) for edge in given["sack"].split("-"))
            options += tcp.sack(receiver.isn + left, receiver.isn + right)
        if (self.stamps and "nots" not in words and "R" not in header.flags) or "ts" in given:
            sender.stamp = int(given.get("ts", crc32(sender.address.encode()) // 8 + int(at * 1000)))
            if "S" in header.flags:
                sender.stamp_of_syn = sender.stamp
            # Newer Linux does not keep the time stamp of an acknowledgement that it has put off.
            is_answer_again = "." in header.flags and "S" in header.flags and "again" in words
            echo = int(given.get("echo", receiver.stamp_of_syn if is_answer_again else receiver.stamp))
            options += tcp.timestamps(sender.stamp, echo if "." in header.flags else 0)
        return options


def _packet(sender: End, receiver: End, segment: bytes, number: int, ttl: int, tos: int) -> bytes:
    """Return the packet that bears a segment; ``number`` is its IPv4 identification."""
    if ":" in sender.address:
        return ip.ipv6(sender.address, receiver.address, segment, hops=ttl, tos=tos)
    return ip.ipv4(sender.address, receiver.address, segment, id=number, ttl=ttl, tos=tos)


@dataclass
class _Header:
    flags: str
    seq: int
    ack: int
    window: int
    payload: int


def _segment(sender: End, receiver: End, header: _Header, options: bytes, *, has_number: bool) -> bytes:
    return tcp.Tcp(
        sender.port,
        receiver.port,
        header.flags,
        sender.isn + header.seq if has_number else 0,
        receiver.isn + header.ack if "." in header.flags else 0,
        header.window,
        options,
        header.payload,
    ).pack()


@dataclass
class Wire:
    """The content of one capture."""

    frames: list[Frame] = field(default_factory=list)
    is_as_written: bool = False
    """Whether the file holds the frames as they are listed here, whatever their times say."""
    _made: int = 0

    def talk(
        self, client: str, server: str, *, at: float = 0.0, stamps: bool = True, **changes: int | None
    ) -> Talk:
        """Begin a conversation; ``client_ttl=44``, ``server_isn=1`` and the like change what an end is."""
        self._made += 1
        first, second = _end(client, 17 + 7919 * self._made), _end(server, 300_029 + 104_729 * self._made)
        for name, value in changes.items():
            side, _, attribute = name.partition("_")
            setattr(first if side == "client" else second, attribute, value)
        return Talk(self.frames, first, second, stamps, at)

    def again(self, count: int = 1) -> None:
        """Hold the last frame once more, a few microseconds later, as a tap at two points does."""
        for copy in range(count):
            time, length, data = self.frames[-1]
            self.frames.append((time + 20_000 + copy, length, data))

    def in_order(self) -> list[Frame]:
        """Return the frames in the order of their times, or of the file where that is another one."""
        if self.is_as_written:
            return self.frames
        return sorted(self.frames, key=lambda frame: frame[0])


def _end(socket: str, isn: int) -> End:
    address, _, port = socket.rpartition(":")
    return End(address.strip("[]"), int(port), isn * 1013 % 2**32, id=isn % 40_000)


HANDSHAKE = """
0.0000 > S
0.0010 < S.
0.0011 > .
"""
GREETING = """
0.0000 > S
0.0010 < S.
0.0011 > .
0.0020 > P. 100
0.0040 < P. 300
0.0041 > .
"""
FAREWELL = """
0.000 > F.
0.001 < F.
0.002 > .
"""
