"""The page of keys."""

from collections.abc import Iterator

from wirestat.tui.pages import heading
from wirestat.tui.tabs import TABS

KEYS = (
    ("moving", (
        ("↑ ↓ j k", "a row up or down; PgUp, PgDn, Home, End by screens and to the ends"),
        (f"Tab, 1 to {len(TABS) + 1}", ", ".join(["causes", *(tab.words for tab in TABS.values())])),
        ("mouse", "click a row, a tab, a key or the time line; a double click opens"),
    )),
    ("choosing", (
        ("/", "a filter in the language of -Y: state==CLOSE_WAIT && for>60s; tab completes, empty shows all"),
        ("s  S", "sort by something else; turn the order round"),
        ("a", "live: connections, too, that only the kernel of this host tells of, or not"),
        ("c", "connections that are over stay in sight for a minute, or not"),
    )),
    ("looking closer", (
        ("enter", "the ladder of a connection; what is known of a cause"),
        ("e", "explain the diagnosis under the cursor"),
    )),
    ("time", (
        ("p", "pause: the screen holds an instant while the capture goes on; again: back to now"),
        ("[  ]", "a step back and forth in time; {  } ten steps"),
        ("n", "back to now"),
    )),
    ("taking along", (
        ("w", "write the packets of a connection, or a report"),
        ("y", "copy a filter or a command"),
    )),
    ("leaving", (
        ("q, Ctrl-C", "end"),
        ("Ctrl-Z", "suspend; fg brings the screen back"),
    )),
)  # fmt: skip
_SIGNS = (
    "STATE?  not proven yet, or another state fits as well: the ladder says which",
    "STATE≠  the kernel of this host says otherwise: the last column says what",
    "STATE†  the kernel of this host says so, where the wire does not tell",
    "·       nothing of it",
)


def lines(width: int) -> Iterator[str]:
    """Give the page."""
    import textwrap

    for title, keys in KEYS:
        yield heading(title)
        for key, words in keys:
            yield from textwrap.wrap(words, width, initial_indent=f"  {key:<14}", subsequent_indent=" " * 16)
        yield ""
    yield heading("signs")
    for sign in _SIGNS:
        yield from textwrap.wrap(sign, width, initial_indent="  ", subsequent_indent=" " * 10)
