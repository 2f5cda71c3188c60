"""The interfaces of this machine: names, addresses, and the right to capture."""

from __future__ import annotations

import socket
import struct
import sys
from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

import msgspec

from wirestat.errors import UsageError

ANY = "any"
"""The name for all interfaces, including future ones."""

_RTM_NEWADDR = 20
_RTM_GETADDR = 22
_NLMSG_DONE = 3
_NLM_F_REQUEST_DUMP = 0x301
_IFA_ADDRESS = 1
_IFA_LOCAL = 2
_HEADER = struct.Struct("=LHHLL")
_ADDRESS = struct.Struct("=BBBBL")
_ATTRIBUTE = struct.Struct("=HH")
_HARDWARE = {1: "Ethernet", 772: "loopback", 512: "PPP", 768: "IP tunnel", 776: "6in4 tunnel", 801: "802.11"}
_HARDWARE |= {803: "802.11 with radiotap", 65534: "IP"}


class Card(msgspec.Struct, frozen=True):
    """One interface."""

    name: str
    addresses: tuple[str, ...]
    kind: str
    """Its hardware type, possibly emulated."""
    up: bool


def names() -> tuple[str, ...]:
    """Return the names of all interfaces, in the order of their numbers."""
    return tuple(name for _, name in socket.if_nameindex())


def cards() -> tuple[Card, ...]:
    """Return all interfaces."""
    if not sys.platform.startswith("linux"):
        return _foreign_cards()
    addresses = _addresses()
    return tuple(
        Card(name, tuple(addresses[index]), _kind(name), _is_up(name))
        for index, name in socket.if_nameindex()
    )


def may_capture() -> bool:
    """Tell whether this process has the right to capture."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except (AttributeError, OSError):
        return False
    return True


def default() -> str:
    """Choose the default interface of a capture: the first that is up and not loopback.

    Raises:
        UsageError: there is none.
    """
    for card in cards():
        if card.up and card.kind != "loopback":
            return card.name
    raise UsageError("no interface is up", hint="name one with -i; 'wirestat interfaces' lists them")


def unknown(name: str) -> UsageError:
    """Make the error for an interface that does not exist."""
    known = names()
    close = get_close_matches(name, known, n=1)
    meant = f"if {close[0]} was meant: -i {close[0]}; " if close else ""
    return UsageError(f"no such interface: {name}", hint=f"{meant}'wirestat interfaces' lists them")


def _kind(name: str) -> str:
    try:
        number = int(Path(f"/sys/class/net/{name}/type").read_text())
    except (OSError, ValueError):
        return "unknown"
    return _HARDWARE.get(number, f"type {number}")


def _is_up(name: str) -> bool:
    try:
        return bool(int(Path(f"/sys/class/net/{name}/flags").read_text(), 16) & 1)
    except (OSError, ValueError):
        return False


def _addresses() -> defaultdict[int, list[str]]:
    """Ask the kernel for all addresses, by the number of their interface (``rtnetlink(7)``)."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    request = _HEADER.pack(_HEADER.size + 1, _RTM_GETADDR, _NLM_F_REQUEST_DUMP, 1, 0) + b"\0"
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.sendto(request, (0, 0))
        while True:
            for kind, body in _messages(netlink.recv(1 << 16)):
                if kind == _NLMSG_DONE:
                    return found
                if kind == _RTM_NEWADDR:
                    family, _, _, _, index = _ADDRESS.unpack_from(body)
                    attributes = dict(_attributes(body[_ADDRESS.size :]))
                    packed = attributes.get(_IFA_LOCAL) or attributes.get(_IFA_ADDRESS)
                    if packed:
                        found[index].append(socket.inet_ntop(family, packed))


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= _HEADER.size:
        length, kind, *_ = _HEADER.unpack_from(data)
        if length < _HEADER.size:
            return
        yield kind, data[_HEADER.size : length]
        data = data[(length + 3) & ~3 :]


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(data)
        if length < _ATTRIBUTE.size:
            return
        yield kind, data[_ATTRIBUTE.size : length]
        data = data[(length + 3) & ~3 :]


def _foreign_cards() -> tuple[Card, ...]:
    """Ask scapy, which knows the interfaces of other systems."""
    from wirestat.capture.needs import package

    known = package("scapy.config").conf.ifaces.values()
    return tuple(
        Card(
            card.name,
            tuple(ip for ips in card.ips.values() for ip in ips),
            "unknown",
            "UP" in str(card.flags),
        )
        for card in known
    )
