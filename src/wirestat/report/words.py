"""Times, sizes and endpoints in words, the same in every plain-text rendering."""

from collections.abc import Iterable

from wirestat.model import Connection, Endpoint, State
from wirestat.names import Dialect, spell
from wirestat.timers import MILLISECOND, SECOND
from wirestat.words import socket
from wirestat.zones import IN_UTC, Zone

_SIZES = ("B", "kB", "MB", "GB", "TB")


def moment(time_ns: int, zone: Zone = IN_UTC) -> str:
    """Write a point in time to the millisecond, in UTC or another zone.

    >>> moment(1_767_323_045_250_000_000)
    '2026-01-02 03:04:05.250 UTC'
    """
    rest = time_ns % SECOND // MILLISECOND
    return f"{zone.at(time_ns):%Y-%m-%d %H:%M:%S}.{rest:03d} {zone.sign(time_ns, 'UTC')}"


def offset(time_ns: int, start_ns: int) -> str:
    """Write a point in time as seconds since the start of the capture, to the microsecond.

    >>> offset(1_500_000_000, 1_000_000_000)
    '+0.500000'
    """
    return f"{(time_ns - start_ns) / SECOND:+.6f}"


def size(octets: int) -> str:
    """Write a number of bytes in the unit that fits.

    >>> size(512), size(1_300_000)
    ('512 B', '1.3 MB')
    """
    steps = min((len(str(octets)) - 1) // 3, len(_SIZES) - 1)
    return f"{octets / 1000**steps:.3g} {_SIZES[steps]}"


def place(end: Endpoint) -> str:
    """Write the socket of an endpoint."""
    return socket(end.address, end.port)


def ends(connection: Connection) -> str:
    """Write both ends of a connection, the client first."""
    return f"{place(connection.client)} → {place(connection.server)}"


def standing(end: Endpoint, names: Dialect) -> str:
    """Write the state of an endpoint with its alternatives: ``FIN_WAIT2, or gone since``."""
    return fitting(end.state, end.or_since, names)


def fitting(state: State, others: Iterable[State], names: Dialect) -> str:
    """Write a state with its alternatives."""
    words = ["gone since" if other is State.CLOSED else spell(other, names) for other in others]
    return ", or ".join([spell(state, names), *words])
