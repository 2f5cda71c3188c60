"""Lengths of time in words, the same in findings, tables and ladders."""

from wirestat.timers import DAY, HOUR, MILLISECOND, MINUTE, SECOND

_MICROSECOND = MILLISECOND // 1_000


def span(nanoseconds: int) -> str:
    """Write a length of time with the precision that matters at its size.

    >>> span(0), span(24_400), span(8_560_000), span(62_100_000_000)
    ('0 s', '24 µs', '8.56 ms', '62.1 s')
    >>> span(350 * SECOND), span(7_260 * SECOND), span(5 * DAY)
    ('5 min 50 s', '2 h 1 min', '5 d')

    The value is rounded, and moves to the next larger unit where rounding reaches it:

    >>> span(999_999_600), span(299_970 * MILLISECOND), span(3_599_600 * MILLISECOND)
    ('1 s', '5 min', '1 h')

    A clock that was set makes a length negative:

    >>> span(-744_968_500)
    '-745 ms'
    """
    if nanoseconds < 0:
        return f"-{span(-nanoseconds)}"
    if nanoseconds < _MICROSECOND:
        return f"{nanoseconds} ns" if nanoseconds else "0 s"
    if _rounded(nanoseconds, _MICROSECOND) < MILLISECOND:
        return f"{_rounded(nanoseconds, _MICROSECOND) // _MICROSECOND} µs"
    if nanoseconds < SECOND - MILLISECOND // 2:
        return f"{nanoseconds / MILLISECOND:.3g} ms"
    if _rounded(nanoseconds, SECOND) < 3 * MINUTE:
        return f"{nanoseconds / SECOND:.3g} s"
    if _rounded(nanoseconds, SECOND) < HOUR:
        return _two(nanoseconds, (MINUTE, "min"), (SECOND, "s"))
    if _rounded(nanoseconds, MINUTE) < 2 * DAY:
        return _two(nanoseconds, (HOUR, "h"), (MINUTE, "min"))
    return _two(nanoseconds, (DAY, "d"), (HOUR, "h"))


def _two(nanoseconds: int, large: tuple[int, str], small: tuple[int, str]) -> str:
    whole, rest = divmod(_rounded(nanoseconds, small[0]), large[0])
    part = rest // small[0]
    return f"{whole} {large[1]}" + (f" {part} {small[1]}" if part else "")


def _rounded(nanoseconds: int, unit: int) -> int:
    return (nanoseconds + unit // 2) // unit * unit
