"""Starts a command, waits for it, and writes what it cost: ``launcher.py DESCRIPTOR COMMAND...``.

The most memory that a process ever had begins with what it was forked from: a race that holds a large capture itself
would be told the size of that. This process is small.
"""

import os
import sys
import time


def _main(descriptor: int, command: list[str]) -> None:
    os.set_inheritable(descriptor, False)
    begin = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - begin
    figures = (wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, os.waitstatus_to_exitcode(status))
    os.write(descriptor, " ".join(map(str, figures)).encode())


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2:])
