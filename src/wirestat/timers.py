"""Timer profiles: how long TCP stacks wait, and how often they retry.

A passive observer needs them twice: to say that a silent endpoint has moved on (2MSL in TIME_WAIT is over), and to
say that something has lasted too long (CLOSE_WAIT for more than a minute). Durations are nanoseconds; 0 means never.

>>> profile("linux").time_wait_ns // SECOND
60
>>> profile("linux").override("time_wait", "30s").time_wait_ns // SECOND
30
"""

import re

import msgspec

from wirestat.errors import UsageError

MILLISECOND = 1_000_000
SECOND = 1_000 * MILLISECOND
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_UNITS = {"ms": MILLISECOND, "s": SECOND, "": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY}
_DURATION = r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|min|m|h|d|)"
_SUFFIX = "_ns"


class Timers(msgspec.Struct, frozen=True, kw_only=True):
    """One profile. The defaults are Linux's (``Documentation/networking/ip-sysctl.rst``, ``include/net/tcp.h``)."""

    name: str

    # timers of the stack
    time_wait_ns: int = 60 * SECOND
    """2MSL: how long TIME_WAIT lasts (``TCP_TIMEWAIT_LEN``)."""
    fin_timeout_ns: int = 60 * SECOND
    """How long FIN_WAIT2 lasts once the application has closed (``tcp_fin_timeout``)."""
    syn_retries: int = 6
    """How often a SYN is resent (``tcp_syn_retries``)."""
    synack_retries: int = 5
    """How often a SYN-ACK is resent (``tcp_synack_retries``)."""
    orphan_retries: int = 8
    """How often a FIN is resent once the application has closed (``tcp_orphan_retries`` 0 means 8)."""
    keepalive_time_ns: int = 7200 * SECOND
    """Silence before the first keepalive probe (``tcp_keepalive_time``)."""
    keepalive_interval_ns: int = 75 * SECOND
    """Time between probes (``tcp_keepalive_intvl``)."""
    keepalive_probes: int = 9
    """Unanswered probes that end the connection (``tcp_keepalive_probes``)."""
    idle_timeout_ns: int = 0
    """Silence after which a device of this kind drops an established connection; 0 if it never does."""

    # thresholds of the observer
    close_wait_held_ns: int = 60 * SECOND
    """CLOSE_WAIT for longer than this sets a fact."""
    zero_window_held_ns: int = 30 * SECOND
    """A zero window for longer than this sets a fact."""
    idle_gap_ns: int = 60 * SECOND
    """A silence of both ends for longer than this sets a fact when something breaks it."""

    def __str__(self) -> str:
        """Write the profile as ``--timer`` takes it: ``linux, time_wait=60s, ...``."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__[1:]}
        values = (
            f"{name.removesuffix('_ns')}={value / SECOND:g}s" if name.endswith("_ns") else f"{name}={value}"
            for name, value in fields.items()
        )
        return ", ".join([self.name, *values])

    def override(self, timer: str, value: str) -> "Timers":
        """Return the profile with one value changed, both as typed: ``time_wait``, ``30s``.

        Raises:
            UsageError: the timer is unknown, or the value is neither a duration nor, for a count, a number.
        """
        key = timer.strip().lower().replace("-", "_").removesuffix(_SUFFIX)
        field = key if key in _COUNTS else key + _SUFFIX
        if key not in TIMER_NAMES:
            raise UsageError(f"unknown timer {timer!r}", hint="timers: " + ", ".join(TIMER_NAMES))
        parsed = _count(timer, value) if key in _COUNTS else duration(value)
        return msgspec.structs.replace(self, **{field: parsed})


_FIELDS = tuple(field for field in Timers.__struct_fields__ if field != "name")
_COUNTS = frozenset(field for field in _FIELDS if not field.endswith(_SUFFIX))
TIMER_NAMES = tuple(field.removesuffix(_SUFFIX) for field in _FIELDS)
"""The timers that can be overridden, as people type them."""

LINUX = Timers(name="linux")
"""Linux 6.x with its default sysctls."""

RFC9293 = Timers(
    name="rfc9293",
    time_wait_ns=240 * SECOND,
    fin_timeout_ns=0,
)
"""The standard: MSL 2 minutes (3.4.2), FIN-WAIT-2 for ever.

