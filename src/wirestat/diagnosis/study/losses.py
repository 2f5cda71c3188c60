"""Which connections of a socket or a client have to send much again, for rules that compare one with the others."""

import msgspec

from wirestat.model import Connection, Endpoint

LEAST = 4
"""Fewer segments that come again are chance, whatever others of the socket do."""
SHARE = 20
"""One byte in so many is sent again where a transfer is slower for it."""
TRANSFER = 16_384
"""So many bytes are a transfer; of a few words, single moments of loss make up a large part."""


class Losses(msgspec.Struct, frozen=True):
    """The transfers of a socket or a client, by what had to be sent again."""

    lossy: int
    """Transfers of which one byte in twenty was sent again, or more, in four segments or more."""
    sound: int
    """Transfers of which nothing was sent again."""
    of_client: bool = False
    """Whether they are those of a client, with whatever hosts."""


def of_socket(connections: list[Connection]) -> Losses:
    """Count the transfers of a socket."""
    return _count(connections, of_client=False)


def of_client(connections: list[Connection]) -> Losses:
    """Count the transfers of a client."""
    return _count(connections, of_client=True)


def _count(connections: list[Connection], *, of_client: bool) -> Losses:
    ends = [(one.client, one.server) for one in connections if _transfers(one)]
    lossy = sum(any(map(_is_lossy, pair)) for pair in ends)
    sound = sum(not any(end.retransmitted_frames for end in pair) for pair in ends)
    return Losses(lossy, sound, of_client)


def _transfers(one: Connection) -> bool:
    return max(one.client.bytes, one.server.bytes) >= TRANSFER


def _is_lossy(end: Endpoint) -> bool:
    again = end.retransmitted_bytes
    return end.bytes >= TRANSFER and end.retransmitted_frames >= LEAST and again * SHARE >= end.bytes
