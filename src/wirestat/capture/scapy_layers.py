"""Converts scapy's layers to rows for the core, for frames that only scapy can dissect."""

from __future__ import annotations

from typing import Any, Literal

from wirestat.capture.needs import package
from wirestat.dissected import Datagram, Dissected, Other, Segment, Unreachable

_TUNNELS = {
    "GRE": ("gre", None),
    "GRErouting": ("gre", None),
    "VXLAN": ("vxlan", "vni"),
    "GENEVE": ("geneve", "vni"),
    "L2TP": ("l2tp", None),
    "GTP_U_Header": ("gtp", None),
    "GTPHeader": ("gtp", None),
    "ERSPAN_II": ("erspan", None),
    "ERSPAN_III": ("erspan", None),
}
"""Tunnels by scapy layer: the name here, and the field with the network."""

_NAMES = {"ARP": "arp", "ICMP": "icmp", "SCTP": "sctp", "STP": "stp", "LLC": "llc", "EAPOL": "eapol"}
_IPV6_FIXED = 40
_TCP_FIXED = 20
_TCP = 6


class _Walk:
    """The state of reading a packet, on the way from its outermost layer to its innermost."""

    def __init__(self) -> None:
        self.ip: Any = None
        self.reporter: str | None = None
        self.icmp: Any = None
        self.tunnels: list[tuple[str, int]] = []
        self.entered = False
        self.udp: Any = None
        self.name = "not dissected further"

    def pass_ip(self, layer: Any) -> None:
        """Process an IP header: one directly after another is a tunnel."""
        if self.ip is not None and not self.entered:
            crossed = layer.version == 6 and self.ip.version == 4
            self.tunnels.append(("6in4" if crossed else "ip-in-ip", 0))
        self.ip = layer
        self.entered = False
        self.udp = None

    def pass_tunnel(self, layer: Any, name: str, field: str | None) -> None:
        """Process a tunnel header."""
        self.tunnels.append((name, int(getattr(layer, field) or 0) if field else 0))
        self.entered = True


def dissected(packet: Any, time_ns: int, frame: int) -> Dissected:
    """Make the record of one packet: the innermost segment in it, else a datagram, else a name to count it by."""
    walk = _Walk()
    layer = packet
    while layer.__class__.__name__ != "NoPayload":
        kind = layer.__class__.__name__
        if kind in ("IP", "IPv6"):
            walk.pass_ip(layer)
        elif kind in _TUNNELS:
            walk.pass_tunnel(layer, *_TUNNELS[kind])
        elif kind == "ICMP" or kind.startswith("ICMPv6"):
            walk.icmp, walk.reporter = layer, walk.ip.src if walk.ip is not None else None
            walk.name = "icmp" if kind == "ICMP" else "icmpv6"
        elif kind in ("IPerror", "IPerror6"):
            walk.ip = layer
        elif kind == "TCP" and walk.ip is not None:
            return _segment(walk, layer, time_ns, frame)
        elif kind == "TCPerror" and walk.reporter is not None:
            return _error(walk, layer, time_ns, frame)
        elif kind == "UDP":
            walk.udp = layer
        elif kind in _NAMES:
            walk.name = _NAMES[kind]
        layer = layer.payload
    if walk.udp is not None and walk.ip is not None:
        return _datagram(walk, time_ns, frame)
    return Other("other", time_ns, frame, walk.name)


def _segment(walk: _Walk, tcp: Any, time_ns: int, frame: int) -> Segment:
    ip = walk.ip
    header = (tcp.dataofs or _TCP_FIXED // 4) * 4
    identifies = ip.version == 4 and (ip.id != 0 or not ip.flags.DF)
    return Segment(
        kind="tcp",
        time_ns=time_ns,
        frame=frame,
        tunnels=walk.tunnels,
        source=ip.src,
        destination=ip.dst,
        ttl=ip.ttl if ip.version == 4 else ip.hlim,
        ip_id=ip.id if identifies else None,
        labelled=ip.version == 6 and ip.fl != 0,
        ports=(tcp.sport, tcp.dport),
        seq=tcp.seq,
        ack=tcp.ack,
        flags=int(tcp.flags),
        window=tcp.window,
        payload=max(_carried(ip, tcp) - header, 0),
        checksum=tcp.chksum or 0,
        options=bytes(tcp)[_TCP_FIXED:header] if not tcp.original else bytes(tcp.original[_TCP_FIXED:header]),
        options_length=max(header - _TCP_FIXED, 0),
        summed=_sum(ip, tcp),
    )


def _sum(ip: Any, tcp: Any) -> Literal["right", "wrong", "unknown"]:
    """Tell whether the checksum is right, if the segment was captured whole."""
    length = _carried(ip, tcp)
    if not tcp.original or len(tcp.original) < length:
        return "unknown"
    if ip.version == 4:
        rest = package("scapy.layers.inet").in4_chksum(_TCP, ip, tcp.original[:length])
    else:
        rest = package("scapy.layers.inet6").in6_chksum(_TCP, ip, tcp.original[:length])
    return "wrong" if rest else "right"


def _datagram(walk: _Walk, time_ns: int, frame: int) -> Datagram:
    ip, udp = walk.ip, walk.udp
    length = max((udp.len or 8) - 8, 0)
    return Datagram("udp", time_ns, frame, walk.tunnels, ip.src, ip.dst, (udp.sport, udp.dport), length)


def _error(walk: _Walk, quoted: Any, time_ns: int, frame: int) -> Unreachable:
    ip, icmp = walk.ip, walk.icmp
    ports = (quoted.sport, quoted.dport)
    kind = (int(icmp.type), int(icmp.code))
    return Unreachable(
        kind="icmp",
        time_ns=time_ns,
        frame=frame,
        tunnels=walk.tunnels,
        source=ip.src,
        destination=ip.dst,
        reporter=walk.reporter or ip.src,
        code=kind,
        ports=ports,
        seq=quoted.seq or 0,
    )


def _carried(ip: Any, inner: Any) -> int:
    """Return the bytes from an inner header on, by the IP header's length."""
    if not ip.original:  # a packet that was built, not captured
        return len(bytes(inner))
    if ip.version == 4:
        total = ip.len or len(ip.original)
    else:
        total = (ip.plen or len(ip.original) - _IPV6_FIXED) + _IPV6_FIXED
    return int(total) - (min(len(ip.original), int(total)) - len(inner.original))
