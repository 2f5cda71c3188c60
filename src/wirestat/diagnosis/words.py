"""How findings say numbers and link types."""

from wirestat.diagnosis.analysis import Analysis
from wirestat.model import Interface
from wirestat.words import day_time, spans_days


def times(count: int) -> str:
    """Say how often.

    >>> times(1), times(2), times(1234)
    ('once', 'twice', '1,234 times')
    """
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def link(number: int, interface: Interface) -> str:
    """Say which link type an interface of a capture has, by number and, where it has one, by name.

    >>> link(0, Interface(None, 147, "USER0", None, 8, None, None, decoded=False))
    'link type 147 (USER0) of interface 0'
    >>> link(2, Interface("can0", 9999, "link type 9999", None, 8, None, None, decoded=False))
    'link type 9999 of interface 2 (can0)'
    """
    kind = f"link type {interface.link_type}"
    named = f" ({interface.link_name})" if interface.link_name != kind else ""
    return f"{kind}{named} of interface {number}" + (f" ({interface.name})" if interface.name else "")


def percent(part: int, whole: int) -> str:
    """Say a share.

    >>> percent(1, 3), percent(1, 2000), percent(0, 0)
    ('33 %', '0.1 %', '0 %')
    """
    share = 100 * part / whole if whole else 0.0
    return f"{share:.0f} %" if share >= 1 or not share else f"{max(share, 0.1):.1f} %"


def instant(analysis: Analysis, time_ns: int) -> str:
    """Say when something happened: with its date, where the capture is of several days."""
    first, last = analysis.summary.first_time_ns, analysis.summary.last_time_ns
    is_dated = first is not None and last is not None and spans_days(first, last)
    return day_time(time_ns, is_dated=is_dated)
