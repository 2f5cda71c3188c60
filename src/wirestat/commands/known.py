"""The table of verbs. A verb is imported when it is used, so that the others cost nothing.

To add one: write ``commands/<verb>.py`` with a click command named ``command``, and add its line here.
"""

from typing import NamedTuple


class Verb(NamedTuple):
    """Where a verb lives, and what ``--help`` says of it without importing it."""

    module: str
    help: str


VERBS: dict[str, Verb] = {
    "analyze": Verb(
        "wirestat.commands.analyze", "Say which state both ends of every connection are in, and why."
    ),
    "annotate": Verb(
        "wirestat.commands.annotate", "Copy a capture with comments at the frames that move a state."
    ),
    "live": Verb("wirestat.commands.live", "Capture on interfaces, and tell what happens as it happens."),
    "tui": Verb(
        "wirestat.commands.tui", "Show connections on the whole screen, of files or while they happen."
    ),
    "report": Verb(
        "wirestat.commands.report", "Put everything about captures into one page that opens offline."
    ),
    "draw": Verb(
        "wirestat.commands.draw", "Draw a connection, many over time, or the states that were seen."
    ),
    "compare": Verb(
        "wirestat.commands.compare",
        "Compare captures of the same traffic: what was lost, delayed or altered, and where.",
    ),
    "history": Verb(
        "wirestat.commands.history", "Say who was in which state, in what a long capture has kept."
    ),
    "diff": Verb(
        "wirestat.commands.diff", "Compare two captures, service by service: what is worse, new, gone."
    ),
    "batch": Verb("wirestat.commands.batch", "Read many captures, each for itself, into tables."),
    "netstat": Verb("wirestat.commands.netstat", "Print netstat's table, for the hosts at either end."),
    "count": Verb("wirestat.commands.count", "Count the ends in each state, as netstat and awk do."),
    "sql": Verb("wirestat.commands.sql", "Ask about connections, transitions and findings in SQL."),
    "interfaces": Verb("wirestat.commands.interfaces", "List the interfaces that can be captured on."),
    "explain": Verb(
        "wirestat.commands.explain", "Explain a diagnosis: what it means, what else it might be, what to do."
    ),
    "fields": Verb(
        "wirestat.commands.fields", "List what a filter (-Y) may ask for, with units and examples."
    ),
    "states": Verb(
        "wirestat.commands.states", "Draw the states and changes of state that RFC 9293 documents."
    ),
    "tour": Verb(
        "wirestat.commands.tour", "Show what wirestat does in five minutes, on captures of its own."
    ),
    "wireshark": Verb("wirestat.commands.wireshark", "Print or install the plugin for Wireshark and tshark."),
    "extcap": Verb("wirestat.commands.extcap", "Answer Wireshark, which runs this as an interface."),
    "completion": Verb("wirestat.commands.completion", "Print what teaches bash, zsh or fish to complete."),
}
"""In the order in which ``--help`` lists them."""

DEFAULT = "analyze"
"""The verb that ``wirestat FILE`` stands for."""
