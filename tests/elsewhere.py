"""Runs wirestat as if on another system: ``python -m tests.elsewhere win32 trace.pcap --summary``.

Whatever that system has not is hidden from wirestat: modules, functions and numbers. Others' modules are loaded
before, since it is not they that are looked at.
"""

import importlib
import os
import select
import signal
import socket
import sys
from types import ModuleType

LOADED = (
    "asyncio",
    "click",
    "click.shell_completion",
    "difflib",
    "msgspec",
    "multiprocessing",
    "rich.console",
    "shutil",
    "subprocess",
    "tempfile",
)
_NOT_LINUX: dict[ModuleType, tuple[str, ...]] = {
    os: ("setresuid", "setresgid", "O_PATH", "memfd_create", "sched_setaffinity"),
    socket: ("AF_PACKET", "AF_NETLINK", "SOL_PACKET"),
}
_NOT_UNIX: dict[ModuleType, tuple[str, ...]] = {
    os: (
        "geteuid", "getuid", "getegid", "setuid", "setgid", "initgroups", "setgroups", "fork", "setsid", "sysconf",
        "mkfifo", "get_blocking", "set_blocking",
    ),
    select: ("poll", "epoll", "POLLIN", "POLLERR"),
    signal: ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM"),
    socket: ("AF_UNIX",),
}  # fmt: skip
_NO_MODULES = {"darwin": (), "win32": ("pwd", "grp", "fcntl", "resource", "termios", "tty", "pty", "syslog")}


def pretend(platform: str) -> None:
    """Hide modules and functions that the platform lacks."""
    for name in LOADED:
        importlib.import_module(name)
    hidden = [_NOT_LINUX] if platform == "darwin" else [_NOT_LINUX, _NOT_UNIX]
    for table in hidden:
        for module, names in table.items():
            for name in names:
                if hasattr(module, name):
                    delattr(module, name)
    for name in _NO_MODULES[platform]:
        sys.modules[name] = None  # type: ignore[assignment]  # this is how an import is made to fail
    sys.platform = platform


def main(platform: str, arguments: list[str]) -> int:
    """Run wirestat there."""
    pretend(platform)
    from wirestat.commands import main

    return main(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