The RFC leaves the counts and the time between keepalive probes to the implementation; here they are Linux's.
"""

WINDOWS = Timers(
    name="windows",
    time_wait_ns=120 * SECOND,
    fin_timeout_ns=240 * SECOND,
    syn_retries=4,
    synack_retries=2,
    orphan_retries=5,
    keepalive_interval_ns=1 * SECOND,
    keepalive_probes=10,
)
"""Windows 10 and Server 2016 on: ``TcpTimedWaitDelay``, ``TcpFinWait2Delay``, ``netsh int tcp show global``."""

BSD = Timers(
    name="bsd",
    synack_retries=3,
    syn_retries=12,
    orphan_retries=12,
    keepalive_probes=8,
)
"""FreeBSD 13 on: ``net.inet.tcp.msl`` 30 s, ``finwait2_timeout`` 60 s, ``keepcnt`` 8."""

F5 = Timers(
    name="f5",
    time_wait_ns=2 * SECOND,
    fin_timeout_ns=300 * SECOND,
    syn_retries=3,
    synack_retries=3,
    orphan_retries=8,
    keepalive_time_ns=1800 * SECOND,
    keepalive_interval_ns=75 * SECOND,
    idle_timeout_ns=300 * SECOND,
    close_wait_held_ns=5 * SECOND,
    zero_window_held_ns=20 * SECOND,
)
"""The TCP profile of a BIG-IP: time wait 2000 ms, FIN wait 2 300 s, close wait 5 s, idle 300 s, keepalive 1800 s."""

PROFILES: dict[str, Timers] = {timers.name: timers for timers in (LINUX, RFC9293, WINDOWS, BSD, F5)}
"""Every profile by name, the default first."""


def profile(name: str) -> Timers:
    """Return the profile of that name.

    Raises:
        UsageError: the name is unknown.
    """
    try:
        return PROFILES[name.strip().lower()]
    except KeyError:
        raise UsageError(f"unknown timer profile {name!r}", hint="profiles: " + ", ".join(PROFILES)) from None


LONGEST = 1 << 62
"""The longest duration, in ns: added to any time, it still fits into 64 bits."""
_DIGITS = 40
_MOST_TRIES = 255


def duration(text: str) -> int:
    """Read a duration as ``500ms``, ``30s``, ``2m``, ``1.5h`` or ``5d`` (a bare number is seconds) in nanoseconds.

    Raises:
        UsageError: the text is not a duration, or longer than 146 years.
    """
    match = re.fullmatch(_DURATION, text.strip().lower(), re.ASCII)
    if match is not None and len(match["number"]) > _DIGITS:
        raise _too_long(text)
    if match is None:
        raise UsageError(f"{text!r} is not a duration", hint="write it as 500ms, 30s, 2m, 1.5h or 5d")
    whole, _, fraction = match["number"].partition(".")
    unit = _UNITS[match["unit"]]
    ns = int(whole) * unit + (int(fraction) * unit // 10 ** len(fraction) if fraction else 0)
    if ns > LONGEST:
        raise _too_long(text)
    return ns


def _too_long(text: str) -> UsageError:
    shown = text if len(text) <= _DIGITS else f"{text[:_DIGITS]}..."
    return UsageError(f"{shown!r} is longer than 146 years, and times have 64 bits")


def _count(timer: str, text: str) -> int:
    if not (text.isascii() and text.strip().isdigit()):
        raise UsageError(f"{text!r} is not a count", hint=f"{timer} is a whole number of tries")
    if len(text) > _DIGITS or int(text) > _MOST_TRIES:
        raise UsageError(f"{timer} is no more than {_MOST_TRIES}")
    return int(text)
