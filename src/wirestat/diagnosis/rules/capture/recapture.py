"""Commands that look at a capture once more, or take it anew."""

import re
from collections.abc import Iterator

from wirestat.diagnosis.advice import advise, argument
from wirestat.model import Capture
from wirestat.titles import printable

_DEVICE = r"(?!-)[\w.:@-]{1,15}"
"""Interfaces of Linux and BSD as they are called in practice; any other name has no place in a command."""


def again(device: str, how: str) -> str:
    """Say how to capture so that nothing is lost."""
    return advise(
        f"Capture again {how}: '0 packets dropped by kernel' must be the last that tcpdump says.",
        f"  $ tcpdump -ni {device} -B 65536 -s 128 -w again.pcap tcp",
    )


def is_file(capture: Capture) -> bool:
    """Say whether it can be read once more."""
    return capture.size is not None


def file_name(*captures: Capture) -> str:
    """Name the capture for a command; ``FILE`` where it is not one file, not there any more, or not to be typed."""
    if len(captures) != 1 or not is_file(captures[0]):
        return "FILE"
    name = captures[0].name
    return argument(name) if printable(name) == name else "FILE"


def on_file(command: str, capture: Capture) -> Iterator[str]:
    """Give a command that reads the capture once more, where that can be done."""
    if is_file(capture):
        yield f"  $ {command} {file_name(capture)}"


def device(*captures: Capture) -> str:
    """Name the interface that was captured on; ``any`` where the captures name none, several, or no usual one.

    The name is whatever the maker of a file wrote into it, and commands are pasted by root.
    """
    names = {interface.name or "" for capture in captures for interface in capture.interfaces}
    name = names.pop() if len(names) == 1 else ""
    return name if re.fullmatch(_DEVICE, name, re.ASCII) else "any"


def look(capture: Capture, words: str) -> str:
    """Say what to do, and how to see what is there where it can be read once more."""
    return advise(words, *on_file("capinfos", capture))
