"""Servers that go on as if the ACK of their SYN-ACK had not come, and why."""

from wirestat.diagnosis.case import Case
from wirestat.diagnosis.rivals import Rival, cause, ruled_out, still_open, unlikely
from wirestat.diagnosis.rules.opening.lost_listeners import lost_listener
from wirestat.diagnosis.rules.opening.put_off import ECHOED
from wirestat.model import Side, State
from wirestat.vocabulary import Fact

EMBRYONIC = (State.SYN_RECV, State.CLOSED)
"""Where a server end is whose handshake never finished: still waiting, or given up."""


def why_ignored(case: Case) -> tuple[Rival, ...]:
    """Name what makes a server ignore an ACK that is in the capture."""
    if case.client.has(Fact.TIMESTAMPS_MISSING):
        return (
            cause("the ACK lacks the time stamp that was agreed on (D45)", "RFC 7323 has the server drop it"),
            unlikely("accept queue full", "the missing time stamp is enough"),
        )
    if case.server.has(Fact.SYN_ACK_ECHOES_ACK):
        return (
            cause("accept queue full", "see the counters below"),
            cause("a SYN proxy on the way that answered in the server's name"),
            ruled_out("a host firewall of the server", ECHOED),
            ruled_out("the ACK is lost behind the tap", ECHOED),
        )
    causes = (
        *lost_listener(case),
        cause("accept queue full", "see the counters below"),
        cause("a host firewall of the server"),
        cause("an option that the ACK has wrong", "none that was agreed on is missing"),
        cause("a SYN proxy on the way that answered in the server's name"),
    )
    if case.tap is Side.SERVER:
        return (*causes, ruled_out("the ACK is lost behind the tap", "the tap is at the server"))
    return (*causes, still_open("the ACK is lost behind the tap", "capture at the server to rule it out"))
