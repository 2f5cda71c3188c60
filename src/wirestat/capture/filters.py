"""Capture filter expressions, as in tcpdump and Wireshark (``pcap-filter(7)``).

The core compiles them; the kernel or the core runs the programs. So an expression means the same on an interface and
on a file. For anything that the core does not know, the system's libpcap is asked, if there is one.
"""

import socket
from collections.abc import Callable

from wirestat import _core
from wirestat.capture import libpcap
from wirestat.errors import UsageError

Program = libpcap.Program

SNAPLEN = 262_144
"""The default snaplen, in bytes: libpcap's value for whole frames."""
_RETURN_CONSTANT = 0x06
_ETHERNET = 1
_LOADS = frozenset({0x20, 0x28, 0x30})
_OF_THE_KERNEL = 0xFFFFF000
"""From this offset on, a load reads the kernel's metadata, not the frame."""
_HINT = "pcap-filter(7) has the syntax"
_AROUND = 50
"""Characters of a long expression that are shown on either side of a mistake."""


def compiled(expression: str, link_type: int = _ETHERNET, snaplen: int = SNAPLEN) -> Program:
    """Compile an expression for frames of a link type; what passes is cut to ``snaplen`` bytes.

    Raises:
        UsageError: the expression is invalid, also for that link type, or unknown both here and to the system's
            libpcap. The message points at the word.
    """
    try:
        return _core.compile_filter(expression, link_type, snaplen, socket.getservbyname)
    except _core.FilterError as error:
        try:
            program = libpcap.compiled(expression, link_type, snaplen)
        except libpcap.Refused as refused:
            at, length, why = error.args
            hint = f"libpcap says: {refused}" if refused.args else _HINT
            raise UsageError(f"filter: {why}", hint, _pointed(expression, at, length)) from None
    except UnicodeEncodeError:
        raise UsageError("the filter is no text", _HINT) from None
    return [
        (code, jt, jf, min(k, snaplen)) if code == _RETURN_CONSTANT else (code, jt, jf, k)
        for code, jt, jf, k in program
    ]


def _pointed(expression: str, at: int, length: int) -> tuple[str, ...]:
    r"""Show the place in an expression.

    >>> print(*_pointed("tcp porty", 4, 5), sep="\n")
    tcp porty
        ^~~~~
    """
    begin = max(0, at - _AROUND)
    part = expression[begin : at + length + _AROUND]
    shown = "".join(character if character.isprintable() else " " for character in part)
    return shown, " " * (at - begin) + "^" + "~" * (length - 1)


def by_link_type(expression: str) -> Callable[[int], Program]:
    """Return a function that compiles the expression for a link type.

    Raises:
        UsageError: it is invalid, which is checked before any frame is read.
    """
    compiled(expression)
    return lambda link_type: _of_files(expression, link_type)


def _of_files(expression: str, link_type: int) -> Program:
    program = compiled(expression, link_type)
    if any(code in _LOADS and k >= _OF_THE_KERNEL for code, _, _, k in program):
        raise UsageError(
            f"filter: a file of link type {_core.link_name(link_type) or link_type} does not say {expression!r}",
            "which way a frame went is known where it is captured: live -i IF takes that filter",
        )
    return program


def sees_tags(expression: str) -> bool:
    """Tell whether an expression tests VLAN tags, which the kernel strips before its own filter runs."""
    return "vlan" in expression.lower() or "ether[" in expression.lower().replace(" ", "")
