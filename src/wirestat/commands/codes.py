"""The exit codes, in one place: scripts depend on them."""

from enum import IntEnum


class Code(IntEnum):
    """Why wirestat ended."""

    DONE = 0
    """Everything was read and reported."""
    FINDINGS = 1
    """There are findings at or above ``--fail-on``."""
    USAGE = 2
    """The command line is wrong."""
    INPUT = 3
    """An input is unreadable, truncated, or has no frame that can be decoded; the part that was read is reported."""
    PERMISSION = 4
    """The system refused access."""
    UNAVAILABLE = 69
    """A required package or program is not installed (EX_UNAVAILABLE)."""
    BUG = 70
    """A bug in wirestat (EX_SOFTWARE)."""
    IO = 74
    """The system failed while reading or writing, as on a full disk (EX_IOERR)."""
    INTERRUPTED = 130
    """Ctrl-C, after printing the results so far (128 + SIGINT)."""
    PIPE = 141
    """Nobody reads the output any more (128 + SIGPIPE)."""
