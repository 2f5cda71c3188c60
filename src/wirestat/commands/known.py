"""The table of verbs. A verb is imported when it is used, so that the others cost nothing.

To add one: write ``commands/<verb>.py`` with a click command named ``command``, and add its line here: what
``--help`` says of it without importing it.
"""

VERBS: dict[str, str] = {
    "analyze": "Say which state both ends of every connection are in, and why.",
    "annotate": "Copy a capture with comments at the frames that move a state.",
    "live": "Capture on interfaces, and tell what happens as it happens.",
    "tui": "Show connections on the whole screen, of files or while they happen.",
    "report": "Put everything about captures into one page that opens offline.",
    "draw": "Draw a connection, many over time, or the states that were seen.",
    "compare": "Compare captures of the same traffic: what was lost, delayed or altered, and where.",
    "history": "Say who was in which state, in what a long capture has kept.",
    "diff": "Compare two captures, service by service: what is worse, new, gone.",
    "batch": "Read many captures, each for itself, into tables.",
    "netstat": "Print netstat's table, for the hosts at either end.",
    "count": "Count the ends in each state, as netstat and awk do.",
    "sql": "Ask about connections, transitions and findings in SQL.",
    "interfaces": "List the interfaces that can be captured on.",
    "explain": "Explain a diagnosis: what it means, what else it might be, what to do.",
    "fields": "List what a filter (-Y) may ask for, with units and examples.",
    "states": "Draw the states and changes of state that RFC 9293 documents.",
    "tour": "Show what wirestat does in five minutes, on captures of its own.",
    "wireshark": "Print or install the plugin for Wireshark and tshark.",
    "extcap": "Answer Wireshark, which runs this as an interface.",
    "completion": "Print what teaches bash, zsh or fish to complete.",
}
"""In the order in which ``--help`` lists them."""

DEFAULT = "analyze"
"""The verb that ``wirestat FILE`` stands for."""
