"""Sockets that let in nobody at first: what follows a SYN may not come there, and no queue has to be full."""

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.shown import is_shown
from wirestat.model import Connection, Side
from wirestat.vocabulary import Fact

_SEVERAL = 3
"""Fewer may have met a queue that was full."""


def none_let_in(case: Case) -> str:
    """Say that this client and those before it were answered and not let in, and nobody was; nothing for few."""
    kept_out, let_in_ns = case.of_socket(_kept_out)
    if kept_out < _SEVERAL or (let_in_ns is not None and case.connection.first_time_ns >= let_in_ns):
        return ""
    alike = "fared alike, and none was let in" if let_in_ns is None else "before one was let in fared alike"
    return (
        f" All {kept_out:,} that asked {alike}: a full accept queue holds some that it let in, and the "
        "capture has none. Something on the way may drop what follows a SYN (a firewall that sees one direction "
        "only), or the queue was full before the capture began."
    )


def _kept_out(connections: list[Connection]) -> tuple[int, int | None]:
    """Count those that stood before the first that was let in, and return when that began, in Unix ns."""
    answered = [one for one in connections if one.syn_to_syn_ack_ns is not None]
    stood = [one.first_time_ns for one in answered if _stands(one)]
    let_in = min((one.first_time_ns for one in answered if not _stands(one)), default=None)
    return sum(let_in is None or at < let_in for at in stood), let_in


def _stands(one: Connection) -> bool:
    resent = (Fact.SYN_ACK_RESENT, Fact.SYN_ACK_RESENT_AFTER_ACK)
    return any(is_shown(one, fact, Side.SERVER) for fact in resent) and not one.server.bytes
