"""Words for choosing frames: ``wire.drop(fin, toward="server")``. A matcher takes a frame and says yes
or no."""

from __future__ import annotations

from collections.abc import Callable

from .frames import Flag, Frame

Matcher = Callable[[Frame], bool]


def anything(frame: Frame) -> bool:
    return True


def syn(frame: Frame) -> bool:
    """A SYN without ACK."""
    return frame.is_tcp and frame.flags & (Flag.SYN | Flag.ACK | Flag.RST) == Flag.SYN


def syn_ack(frame: Frame) -> bool:
    return frame.is_tcp and frame.flags & (Flag.SYN | Flag.ACK) == Flag.SYN | Flag.ACK


def fin(frame: Frame) -> bool:
    return bool(frame.flags & Flag.FIN)


def rst(frame: Frame) -> bool:
    return bool(frame.flags & Flag.RST)


def data(frame: Frame) -> bool:
    """A segment with payload."""
    return frame.length > 0


def bare_ack(frame: Frame) -> bool:
    """An ACK and nothing else: no SYN, FIN, RST and no payload."""
    return frame.flags & ~Flag.PSH & 0x3F == Flag.ACK and frame.length == 0


def longer_than(length: int) -> Matcher:
    """A segment with more payload than ``length`` bytes."""
    return lambda frame: frame.length > length


def port(number: int) -> Matcher:
    """A segment from or to this port."""
    return lambda frame: number in (frame.source_port, frame.destination_port)


def both(*matchers: Matcher) -> Matcher:
    return lambda frame: all(matcher(frame) for matcher in matchers)
