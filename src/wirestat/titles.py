"""Words that others have chosen, made fit for a line of text: names of files and interfaces, what programs said.

A capture is made by whoever sends it. What stands in it is shown, and moves no cursor and colours no terminal.
"""

import os
import re
from functools import cache

_STEERING = (
    "[\0-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000110bd\U000110cd\U00013430-\U0001345f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Control characters (C0, DEL, C1), whatever breaks a line, turns it around or is not seen (the category Cf of
Unicode, its tags and its selectors of variants), and bytes that are no text."""


@cache
def steering() -> re.Pattern[str]:
    """Return what finds a character that a terminal would obey: made when it is first needed."""
    return re.compile(_STEERING)


def printable(text: str) -> str:
    r"""Spell out what a terminal would obey.

    >>> printable("eth0"), printable("eth0\x1b[31m"), printable("Büro\n2")
    ('eth0', 'eth0\\x1b[31m', 'Büro\\n2')
    """
    if text.isascii() and text.isprintable():
        return text
    return steering().sub(lambda found: ascii(found[0])[1:-1], text)


def title(name: str) -> str:
    r"""Say in a text which capture is meant, by the path that was given for it.

    >>> title("a b.pcap"), title("-"), title("\x1b[2J.pcap")
    ('a b.pcap', 'standard input', '\\x1b[2J.pcap')
    """
    return "standard input" if name == "-" else printable(name)


def short(names: list[str]) -> list[str]:
    """Leave the folders out of names where what remains tells them apart.

    >>> short(["monday/client.pcap", "monday/server.pcap"]), short(["client/a.pcap", "server/a.pcap"])
    (['client.pcap', 'server.pcap'], ['client/a.pcap', 'server/a.pcap'])
    """
    bare = [name.rpartition(os.sep)[2] for name in names]
    return bare if len(set(bare)) == len(bare) else names
