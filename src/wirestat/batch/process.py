"""The start of a worker process: loads little, so that workers start before everything else is loaded."""

import os
import sys
import threading
from multiprocessing import parent_process

_STACK = 256 << 10
"""Stack size of a thread that only waits: the memory limit counts it."""


def ready() -> None:
    """Load all code for the work."""
    from importlib import import_module

    for module in ("batch.task", "diagnosis", "report.build", "report.tables", "export.parquet"):
        import_module(f"wirestat.{module}")


def bounded(memory: int | None) -> None:
    """Set up: the process ends with its parent, and its memory is limited, in bytes.

    Allocations beyond the bound fail, and the worker ends.
    """
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process
    usual = threading.stack_size(_STACK)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    threading.stack_size(usual)
    if memory is not None and sys.platform != "win32":
        import resource

        ready()  # without memory, the parser would report a syntax error in a good module
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _end_with_parent() -> None:
    """Wait for the end of the main process: if killed, it cannot tell its workers."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
