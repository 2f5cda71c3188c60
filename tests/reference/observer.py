"""The conclusions of a passive observer about two ends that close, as a formula over the captured segments.

No states are stepped through here: each end's state follows from four facts alone. It holds for any order of
segments, sane or not, as long as nobody's acknowledgements go back and nothing is resent or missing.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class End:
    """One end of a connection that was open when the capture began."""

    next: int
    acked: int
    """The highest number of the other end that it has acknowledged."""
    fin: int | None = None
    fin_ack: int = 0
    """The number that its FIN acknowledged."""

    def sends(self, fin: bool, ack: int) -> None:
        self.acked = max(self.acked, ack)
        if fin and self.fin is None:
            self.fin, self.fin_ack = self.next, ack
            self.next += 1

    def has_acked_fin_of(self, other: "End") -> bool:
        return other.fin is not None and self.acked > other.fin


def state(this: End, other: End) -> str:
    """Return the state of ``this`` end."""
    told = other.fin is not None
    if this.fin is None:
        return "CLOSE_WAIT" if told else "ESTABLISHED"
    answered = other.has_acked_fin_of(this)
    if told and other.fin is not None and this.fin_ack > other.fin:
        return "CLOSED" if answered else "LAST_ACK"
    if told:
        return "TIME_WAIT" if answered else "CLOSING"
    return "FIN_WAIT2" if answered else "FIN_WAIT1"
