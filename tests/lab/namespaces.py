"""Network namespaces without names.

A named namespace outlives a crash of its maker; an anonymous one cannot. Each lives only as long as
somebody holds it: here one file descriptor and the sockets made inside. When the process ends, however
it ends, the kernel removes namespace, interfaces and sockets. Nothing is left to clean up.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CLONE_NEWNET = 0x40000000
SMALL_HASH_TABLE = 4096
"""Buckets of a namespace's own socket table. The machine-wide table takes a millisecond to walk, this
one microseconds."""

_libc = ctypes.CDLL(None, use_errno=True)


def _own_namespace() -> str:
    return f"/proc/self/task/{threading.get_native_id()}/ns/net"


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"setns: {os.strerror(number)}")


class Namespace:
    """One network namespace. Sockets and commands made ``inside()`` belong to it for good."""

    def __init__(self) -> None:
        home = os.open(_own_namespace(), os.O_RDONLY)
        try:
            if _libc.unshare(CLONE_NEWNET) != 0:
                number = ctypes.get_errno()
                raise OSError(number, f"unshare: {os.strerror(number)}")
            self.descriptor = os.open(_own_namespace(), os.O_RDONLY)
        finally:
            _enter(home)
            os.close(home)

    @classmethod
    def with_own_table(cls) -> Namespace:
        """A namespace whose TCP sockets live in a small hash table of their own (Linux 6.1 and later)."""
        nursery = cls()
        with nursery.inside():
            with suppress(FileNotFoundError):
                nursery.write_sysctl("net.ipv4.tcp_child_ehash_entries", SMALL_HASH_TABLE)
            child = cls()
        os.close(nursery.descriptor)
        return child

    @property
    def path(self) -> str:
        """A path by which other commands can name this namespace."""
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Move the calling thread, and no other, into the namespace for a while."""
        home = os.open(_own_namespace(), os.O_RDONLY)
        try:
            _enter(self.descriptor)
            yield
        finally:
            _enter(home)
            os.close(home)

    def run(self, *command: str, text: str | None = None) -> str:
        """Run a command inside; return what it printed."""
        with self.inside():
            done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip() or done.returncode}\n{text or ''}")
        return done.stdout

    def write_sysctl(self, name: str, value: int | str) -> None:
        with self.inside():
            _sysctl_path(name).write_text(f"{value}\n")

    def read_sysctl(self, name: str) -> str | None:
        """The value in force, or None where this kernel has no such setting."""
        with self.inside():
            try:
                return " ".join(_sysctl_path(name).read_text().split())
            except OSError:
                return None


def _sysctl_path(name: str) -> Path:
    return Path("/proc/sys") / name.replace(".", "/")
