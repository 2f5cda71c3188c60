"""The fields requested from tshark, and their meaning: each line, one per frame, becomes one row for the core."""

from __future__ import annotations

from collections.abc import Sequence

from wirestat.capture.source import LATEST_NS
from wirestat.dissected import Datagram, Dissected, Other, Segment, Summed, Unreachable

FIELDS = (
    "frame.number",
    "frame.time_epoch",
    "frame.len",
    "frame.cap_len",
    "frame.protocols",
    "ip.src",
    "ip.dst",
    "ip.id",
    "ip.flags.df",
    "ip.ttl",
    "ipv6.src",
    "ipv6.dst",
    "ipv6.hlim",
    "ipv6.flow",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.flags",
    "tcp.window_size_value",
    "tcp.len",
    "tcp.checksum",
    "tcp.checksum.status",
    "tcp.options",
    "tcp.hdr_len",
    "udp.srcport",
    "udp.dstport",
    "udp.length",
    "icmp.type",
    "icmp.code",
    "icmpv6.type",
    "icmpv6.code",
    "tcp.seq",
    "vxlan.vni",
    "geneve.vni",
    "ip.fragment.overlap.conflict",
    "ipv6.fragment.overlap.conflict",
)
_AT = {name: index for index, name in enumerate(FIELDS)}

OUTPUT = (
    *("-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,", "-E", "quote=n"),
    *(word for field in FIELDS for word in ("-e", field)),
)
"""Options of tshark that print the fields."""

PREFERENCES = (
    "tcp.desegment_tcp_streams:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
    "tcp.relative_sequence_numbers:FALSE",
    "tcp.check_checksum:TRUE",
)
"""Preferences of tshark: checksums are verified; its reassembly and sequence analysis are off, as wirestat does its
own, and they would cost time and memory."""

_SUMS: dict[str, Summed] = {"0": "wrong", "1": "right", "Bad": "wrong", "Good": "right"}
"""Tshark's verdicts on a checksum, in words of the core; any other means that it does not know."""

_DISPUTES = ("ip.fragment.overlap.conflict", "ipv6.fragment.overlap.conflict")
"""The fields that report overlapping, differing fragments."""
_TUNNELS = {
    "gre": "gre",
    "vxlan": "vxlan",
    "geneve": "geneve",
    "gtp": "gtp",
    "l2tp": "l2tp",
    "erspan": "erspan",
    "teredo": "teredo",
    "ayiya": "ayiya",
    "capwap.data": "capwap",
}
_NETWORKS = {"vxlan": "vxlan.vni", "geneve": "geneve.vni"}
_IP = {"ip": 4, "ipv6": 6}
_TCP_FIXED = 20
_SAMPLES = "sflow"
"""The protocol by which a switch reports sampled packets. tshark dissects them too; the tap has not seen them."""
_SECOND = 1_000_000_000
_DIGITS = 9


class Line:
    """One line, parsed on demand."""

    def __init__(self, text: str) -> None:
        """Split the line."""
        self._cells = text.split("\t")
        if len(self._cells) != len(FIELDS):
            raise ValueError(f"tshark gave {len(self._cells)} fields instead of {len(FIELDS)}")

    def all(self, field: str) -> list[str]:
        """Return every value of a field in the frame, the outermost first."""
        cell = self._cells[_AT[field]]
        return cell.split(",") if cell else []

    def number(self, field: str, at: int = 0) -> int:
        """Return one value as a number, 0 where there is none."""
        values = self.all(field)
        return int(values[at], 0) if -len(values) <= at < len(values) else 0

    @property
    def time_ns(self) -> int:
        """When the frame was captured, in Unix ns."""
        return time_of(self._cells[_AT["frame.time_epoch"]])


