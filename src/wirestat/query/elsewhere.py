"""Hints for filters that were typed as for Wireshark or tcpdump, or in part.

Only mistakes lead here: no field of another program is accepted, as it is about packets, and not about connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_network

from wirestat.errors import UsageError
from wirestat.model import Severity
from wirestat.names import parse_states
from wirestat.query.fields import by_every_name
from wirestat.tables.schema import FIXED

_ANY_ADDRESS = ("ip.addr", "ip.host", "ipv6.addr", "ipv6.host")
_AN_ADDRESS = ("ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.src_host", "ip.dst_host")
WIRESHARK: Mapping[str, str] = {
    "tcp.port": "port",
    "tcp.srcport": "client.port, server.port or port",
    "tcp.dstport": "server.port, client.port or port",
    **dict.fromkeys(_ANY_ADDRESS, "addr"),
    **dict.fromkeys(_AN_ADDRESS, "client.addr, server.addr or addr"),
    "tcp.len": "bytes",
    "tcp.window_size": "window",
    "tcp.options.mss_val": "mss",
    "tcp.analysis.retransmission": "retransmitted",
    "tcp.analysis.fast_retransmission": "retransmitted",
    "tcp.analysis.spurious_retransmission": "retransmitted",
    "tcp.analysis.out_of_order": "out_of_order",
    "tcp.analysis.lost_segment": "unseen",
    "tcp.analysis.ack_lost_segment": "unseen",
    "tcp.analysis.initial_rtt": "handshake_rtt",
    "tcp.analysis.ack_rtt": "rtt",
    "tcp.analysis.bytes_in_flight": "unacknowledged",
    "tcp.seq_raw": "isn",
    "ip.ttl": "ttl",
    "ipv6.hlim": "ttl",
    "frame.number": "first_frame or last_frame",
    "frame.time": "first_time or last_time",
    "frame.time_epoch": "first_time or last_time",
}
"""Fields of Wireshark's display filters, and the fields here that come nearest."""

_STREAM = "it is no field here: --connection stream:N draws Wireshark's stream N"
_PACKETS = "-Y chooses connections, and not packets: state, fact and finding tell what they went through"
_TCPDUMP = "tcpdump's filters go to -f"
_ENDS = ("client", "server")


def meant(name: str, diagnoses: Iterable[str]) -> str | None:
    """Return a hint for a word that is no field; ``None`` where nothing is known of it.

    >>> meant("tcp.port", ()), meant("close_wait", ()), meant("10.0.0.0/8", ())
    ('in -Y it is port', 'write state==CLOSE_WAIT', 'write addr==10.0.0.0/8')
    """
    if name in WIRESHARK:
        return f"in -Y it is {WIRESHARK[name]}"
    if name == "tcp.stream":
        return _STREAM
    if name.startswith(("tcp.", "ip.", "ipv6.", "frame.", "eth.")):
        return _PACKETS
    if name in _ENDS:
        return f"write {name}.addr, {name}.port or {name}.state"
    return _of_tcpdump(name) or _value(name, diagnoses)


def _of_tcpdump(name: str) -> str | None:
    if name in ("tcp", "ip", "ip6"):
        return f"all connections are TCP: leave it out; {_TCPDUMP}"
    if name in ("src", "dst", "net", "portrange", "proto", "greater", "less", "udp", "icmp", "arp", "vlan"):
        return f"{_TCPDUMP}; here it is addr, port, client.addr or server.port"
    return None


def without_comparison(name: str, following: str) -> str | None:
    """Return a hint for a field that is followed by its value alone, as tcpdump has it.

    >>> without_comparison("addr", "10.0.0.1"), without_comparison("client.port", "443")
    ('write addr==10.0.0.1', 'write client.port==443')
    >>> without_comparison("for", "60s"), without_comparison("port", "state")
    (None, None)
    """
    takes_value = name.rpartition(".")[2] in ("addr", "port")
    return f"write {name}=={following}" if takes_value and following.lower() not in by_every_name() else None


def _value(name: str, diagnoses: Iterable[str]) -> str | None:
    """Return a hint for a bare value, with the field that it belongs to."""
    if name in {one.lower() for one in diagnoses}:
        shown = name.upper() if name[1:].isdecimal() else name
        return f"write finding=={shown}"
    if name in {severity.value for severity in Severity}:
        return f"write severity>={name}"
    if name in FIXED["facts"]:
        return f"write fact=={name}"
    if name.isdecimal():
        return f"write port=={name}"
    if _succeeds(lambda: ip_network(name, strict=False)):
        return f"write addr=={name}"
    return f"write state=={name.upper()}" if _succeeds(lambda: parse_states([name])) else None


def _succeeds(reads: Callable[[], object]) -> bool:
    try:
        reads()
    except (UsageError, ValueError):
        return False
    return True
