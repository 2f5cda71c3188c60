"""The table of verbs. A verb is imported on use, so that the others cost nothing.

To add one: write ``commands/<verb>.py`` with a click command named ``command``, and add its line here: the text of
``--help``, available without importing it.
"""

VERBS: dict[str, str] = {
    "analyze": "Say which state both ends of every connection are in, and why.",
    "annotate": "Copy a capture with comments on the frames that change a state.",
    "live": "Capture on interfaces, and report events as they happen.",
    "tui": "Show connections full-screen, from files or live.",
    "report": "Write a report as one HTML page that opens offline.",
    "draw": "Draw a connection, many over time, or the observed state changes.",
    "compare": "Compare captures of the same traffic: what was lost, delayed or altered, and where.",
    "history": "Show past states from the record of a long capture.",
    "diff": "Compare two captures, service by service: what is worse, new, gone.",
    "batch": "Read many captures, each by itself, into tables.",
    "netstat": "Print netstat's table, for the hosts at either end.",
    "count": "Count the ends in each state, as netstat and awk do.",
    "sql": "Query connections, transitions and findings in SQL.",
    "interfaces": "List the interfaces that can be captured on.",
    "explain": "Explain a diagnosis: what it means, what else it might be, what to do.",
    "fields": "List the fields of filters (-Y), with units and examples.",
    "states": "Draw the states and changes of state that RFC 9293 documents.",
    "tour": "Take a five-minute tour, on captures that come with wirestat.",
    "wireshark": "Print or install the plugin for Wireshark and tshark.",
    "extcap": "Answer Wireshark, which runs this as an interface.",
    "completion": "Print a completion script for bash, zsh or fish.",
}
"""The verbs, in the order of ``--help``."""

DEFAULT = "analyze"
"""The verb that ``wirestat FILE`` stands for."""
