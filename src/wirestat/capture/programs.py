"""Other programs: where they are, and which user runs them. The working directory never matters."""

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from wirestat.capture.privileges import User
from wirestat.errors import UsageError
from wirestat.system import PLACES as PLACES, is_root

_CAPABILITIES = {"setpcap": 8, "net_admin": 12, "net_raw": 13}
"""The numbers of capabilities in ``linux/capability.h``."""


def find(name: str) -> str | None:
    """Return the absolute path of a program; ``None`` if there is none.

    Root searches only fixed places. Others search the absolute entries of their ``PATH`` first.
    """
    import shutil  # takes up archives, too

    own = () if is_root() else filter(os.path.isabs, os.get_exec_path())
    return shutil.which(name, path=os.pathsep.join([*own, *PLACES]))


def given(path: str) -> str:
    """Return the path of a program that the user named.

    Raises:
        UsageError: the path depends on the working directory, or names nothing that can be run.
    """
    import shutil

    if not Path(path).is_absolute():
        raise UsageError(f"{path}: the path of a program begins with /", hint="name it in full")
    if shutil.which(path) is None:
        raise UsageError(f"{path} is no program that can be run")
    return path


def is_roots_alone(path: str) -> bool:
    """Tell whether only root can change or replace the file at a path."""
    written = Path(os.path.abspath(path))  # noqa: PTH100  # links stay: who owns one chooses where it leads
    real = written.resolve()
    ways = {*written.parents, *real.parents}
    return _is_roots(written) and _is_roots(real) and all(_is_roots(way, as_way=True) for way in ways)


def _is_roots(place: Path, *, as_way: bool = False) -> bool:
    status = place.lstat()
    writable = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not stat.S_ISLNK(status.st_mode)
    # In a sticky folder such as /tmp others may add files, but not replace root's.
    sticky = as_way and status.st_mode & stat.S_ISVTX
    return status.st_uid == 0 and (not writable or bool(sticky))


def held(capabilities: Iterable[str]) -> tuple[str, ...]:
    """Return the capabilities (``capabilities(7)``) that this process has and can pass on."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return ()
    permitted = int(next(line for line in status.splitlines() if line.startswith("CapPrm:")).split()[1], 16)
    return tuple(name for name in capabilities if permitted >> _CAPABILITIES[name] & 1)


def surroundings(user: User) -> dict[str, str]:
    """Return the environment for a program that runs as another user: that user's home, and nothing of root's."""
    kept = {name: value for name, value in os.environ.items() if name in ("LANG", "TZ") or name[:3] == "LC_"}
    return {**kept, "PATH": os.pathsep.join(PLACES), "HOME": user.home, "USER": user.name}
