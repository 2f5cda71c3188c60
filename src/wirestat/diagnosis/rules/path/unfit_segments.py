"""Marks that may keep a segment from being taken: too few hops to live, or a number at which small stacks fail."""

from wirestat.diagnosis.case import End
from wirestat.diagnosis.rivals import Rival, cause

_LAST_HOP = 1
"""The next router drops what comes with so low a TTL."""
_NUMBERS = 1 << 32
_EDGES = {
    0: "2^32, where numbers begin again at zero",
    1 << 31: "2^31, where they turn negative as signed ones",
}
"""Where a stack errs that compares sequence numbers as plain ones (RFC 9293, 3.4)."""


def few_hops(end: End) -> tuple[Rival, ...]:
    """Name the TTL of an end's last packets as a cause, where no router would forward them."""
    if end.record.ttl != _LAST_HOP:
        return ()
    return (
        cause(
            "a router behind the tap, which drops what may go no further",
            f"the packets of {end} come with a TTL of {_LAST_HOP}",
        ),
    )


def at_an_edge(end: End) -> tuple[Rival, ...]:
    """Name a stack that compares numbers wrongly, where what it does not acknowledge first is at an edge."""
    sent, isn = end.record, end.record.isn
    if isn is None or not sent.unacknowledged_bytes or sent.unseen_bytes:
        return ()
    first = isn + 1 + sent.bytes - sent.retransmitted_bytes - sent.unacknowledged_bytes
    for edge, words in _EDGES.items():
        if (edge - first) % _NUMBERS <= sent.unacknowledged_bytes:
            return (
                cause(
                    f"a stack at {end.other.address} that compares sequence numbers as plain ones",
                    f"what it does not acknowledge reaches the number {words}: by chance that is rare",
                ),
            )
    return ()
