"""Lengths of time in words, the same in findings, tables and ladders."""

from wirestat.timers import DAY, HOUR, MILLISECOND, MINUTE, SECOND

_MICROSECOND = MILLISECOND // 1_000


def span(nanoseconds: int) -> str:
    """Write a length of time with the precision that matters at its size.

    >>> span(0), span(24_400), span(8_560_000), span(62_100_000_000)
    ('0 s', '24 µs', '8.56 ms', '62.1 s')
    >>> span(350 * SECOND), span(7_260 * SECOND), span(5 * DAY)
    ('5 min 50 s', '2 h 1 min', '5 d')
    """
    if nanoseconds < _MICROSECOND:
        return f"{nanoseconds} ns" if nanoseconds else "0 s"
    if nanoseconds < MILLISECOND:
        return f"{nanoseconds // _MICROSECOND} µs"
    if nanoseconds < SECOND:
        return f"{nanoseconds / MILLISECOND:.3g} ms"
    if nanoseconds < 3 * MINUTE:
        return f"{nanoseconds / SECOND:.3g} s"
    if nanoseconds < HOUR:
        return _two(nanoseconds, (MINUTE, "min"), (SECOND, "s"))
    if nanoseconds < 2 * DAY:
        return _two(nanoseconds, (HOUR, "h"), (MINUTE, "min"))
    return _two(nanoseconds, (DAY, "d"), (HOUR, "h"))


def _two(nanoseconds: int, large: tuple[int, str], small: tuple[int, str]) -> str:
    whole, rest = divmod(nanoseconds, large[0])
    part = rest // small[0]
    return f"{whole} {large[1]}" + (f" {part} {small[1]}" if part else "")