def time_of(epoch: str) -> int:
    """Parse seconds since the epoch into Unix ns; times of a broken clock are clamped to 64 bits.

    >>> time_of("12.5"), time_of("-1.000000001"), time_of("7.000000009")
    (12500000000, -1000000001, 7000000009)
    >>> time_of("18446744073204.277451000") == LATEST_NS
    True
    """
    if epoch[-10:-9] == "." and epoch[0] != "-":  # the usual format
        return min(int(epoch[:-10] + epoch[-9:]), LATEST_NS)
    seconds, _, fraction = epoch.partition(".")
    nanoseconds = int(fraction[:_DIGITS].ljust(_DIGITS, "0"))
    time_ns = int(seconds or 0) * _SECOND + (-nanoseconds if seconds.startswith("-") else nanoseconds)
    return max(min(time_ns, LATEST_NS), -LATEST_NS)


def dissected(text: str, frame: int) -> tuple[Dissected, int, int]:
    """Make the record of one frame: the first segment in it, in whatever tunnels, else a datagram, else a name.

    Returns also the length of the frame on the wire and its captured length, in bytes.
    """
    cells = text.split("\t")
    made = _plain(cells, text, frame) if "," not in text else _layered(text, frame)
    return made, int(cells[2]), int(cells[3])


def _plain(cells: list[str], text: str, frame: int) -> Dissected:
    """Make the record of a segment directly in IP, the usual case; anything else goes to ``_layered``."""
    (
        _, epoch, _, _, protocols, source, destination, ip_id, fragmentable, ttl, source6, destination6, hops,
        label, sport, dport, seq, ack, flags, window, length, checksum, status, options, header, *_,
    ) = cells  # fmt: skip
    crossed, is_disputed = bool(source) == bool(source6), bool(cells[-1] or cells[-2])
    is_whole = bool(seq and length and checksum)
    if crossed or is_disputed or not is_whole or ":tcp" not in protocols or "icmp" in protocols:
        return _layered(text, frame)
    identification = int(ip_id, 0) if ip_id else 0
    identifies = identification != 0 or fragmentable in ("0", "False")
    return Segment(
        kind="tcp",
        time_ns=time_of(epoch),
        frame=frame,
        tunnels=(),
        source=source or source6,
        destination=destination or destination6,
        ttl=int(ttl or hops),
        ip_id=identification if source and identifies else None,
        labelled=int(label or "0", 0) != 0,
        ports=(int(sport), int(dport)),
        seq=int(seq),
        ack=int(ack or 0),
        flags=int(flags, 16),
        window=int(window),
        payload=int(length),
        checksum=int(checksum, 16),
        options=_octets(options),
        options_length=max(int(header) - _TCP_FIXED, 0),
        summed=_SUMS.get(status, "unknown"),
    )


def _octets(cell: str) -> bytes:
    """Parse octets; none where the frame was truncated before them, for which tshark writes ``<MISSING>``."""
    return b"" if cell.startswith("<") else bytes.fromhex(cell.replace(":", ""))


def _layered(text: str, frame: int) -> Dissected:
    line = Line(text)
    protocols = line._cells[_AT["frame.protocols"]].split(":")
    if _SAMPLES in protocols:
        del protocols[protocols.index(_SAMPLES) + 1 :]
    layers = _layers(protocols, line)
    if "tcp" in protocols and layers.address is not None:
        if layers.icmp is not None:
            return _error(line, layers, frame)
        if line.all("tcp.len") and line.all("tcp.checksum"):  # else the header is truncated
            return _segment(line, layers, frame)
    if "udp" in protocols and layers.icmp is None and layers.address is not None:
        at = protocols.count("udp") - 1
        ports = line.number("udp.srcport", at), line.number("udp.dstport", at)
        length = max(line.number("udp.length", at) - 8, 0)
        source, destination = layers.address
        return Datagram("udp", line.time_ns, frame, layers.tunnels, source, destination, ports, length)
    return Other("other", line.time_ns, frame, _name(protocols))


class _Layers:
    """The layers of a frame: the innermost addresses, the tunnels around them, and an ICMP error between."""

    def __init__(self) -> None:
        self.address: tuple[str, str] | None = None
        self.version = 4
        self.at = {"ip": -1, "ipv6": -1}
        self.tunnels: list[tuple[str, int]] = []
        self.icmp: str | None = None
        self.reporter: str | None = None


