"""Filter expressions, as tcpdump and Wireshark's capture filters have them (``pcap-filter(7)``).

libpcap compiles them, reached through scapy; the kernel or the core runs the programs. So one expression means the
same on an interface and on a file.
"""

from collections.abc import Callable

from wirestat.capture.needs import package
from wirestat.errors import UsageError

Program = list[tuple[int, int, int, int]]
"""Instructions of the classic packet filter: code, jump if true, jump if false, operand."""

SNAPLEN = 262_144
"""Bytes that a program lets pass unless told otherwise: libpcap's word for all of them."""
_RETURN_CONSTANT = 0x06
_ETHERNET = 1

_DLT = {100: 11, 101: 12, 102: 15, 103: 16}
"""Link types as files number them, where libpcap numbers them otherwise on Linux."""


_UNSIGNED = 0xFFFFFFFF
"""What undoes that scapy takes a constant, such as an address above 127.255.255.255, for a signed number."""


class _LinkType(int):
    """A number that is true even where it is zero: to scapy a link type of 0 would be none at all."""

    def __bool__(self) -> bool:
        return True


def compiled(expression: str, link_type: int = _ETHERNET, snaplen: int = SNAPLEN) -> Program:
    """Compile an expression for frames of a link type; what passes is cut to ``snaplen`` bytes.

    Raises:
        UsageError: the expression makes no sense, or none for that link type.
        Unavailable: there is no scapy, or no libpcap.
    """
    if not expression.strip():
        return [(_RETURN_CONSTANT, 0, 0, snaplen)]
    if not expression.isascii() or "\0" in expression:
        raise UsageError(f"filter {expression!r}: it holds what no filter does")
    arch = package("scapy.arch.common")
    failure = package("scapy.error").Scapy_Exception
    try:
        program = arch.compile_filter(expression, linktype=_LinkType(_DLT.get(link_type, link_type)))
    except failure as error:
        raise UsageError(
            f"filter {expression!r}: {_reason(error)}", hint="pcap-filter(7) has the syntax"
        ) from None
    except (ImportError, OSError):
        from wirestat.errors import Unavailable

        raise Unavailable("filters need libpcap", "install it with 'apt install libpcap0.8'") from None
    instructions = [program.bf_insns[index] for index in range(program.bf_len)]
    rows = [(int(i.code), int(i.jt), int(i.jf), int(i.k) & _UNSIGNED) for i in instructions]
    arch.free_filter(program)
    return [
        (code, jt, jf, min(k, snaplen)) if code == _RETURN_CONSTANT else (code, jt, jf, k)
        for code, jt, jf, k in rows
    ]


def by_link_type(expression: str) -> Callable[[int], Program]:
    """Return what compiles the expression for each link type that turns up.

    Raises:
        UsageError: it makes no sense, which shows before a single frame is read.
    """
    compiled(expression)
    return lambda link_type: compiled(expression, link_type)


def sees_tags(expression: str) -> bool:
    """Tell whether an expression looks at VLAN tags, which the kernel takes out before its own filter runs."""
    return "vlan" in expression.lower() or "ether[" in expression.lower().replace(" ", "")


def _reason(error: Exception) -> str:
    _, bracket, reason = str(error).partition(" (")
    return reason.removesuffix(")") if bracket else str(error)
