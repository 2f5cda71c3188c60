"""The records of packets that another program has dissected: the core reads their fields by name."""

from typing import Literal, NamedTuple, TypeAlias

Ports: TypeAlias = tuple[int, int]
"""The source's and the destination's."""
Tunnels: TypeAlias = "list[tuple[str, int]] | tuple[tuple[str, int], ...]"
"""The headers passed on the way in, outermost first, each with the number of its network."""


Summed: TypeAlias = Literal["right", "wrong", "unknown", "disputed"]
"""The state of a checksum; disputed where fragments overlap and differ."""


class Segment(NamedTuple):
    """A TCP segment."""

    kind: Literal["tcp"]
    time_ns: int
    frame: int
    tunnels: Tunnels
    source: str
    destination: str
    ttl: int
    ip_id: int | None
    """The identification; ``None`` where it says nothing."""
    labelled: bool
    """Whether the packet bears an IPv6 flow label."""
    ports: Ports
    seq: int
    ack: int
    flags: int
    window: int
    payload: int
    """Octets carried."""
    checksum: int
    options: bytes
    options_length: int
    """Octets of options that the header claims; fewer may have been captured."""
    summed: Summed


class Datagram(NamedTuple):
    """A UDP datagram."""

    kind: Literal["udp"]
    time_ns: int
    frame: int
    tunnels: Tunnels
    source: str
    destination: str
    ports: Ports
    payload: int


class Unreachable(NamedTuple):
    """An ICMP error that quotes a TCP segment: the addresses, ports and number are those quoted."""

    kind: Literal["icmp"]
    time_ns: int
    frame: int
    tunnels: Tunnels
    source: str
    destination: str
    reporter: str
    code: tuple[int, int]
    """Type and code."""
    ports: Ports
    seq: int


class Other(NamedTuple):
    """A packet that is counted by its name."""

    kind: Literal["other"]
    time_ns: int
    frame: int
    name: str


Dissected: TypeAlias = Segment | Datagram | Unreachable | Other
"""The packet of one frame."""
