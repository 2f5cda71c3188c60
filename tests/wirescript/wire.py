"""Turns the lines of a script into frames, numbered as Linux numbers its packets."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.packets import ip, tcp
from tests.wirescript.script import Script, Sent

BASE_NS = 1_700_000_000_000_000_000
"""The time of second 0 of every script."""
ADDRESSES = {4: {"A": "10.0.0.1", "B": "10.0.0.2"}, 6: {"A": "2001:db8::1", "B": "2001:db8::2"}}
ROUTER = {4: "10.0.0.254", 6: "2001:db8::fe"}


@dataclass(frozen=True, slots=True)
class Variant:
    """The form of a script on the wire, which must not change the result."""

    name: str
    version: int = 4
    bases: tuple[int, int] = (0, 0)
    """The offsets that are added to the sequence numbers of A and of B."""


VARIANTS = (
    Variant("plain"),
    Variant("wrapping around 2^32", bases=(-100 - 1, -300 - 1)),
    Variant("wrapping around 2^32 a little later", bases=(-150, -310)),
    Variant("wrapping around 2^31", version=6, bases=((1 << 31) - 101, (1 << 31) - 301)),
    Variant("over IPv6", version=6, bases=(0x7000_0000, 0xF000_0000)),
)


@dataclass(slots=True)
class Wire:
    """Makes frames. One is used for one play of one script."""

    script: Script
    variant: Variant
    ids: dict[str, int] = field(default_factory=lambda: {"A": 7000, "B": 30000})
    ends: dict[str, int] = field(default_factory=dict)
    """The number after everything that each end has sent."""
    last: dict[str, bytes] = field(default_factory=dict)
    """The last packet of each end."""

    def segment(self, sent: Sent) -> bytes:
        """Return the frame of one segment, captured or not."""
        sender, receiver = sent.sender, "B" if sent.sender == "A" else "A"
        if self.script.is_alone:
            receiver = sender
        base = self._bases()
        # A host without a socket answers a SYN with no number of its own.
        has_number = not (sent.flags == "R." and sent.seq == 0)
        header = tcp.Tcp(
            self.script.ports[sender],
            self.script.ports[receiver],
            sent.flags,
            sent.seq + base[sender] * has_number,
            0 if sent.ack is None else sent.ack + base[receiver],
            sent.window,
            b"".join(self._options(sent, base)),
            sent.payload,
        )
        addresses = ADDRESSES[self._version]
        if self._version == 6:
            packet = ip.ipv6(
                addresses[sender], addresses[receiver], header.pack(), hops=sent.ttl, label=sent.label
            )
        else:
            number = self._identification(sent)
            packet = ip.ipv4(addresses[sender], addresses[receiver], header.pack(), id=number, ttl=sent.ttl)
        if sent.has_damaged_header and self._version == 4:
            packet = ip.with_damaged_header(packet)
        elif sent.is_broken or sent.has_damaged_header:
            packet = ip.with_wrong_checksum(packet)
        self.last[sender] = packet
        return ip.ethernet(packet)

    @property
    def _version(self) -> int:
        return 4 if self.script.is_over_ipv4 else self.variant.version

    def _bases(self) -> dict[str, int]:
        """The offset that is added to the numbers of each end."""
        if self.script.has_fixed_numbers:
            return {"A": 0, "B": 0}
        first, second = self.variant.bases
        return {"A": first, "B": first if self.script.is_alone else second}

    def icmp(self, kind: str, end: str) -> bytes:
        """Return the frame of an ICMP error about the last segment of ``end``."""
        return ip.ethernet(ip.icmp_error(kind, ROUTER[self._version], self.last[end]))

    def handshake(self) -> Iterator[bytes]:
        """Yield the frames that open the connection before the script begins."""
        a, b = self.script.opened["A"], self.script.opened["B"]
        yield self.segment(Sent("A", "S", a - 1, 0, options=("mss 1460",)))
        yield self.segment(Sent("B", "S.", b - 1, 0, ack=a, options=("mss 1460",)))
        yield self.segment(Sent("A", ".", a, 0, ack=b))

    def _identification(self, sent: Sent) -> int:
        """Count the packets of a socket. SYN-ACKs and bare resets, which no full socket sends, have zero."""
        end = sent.seq + sent.payload + ("S" in sent.flags) + ("F" in sent.flags)
        furthest = self.ends.get(sent.sender, sent.seq)
        if "R" not in sent.flags and sent.id is None:
            self.ends[sent.sender] = max(furthest, end)
        if sent.id is not None:
            return sent.id
        if sent.flags in ("R", "S.") or (sent.flags == "R." and sent.seq == 0):
            return 0
        # Octets before it that the script does not have were in a packet of their own.
        self.ids[sent.sender] += 2 if sent.seq > furthest and "R" not in sent.flags else 1
        return self.ids[sent.sender]

    def _options(self, sent: Sent, base: dict[str, int]) -> Iterator[bytes]:
        for option in sent.options:
            match option.split():
                case ["mss", size]:
                    yield tcp.mss(int(size))
                case ["wscale", shift]:
                    yield tcp.window_scale(int(shift))
                case ["TS", value, echo]:
                    yield tcp.timestamps(int(value), int(echo))
                case ["sackOK"]:
                    yield tcp.sack_permitted()
                case ["md5"]:
                    yield tcp.md5_signature()
                case ["multipath"]:
                    yield tcp.multipath_capable()
                case ["join"]:
                    yield tcp.multipath_join()
                case ["fast_close"]:
                    yield tcp.multipath_fast_close()
                case ["reset", reason]:
                    yield tcp.multipath_reset(int(reason))
                case ["fast_open"]:
                    yield tcp.fast_open(b"")
                case ["fast_open", cookie]:
                    yield tcp.fast_open(bytes.fromhex(cookie))
                case ["sack", edges]:
                    left, right = (int(edge) for edge in edges.split(":"))
                    other = base["B" if sent.sender == "A" else "A"]
                    yield tcp.sack(left + other, right + other)
                case _:
                    raise ValueError(f"unknown option {option!r}")
