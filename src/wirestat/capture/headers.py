"""Makes the kernel hand over only the headers of plain segments: wirestat reads no more, and rings fill slowly.

A plain segment is TCP directly in IP directly in Ethernet, and no fragment. For these the kernel's filter passes the
bytes of their headers; everything else passes whole.
"""

from __future__ import annotations

from wirestat.capture.filters import Program

PLAIN = 14 + 40 + 60
"""Bytes of the longest headers of a plain segment: Ethernet, IPv6, and TCP with all options."""

_LENGTH, _HALF, _BYTE = 0x80, 0x28, 0x30
_JUMP, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x05, 0x15, 0x35, 0x45, 0x06
_AND, _SHIFT_RIGHT, _ADD, _RETURN_RESULT = 0x54, 0x74, 0x04, 0x16
_ALL = 0xFFFFFFFF

_Test = tuple[int, int, int, int, bool]
"""One test: load instruction and offset, comparison and operand, and the required result."""

_IPV4: tuple[_Test, ...] = (
    (_HALF, 12, _EQUAL, 0x0800, True),
    (_BYTE, 14, _EQUAL, 0x45, True),  # no IP options
    (_HALF, 20, _ANY_BIT, 0x3FFF, False),  # no fragment
    (_BYTE, 23, _EQUAL, 6, True),
    (_HALF, 16, _AT_LEAST, 20 + 60, True),  # the longest TCP header fits
    (_BYTE, 46, _AT_LEAST, 0x50, True),  # a data offset of 5 words or more
)
_IPV6: tuple[_Test, ...] = (
    (_HALF, 12, _EQUAL, 0x86DD, True),
    (_BYTE, 14, _AT_LEAST, 0x60, True),
    (_BYTE, 14, _AT_LEAST, 0x70, False),
    (_BYTE, 20, _EQUAL, 6, True),
    (_HALF, 18, _AT_LEAST, 60, True),
    (_BYTE, 66, _AT_LEAST, 0x50, True),
)


def cut_to_headers(program: Program) -> Program:
    """Change a program for Ethernet so that it passes only the headers of plain segments."""
    # Frames that the program passes go on to the added tests.
    passing = [
        (_JUMP, 0, 0, len(program) - index - 1) if code == _RETURN and k else (code, jt, jf, k)
        for index, (code, jt, jf, k) in enumerate(program)
    ]
    return passing + _rules()


def _rules() -> Program:
    # A load from beyond the end of a frame would drop it, so its length is tested first.
    long_enough: _Test = (_LENGTH, 0, _AT_LEAST, PLAIN, True)
    ipv4, ipv6 = (_branch((long_enough, *tests), ip) for tests, ip in ((_IPV4, 20), (_IPV6, 40)))
    return [*ipv4, *ipv6, (_RETURN, 0, 0, _ALL)]


def _branch(tests: tuple[_Test, ...], ip: int) -> Program:
    """Make instructions that pass only the headers if all tests hold, and fall through otherwise.

    The last test must load the byte with TCP's data offset (RFC 9293, 3.1): the length to pass is computed from it.
    """
    headers = [(_AND, 0, 0, 0xF0), (_SHIFT_RIGHT, 0, 0, 2), (_ADD, 0, 0, 14 + ip), (_RETURN_RESULT, 0, 0, 0)]
    size = 2 * len(tests) + len(headers)
    made: Program = []
    for load, at, compare, value, wanted in tests:
        made.append((load, 0, 0, at))
        beyond = size - len(made) - 1
        made.append((compare, *((0, beyond) if wanted else (beyond, 0)), value))
    return [*made, *headers]
