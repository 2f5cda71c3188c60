"""Makes foreign text safe to print: names of files and interfaces, messages of other programs.

Anybody may have written a capture. Its text is shown, but must not control the terminal.
"""

import os
import re
from functools import cache

_STEERING = (
    "[\0-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000110bd\U000110cd\U00013430-\U0001345f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Control characters (C0, DEL, C1), line breaks, bidirectional and invisible characters (Unicode category Cf, tags
and variation selectors), and bytes that are not text."""


@cache
def steering() -> re.Pattern[str]:
    """Return the pattern of characters that a terminal would obey; compiled on first use."""
    return re.compile(_STEERING)


def printable(text: str) -> str:
    r"""Spell out characters that a terminal would obey.

    >>> printable("eth0"), printable("eth0\x1b[31m"), printable("Büro\n2")
    ('eth0', 'eth0\\x1b[31m', 'Büro\\n2')
    """
    if text.isascii() and text.isprintable():
        return text
    return steering().sub(lambda found: ascii(found[0])[1:-1], text)


def title(name: str) -> str:
    r"""Return the printable name of a capture, given its path.

    >>> title("a b.pcap"), title("-"), title("\x1b[2J.pcap")
    ('a b.pcap', 'standard input', '\\x1b[2J.pcap')
    """
    return "standard input" if name == "-" else printable(name)


def short(names: list[str]) -> list[str]:
    """Drop the folders from names if the rest still distinguishes them.

    >>> short(["monday/client.pcap", "monday/server.pcap"]), short(["client/a.pcap", "server/a.pcap"])
    (['client.pcap', 'server.pcap'], ['client/a.pcap', 'server/a.pcap'])
    """
    bare = [name.rpartition(os.sep)[2] for name in names]
    return bare if len(set(bare)) == len(bare) else names
