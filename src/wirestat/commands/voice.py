"""Messages on standard error. Standard output is for data only.

Messages begin in lower case and do not depend on colour. A ``hint:`` says what to do.
"""

import os
import sys


class Voice:
    """The verbosity of one invocation; click passes it down as the context's object."""

    def __init__(self) -> None:
        """Begin with the default verbosity."""
        self.quiet = False
        """Whether only errors are printed."""
        self.verbose = False
        """Whether tracebacks and progress steps are printed."""

    def error(self, text: str, hint: str | None = None, excerpt: tuple[str, ...] = ()) -> None:
        """Print an error: there is no result."""
        _say("error", text)
        for line in excerpt:
            print(f"  {_printable(line)}", file=sys.stderr)
        if hint:
            _say("hint", hint)

    def warning(self, text: str) -> None:
        """Print a warning: the result is incomplete."""
        if not self.quiet:
            _say("warning", text)

    def note(self, text: str) -> None:
        """Print a note: wirestat made a choice that the user could change."""
        if not self.quiet:
            _say("note", text)

    def detail(self, text: str) -> None:
        """Print a progress step, with ``-v``."""
        if self.verbose:
            _say("debug", text)


def _say(kind: str, text: str) -> None:
    print(f"{kind}: {_printable(text)}", file=sys.stderr)


def _printable(text: str) -> str:
    from wirestat.titles import printable  # imported here, as most runs print no message

    return printable(text)


def lowered(sentence: str) -> str:
    """Adapt a library's message: one line, beginning in lower case except for names, no full stop."""
    sentence = " ".join(sentence.split())
    first, rest = sentence[:1], sentence[1:]
    return (first if rest[:1].isupper() else first.lower()) + rest.removesuffix(".")


def forget_output() -> None:
    """Discard buffered output that nobody reads, so that the interpreter neither complains nor waits at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
