"""Capabilities (``capabilities(7)``): the rights of root, one by one."""

import ctypes
import os
import platform
import struct
from collections.abc import Sequence
from contextlib import suppress

from wirestat.capture.sandbox.kernel import prctl, syscall

_PR_SET_KEEPCAPS = 8
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_SYS_CAPSET = {"x86_64": 126, "aarch64": 91}
_VERSION_3 = 0x20080522
_MOST = 64


def empty_bounding_set() -> None:
    """Prevent executed programs from ever getting a capability. Needs CAP_SETPCAP, so it comes before the drop."""
    for number in range(_MOST):
        try:
            prctl(_PR_CAPBSET_DROP, number)
        except OSError:
            return  # that was the last one, or CAP_SETPCAP is missing


def forbid_new_ones(*, keep: bool = False) -> str:
    """Prevent executed programs from getting capabilities; give up this process's own unless ``keep``.

    Returns the achieved restriction, in words.
    """
    number = _SYS_CAPSET.get(platform.machine())
    with suppress(OSError):
        prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
        if number is not None and not keep:
            header = ctypes.create_string_buffer(struct.pack("=Ii", _VERSION_3, 0), 8)
            syscall(number, header, ctypes.create_string_buffer(24))
    try:
        prctl(_PR_SET_NO_NEW_PRIVS, 1)
    except OSError as error:
        return f"new privileges cannot be ruled out: {error.strerror}"
    return "no new privileges"


READ_PROCESSES = (2, 19)
"""CAP_DAC_READ_SEARCH and CAP_SYS_PTRACE: needed to read other processes' descriptors."""


def become(uid: int, gid: int, numbers: Sequence[int]) -> str:
    """Change from root to another user, permanently, with these capabilities only; say what was achieved.

    Raises:
        OSError: the system refused.
    """
    prctl(_PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    number = _SYS_CAPSET.get(platform.machine())
    if number is not None:
        header = ctypes.create_string_buffer(struct.pack("=Ii", _VERSION_3, 0), 8)
        kept = sum(1 << capability for capability in numbers)
        syscall(number, header, ctypes.create_string_buffer(struct.pack("=6I", kept, kept, 0, 0, 0, 0), 24))
    prctl(_PR_SET_NO_NEW_PRIVS, 1)
    return "no new privileges"
