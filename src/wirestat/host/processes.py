"""The owners of sockets, from ``/proc``."""

from __future__ import annotations

import os
import pwd
import re
import time
from collections.abc import Iterator
from contextlib import suppress

from wirestat.testimony import Process
from wirestat.titles import printable

_SHARE = 50
"""Examining all descriptors takes at most one part in this many of the time."""
_CONTAINER = re.compile(
    r"(?:^|[-/:])(docker|cri-containerd|crio|libpod|containerd)[-/:]([0-9a-f]{12})[0-9a-f]*"
)
_POD = re.compile(r"kubepods[^/]*/.*?pod([0-9a-f_-]{8})")
_UNIT = re.compile(r"/([^/]+\.(?:service|scope|slice))(?=/|$)")
_SOCKET = re.compile(r"socket:\[(\d+)\]")


class Processes:
    """Finds the processes that own sockets, and remembers them as long as the sockets are asked about."""

    def __init__(self, root: str = "/proc") -> None:
        """Look below ``root``."""
        self._root = root
        self._seen: dict[str, set[str]] = {}
        self._numbers: dict[str, int] = {}
        self._held: dict[int, Process] = {}
        self._next_whole = 0.0
        self._users: dict[int, str] = {}
        self._hidden: set[str] = set()

    @property
    def hidden(self) -> int:
        """Processes of other users, whose descriptors could not be examined."""
        return len(self._hidden)

    def find(self, inodes: set[int]) -> dict[int, Process]:
        """Return the owners of the sockets with these inodes, as far as permitted.

        New descriptors are looked at at once; all of them, whose numbers may have been used again, now and then.
        """
        missing = inodes - self._held.keys()
        if missing:
            self._look(missing, whole=False)
            started = time.monotonic()
            if (missing := inodes - self._held.keys()) and started >= self._next_whole:
                self._look(missing, whole=True)
                now = time.monotonic()
                self._next_whole = now + _SHARE * (now - started)
        return {inode: self._held[inode] for inode in inodes if inode in self._held}

    def forget(self, inodes: set[int]) -> None:
        """Forget the sockets that are gone."""
        for inode in inodes:
            self._held.pop(inode, None)

    def _look(self, wanted: set[int], *, whole: bool) -> None:
        alive = [name for name in os.listdir(self._root) if name.isdecimal()]
        for pid in self._seen.keys() - set(alive):
            del self._seen[pid]
            self._numbers.pop(pid, None)
        self._hidden &= set(alive)
        for pid in alive:
            found = dict.fromkeys(inode for inode in self._sockets(pid, whole=whole) if inode in wanted)
            if found:
                process = self._process(pid)
                self._held.update(dict.fromkeys(found, process))

    def _sockets(self, pid: str, *, whole: bool) -> Iterator[int]:
        """Yield the inodes of sockets that a process has opened since the last look at it."""
        folder = f"{self._root}/{pid}/fd"
        try:
            # Since Linux 6.2 the folder's size is the number of descriptors; before, it is 0.
            number = os.stat(folder).st_size
            if number and number == self._numbers.get(pid) and not whole:
                return
            self._numbers[pid] = number
            names = set(os.listdir(folder))
        except PermissionError:
            self._hidden.add(pid)
            return
        except OSError:
            return  # it has ended
        fresh = names if whole else names - self._seen.get(pid, set())
        self._seen[pid] = names
        for name in fresh:
            with suppress(OSError):
                if found := _SOCKET.fullmatch(os.readlink(f"{folder}/{name}")):
                    yield int(found[1])

    def _process(self, pid: str) -> Process:
        place = f"{self._root}/{pid}"
        group = self._read(f"{place}/cgroup").rpartition("::")[2].strip()
        program = printable(self._read(f"{place}/comm").strip()) or "?"
        try:
            user = self._user(os.stat(place).st_uid)
        except OSError:
            user = "?"
        return Process(int(pid), program, user, unit(group))

    def _read(self, path: str) -> str:
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read(4096)
        except OSError:
            return ""

    def _user(self, uid: int) -> str:
        if uid not in self._users:
            try:
                self._users[uid] = pwd.getpwuid(uid).pw_name
            except (KeyError, OSError):
                self._users[uid] = str(uid)
        return self._users[uid]


def unit(group: str) -> str:
    """Name the container or unit of a control group.

    >>> unit("/system.slice/docker-0123456789abcdef.scope"), unit("/system.slice/nginx.service")
    ('docker 0123456789ab', 'nginx.service')
    """
    if found := _CONTAINER.search(group):
        pod = _POD.search(group)
        return f"{found[1]} {found[2]}" + (f" (pod {pod[1]})" if pod else "")
    units = [name for name in _UNIT.findall(group) if not name.endswith(".slice")]
    return printable(units[-1]) if units else ""
