"""The exit codes, in one place: scripts live by them."""

from enum import IntEnum


class Code(IntEnum):
    """Why wirestat ended."""

    DONE = 0
    """Everything was read and reported."""
    FINDINGS = 1
    """There are findings at or above ``--fail-on``."""
    USAGE = 2
    """The command line makes no sense."""
    INPUT = 3
    """An input is unreadable, ends early, or has no frame that can be decoded; what was read is reported."""
    PERMISSION = 4
    """The system refused access."""
    UNAVAILABLE = 69
    """A package or a program that it takes is not installed (EX_UNAVAILABLE)."""
    BUG = 70
    """wirestat itself is at fault (EX_SOFTWARE)."""
    IO = 74
    """The system failed while reading or writing, as on a full disk (EX_IOERR)."""
    INTERRUPTED = 130
    """Ctrl-C, after printing what is known (128 + SIGINT)."""
    PIPE = 141
    """Nobody reads the output any more (128 + SIGPIPE)."""
