"""Colours by meaning: the terminal's own sixteen, so that its theme applies."""

from rich.style import Style

from wirestat.model import Severity, State

PLAIN = Style.null()
TITLE = Style(bold=True)
FAINT = Style(dim=True)
KEY = Style(color="cyan", bold=True)
GOOD = Style(color="green")
NOTE = Style(color="magenta")
WARNING = Style(color="yellow")
ERROR = Style(color="red", bold=True)
CURSOR = Style(reverse=True)
FROZEN = Style(color="black", bgcolor="yellow")
LIVE = Style(color="green", bold=True)

SEVERITIES = {
    Severity.INFO: Style(color="blue"),
    Severity.NOTE: NOTE,
    Severity.WARNING: WARNING,
    Severity.ERROR: ERROR,
}

STATES = {
    State.UNKNOWN: FAINT,
    State.CLOSED: FAINT,
    State.LISTEN: FAINT,
    State.SYN_SENT: Style(color="cyan"),
    State.SYN_RECV: Style(color="cyan"),
    State.ESTABLISHED: GOOD,
    State.FIN_WAIT1: Style(color="blue"),
    State.FIN_WAIT2: Style(color="blue"),
    State.CLOSE_WAIT: WARNING,
    State.CLOSING: Style(color="blue"),
    State.LAST_ACK: Style(color="blue"),
    State.TIME_WAIT: FAINT,
}
