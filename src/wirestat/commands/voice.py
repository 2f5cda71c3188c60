"""Messages on standard error. Standard output is for data only.

Messages are lower case and carry no colour that is needed to read them. A ``hint:`` says what to do.
"""

import os
import sys


class Voice:
    """One invocation's manner of speaking; click hands it down as the context's object."""

    def __init__(self) -> None:
        """Speak as one does to whoever has not said anything about it."""
        self.quiet = False
        """Only errors are said."""
        self.verbose = False
        """Tracebacks are shown, and what is being done is said."""

    def error(self, text: str, hint: str | None = None, excerpt: tuple[str, ...] = ()) -> None:
        """Say why nothing came of it."""
        _say("error", text)
        for line in excerpt:
            print(f"  {_printable(line)}", file=sys.stderr)
        if hint:
            _say("hint", hint)

    def warning(self, text: str) -> None:
        """Say that the result is not all that was asked for."""
        if not self.quiet:
            _say("warning", text)

    def note(self, text: str) -> None:
        """Say what was decided for the user, and could have been decided otherwise."""
        if not self.quiet:
            _say("note", text)

    def detail(self, text: str) -> None:
        """Say what is being done, to those who asked."""
        if self.verbose:
            _say("debug", text)


def _say(kind: str, text: str) -> None:
    print(f"{kind}: {_printable(text)}", file=sys.stderr)


def _printable(text: str) -> str:
    from wirestat.titles import printable  # here, because nothing has to be said as a rule

    return printable(text)


def lowered(sentence: str) -> str:
    """Turn what a library says into our voice: on one line, begun in lower case unless with a name, no full stop."""
    sentence = " ".join(sentence.split())
    first, rest = sentence[:1], sentence[1:]
    return (first if rest[:1].isupper() else first.lower()) + rest.removesuffix(".")


def forget_output() -> None:
    """Keep the interpreter from complaining or waiting on its way out as nobody reads what is still buffered."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
