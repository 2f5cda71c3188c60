"""How a worker's process begins: this loads little, so that workers are started before all else is loaded."""

import sys


def ready() -> None:
    """Load what work takes."""
    from importlib import import_module

    for module in ("batch.task", "diagnosis", "report.build", "report.sheets", "export.parquet"):
        import_module(f"wirestat.{module}")


def bounded(memory: int | None) -> None:
    """Bound the memory of this process, in bytes: allocations beyond it fail, and the worker ends."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that hands out the work
    if memory is not None and sys.platform != "win32":
        import resource

        ready()  # without memory, the parser would take a good module for a wrong one
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
