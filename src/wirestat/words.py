"""Counts, sockets and control bits in words, the same in findings, reports and ladders."""

from wirestat.zones import IN_UTC, Zone

_BITS = ((2, "SYN"), (1, "FIN"), (4, "RST"), (16, "ACK"), (32, "URG"), (64, "ECE"), (128, "CWR"))
"""The control bits named in ladders (RFC 9293, 3.1); PSH is left out, as nearly every data segment has it."""


def some(number: int, noun: str) -> str:
    """Count things.

    >>> some(1, "frame"), some(1204, "frame"), some(2, "reply"), some(2, "delay")
    ('1 frame', '1,204 frames', '2 replies', '2 delays')
    """
    if number != 1:
        noun = noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeou" else noun + "s"
    return f"{number:,} {noun}"


def socket(address: str, port: int) -> str:
    """Write an address and a port.

    >>> socket("192.0.2.1", 80), socket("2001:db8::1", 80)
    ('192.0.2.1:80', '[2001:db8::1]:80')
    """
    return f"{bracketed(address)}:{port}"


def bracketed(address: str) -> str:
    """Write an address as it appears before a port: IPv6 in brackets."""
    return f"[{address}]" if ":" in address else address


def control_bits(flags: int) -> str:
    """Name the control bits of a segment.

    >>> control_bits(0x12), control_bits(0)
    ('SYN,ACK', 'no flags')
    """
    return ",".join(name for bit, name in _BITS if flags & bit) or "no flags"


def day_time(time_ns: int, zone: Zone = IN_UTC, *, is_dated: bool = False) -> str:
    """Write the time of day of a point in time, in UTC or another zone, as ISO 8601 does; with its date, if asked.

    >>> day_time(1_767_323_045_250_000_000), day_time(1_767_323_045_250_000_000, is_dated=True)
    ('03:04:05.250Z', '2026-01-02 03:04:05.250Z')
    """
    rest = time_ns % 1_000_000_000 // 1_000_000
    day = f"{zone.at(time_ns):%Y-%m-%d} " if is_dated else ""
    return f"{day}{zone.at(time_ns):%H:%M:%S}.{rest:03d}{zone.sign(time_ns, 'Z')}"


def spans_days(start_ns: int, end_ns: int, zone: Zone = IN_UTC) -> bool:
    """Say whether two instants are of different days, so that a time of day between them needs its date.

    >>> spans_days(1_767_323_045_000_000_000, 1_767_323_046_000_000_000)
    False
    """
    return zone.at(start_ns).date() != zone.at(end_ns).date()
