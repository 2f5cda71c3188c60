"""The system's libpcap, if there is one: compiles filter expressions that the core does not know."""

from __future__ import annotations

import ctypes
from functools import cache

Program = list[tuple[int, int, int, int]]
"""Instructions of the classic packet filter: code, jump if true, jump if false, operand."""

_NAMES = ("libpcap.so.0.8", "libpcap.so.1", "libpcap.so", "libpcap.A.dylib")
_DLT = {100: 11, 101: 12, 102: 15, 103: 16}
"""Link type numbers in files that differ from libpcap's numbers on Linux."""
_NETMASK_UNKNOWN = 0xFFFFFFFF
_OPTIMIZE = 1


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("jt", ctypes.c_ubyte),
        ("jf", ctypes.c_ubyte),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint), ("instructions", ctypes.POINTER(_Instruction)))


class Refused(Exception):
    """The library does not compile an expression; the text is its reason."""


def compiled(expression: str, link_type: int, snaplen: int) -> Program:
    """Compile an expression for frames of a link type.

    Raises:
        Refused: libpcap is missing, or rejects it; without a text if the reason is only the syntax.
    """
    library = _library()
    if library is None or not expression.isascii() or "\0" in expression:
        raise Refused
    handle = library.pcap_open_dead(_DLT.get(link_type, link_type), snaplen)
    if not handle:
        raise Refused
    program = _Program()
    try:
        text = expression.encode()
        if library.pcap_compile(handle, ctypes.byref(program), text, _OPTIMIZE, _NETMASK_UNKNOWN) != 0:
            said = (library.pcap_geterr(handle) or b"").decode(errors="replace")
            raise Refused(*([said] if said and "syntax error" not in said else []))
        made = [program.instructions[index] for index in range(program.length)]
        rows = [(i.code, i.jt, i.jf, i.k) for i in made]
        library.pcap_freecode(ctypes.byref(program))
        return rows
    finally:
        library.pcap_close(handle)


@cache
def _library() -> ctypes.CDLL | None:
    for name in _NAMES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.pcap_open_dead.restype = ctypes.c_void_p
        library.pcap_open_dead.argtypes = (ctypes.c_int, ctypes.c_int)
        library.pcap_compile.argtypes = (
            ctypes.c_void_p,
            ctypes.POINTER(_Program),
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.c_uint32,
        )
        library.pcap_freecode.argtypes = (ctypes.POINTER(_Program),)
        library.pcap_freecode.restype = None
        library.pcap_geterr.restype = ctypes.c_char_p
        library.pcap_geterr.argtypes = (ctypes.c_void_p,)
        library.pcap_close.argtypes = (ctypes.c_void_p,)
        library.pcap_close.restype = None
        return library
    return None