def _layers(protocols: Sequence[str], line: Line) -> _Layers:
    found = _Layers()
    entered = True
    networks = {name: iter(line.all(field)) for name, field in _NETWORKS.items()}
    for name in protocols:
        if name in _IP:
            if not entered and found.icmp is None:
                crossed = found.version == 4 and name == "ipv6"
                found.tunnels.append(("6in4" if crossed else "ip-in-ip", 0))
            found.version, entered = _IP[name], False
            found.at[name] += 1
            sources, destinations = line.all(f"{name}.src"), line.all(f"{name}.dst")
            if found.at[name] < min(len(sources), len(destinations)):
                found.address = sources[found.at[name]], destinations[found.at[name]]
        elif name in _TUNNELS:
            found.tunnels.append((_TUNNELS[name], int(next(networks.get(name, iter(())), "0"), 0)))
            entered = True
        elif name in ("icmp", "icmpv6"):
            found.icmp = name
            found.reporter = found.address[0] if found.address else None
        elif name == "tcp":
            break
    return found


def _segment(line: Line, layers: _Layers, frame: int) -> Segment:
    """Make the record of the first segment: packets that its payload carries, as in OpenFlow, are payload."""
    assert layers.address is not None
    source, destination = layers.address
    if layers.version == 4:
        at = layers.at["ip"]
        ttl, ip_id = line.number("ip.ttl", at), line.number("ip.id", at)
        labelled, flags = False, line.all("ip.flags.df")
        identifies = ip_id != 0 or (at < len(flags) and flags[at] in ("0", "False"))
    else:
        at = layers.at["ipv6"]
        ttl, ip_id, identifies = line.number("ipv6.hlim", at), 0, False
        labelled = line.number("ipv6.flow", at) != 0
    options = line.all("tcp.options")
    header = line.number("tcp.hdr_len")
    return Segment(
        kind="tcp",
        time_ns=line.time_ns,
        frame=frame,
        tunnels=layers.tunnels,
        source=source,
        destination=destination,
        ttl=ttl,
        ip_id=ip_id if identifies else None,
        labelled=labelled,
        ports=(line.number("tcp.srcport"), line.number("tcp.dstport")),
        seq=line.number("tcp.seq_raw") if line.all("tcp.seq_raw") else line.number("tcp.seq"),
        ack=line.number("tcp.ack_raw"),
        flags=line.number("tcp.flags"),
        window=line.number("tcp.window_size_value"),
        payload=line.number("tcp.len"),
        checksum=line.number("tcp.checksum"),
        options=_octets(options[0]) if header > _TCP_FIXED and options else b"",
        options_length=max(header - _TCP_FIXED, 0),
        summed=_sum(line),
    )


def _sum(line: Line) -> Summed:
    if any(said in ("1", "True") for field in _DISPUTES for said in line.all(field)):
        return "disputed"
    return next((_SUMS[said] for said in line.all("tcp.checksum.status")[:1] if said in _SUMS), "unknown")


def _error(line: Line, layers: _Layers, frame: int) -> Unreachable:
    assert layers.address is not None
    source, destination = layers.address
    kind = line.number(f"{layers.icmp}.type"), line.number(f"{layers.icmp}.code")
    ports = line.number("tcp.srcport", -1), line.number("tcp.dstport", -1)
    seq = line.number("tcp.seq_raw", -1) if line.all("tcp.seq_raw") else line.number("tcp.seq", -1)
    reporter = layers.reporter or source
    return Unreachable(
        kind="icmp",
        time_ns=line.time_ns,
        frame=frame,
        tunnels=layers.tunnels,
        source=source,
        destination=destination,
        reporter=reporter,
        code=kind,
        ports=ports,
        seq=seq,
    )


def _name(protocols: Sequence[str]) -> str:
    """Return the name to count a frame by: the first protocol after the link layer and IP."""
    passed = {"eth", "ethertype", "sll", "ip", "ipv6", "vlan", "raw", "null", "frame", "ipv6.hopopts"}
    behind = (name for name in protocols if name not in passed)
    return next(behind, "not dissected further")
