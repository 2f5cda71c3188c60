"""The process that has loaded our programs, and becomes one of them in a fork: see ``tests/programs.py``.

``python -m tests.loaded N`` reads from the socket N whom to become, with which standard files, and answers with the
exit code. A module that can be asked for has a function ``run``, which never returns.
"""

import gc
import json
import os
import socket
import sys
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, NoReturn

READY = {"wirestat": "wirestat.commands"}
"""The module that has ``run``, if not the module itself."""
PACKAGES = ("commands", "report", "diagnosis", "export", "capture", "tables", "query")
MOST = 1 << 18
"""The maximum size of a message in bytes."""


def load() -> None:
    """Load what a command may need. Other people's libraries for the screen and SQL are left out: they take long."""
    for package in PACKAGES:
        inside = import_module(f"wirestat.{package}")
        for module in walk_packages(inside.__path__, f"{inside.__name__}."):
            import_module(module.name)


def become(asked: dict[str, Any], files: list[int]) -> NoReturn:
    """Become a program, and end as it does."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.argv = asked["words"]
    program(asked).run()
    raise AssertionError(f"{sys.argv} goes on")


def program(asked: dict[str, Any]) -> Any:
    """Return the module that is asked for."""
    module = asked["words"][0]
    return import_module(READY.get(module, module))


def serve(line: socket.socket) -> None:
    """Answer until the other end is closed."""
    while True:
        message, files, _, _ = socket.recv_fds(line, MOST, 3)
        if not message:
            return
        asked = json.loads(message)
        program(asked)  # is loaded once, for all forks
        gc.freeze()  # frozen objects are never scanned, so their pages are never copied
        if not (child := os.fork()):
            line.close()
            become(asked, files)
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        line.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    load()
    with socket.socket(fileno=int(sys.argv[1])) as line:
        serve(line)
