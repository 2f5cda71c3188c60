"""Landlock (``landlock(7)``): a process names the folders that it may still use, and loses the rest of the files."""

import ctypes
import os
import struct
from collections.abc import Sequence
from pathlib import Path

from wirestat.capture.sandbox.kernel import syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_ASK_VERSION = 1
_PATH_BENEATH = 1

_WRITE_FILE = 1 << 1
_READ_FILE = 1 << 2
_READ_DIR = 1 << 3
_REMOVE_FILE = 1 << 5
_MAKE_REG = 1 << 8
_TRUNCATE = 1 << 14
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""The number of file rights in each version of the ABI, as consecutive bits from 0. Later versions add none."""
_BIND_AND_CONNECT_TCP = 3
_FIRST_NETWORK = 4
_ABSTRACT_SOCKETS = 1
_FIRST_SCOPE = 6

_READS = _READ_FILE | _READ_DIR
_WRITES = _WRITE_FILE | _REMOVE_FILE | _MAKE_REG | _TRUNCATE | _READ_DIR
_NULL = Path("/dev/null")


def restrict(readable: Sequence[Path], writable: Sequence[Path]) -> str:
    """Lose all files but those below these folders, all programs, and TCP; say what was achieved."""
    try:
        version = syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return "the kernel has no Landlock"
    known = (1 << _FILE_RIGHTS.get(version, 16)) - 1
    network = _BIND_AND_CONNECT_TCP if version >= _FIRST_NETWORK else 0
    scope = _ABSTRACT_SOCKETS if version >= _FIRST_SCOPE else 0
    layout = struct.pack("=QQQ", known, network, scope)
    # An older kernel rejects a longer structure unless the rest is zero, so fields that it does not know are cut off.
    size = 24 if scope else 16 if network else 8
    rules = syscall(_CREATE_RULESET, ctypes.create_string_buffer(layout[:size], size), size, 0)
    try:
        for folder in readable:
            _allow(rules, folder, _READS & known)
        for folder in writable:
            _allow(rules, folder, _WRITES & known)
        _allow(rules, _NULL, (_READ_FILE | _WRITE_FILE | _TRUNCATE) & known)
        syscall(_RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
    places = [*(f"reads in {folder}" for folder in readable), *(f"writes in {folder}" for folder in writable)]
    return f"Landlock, version {version}: {', '.join(places) or 'no files'}"


def _allow(rules: int, place: Path, rights: int) -> None:
    opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, opened)
        syscall(_ADD_RULE, rules, _PATH_BENEATH, ctypes.create_string_buffer(rule, len(rule)), 0)
    finally:
        os.close(opened)
