"""Connections on which a client keeps asking, a little at a time, and gets nothing but acknowledgements."""

from collections import Counter
from functools import cached_property

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.model import Connection, State
from wirestat.timers import SECOND

_LONG = 20 * SECOND
"""A request that takes longer to send is no longer being sent at the speed of a network."""
_LITTLE = 500
"""Bytes a second: less than any network carries."""

_Holder = tuple[str, str, int]


class Trickles:
    """How many such connections each client has with a socket; counted when it is first asked for."""

    def __init__(self, analysis: Analysis) -> None:
        """Ask nothing yet."""
        self._analysis = analysis

    def beside(self, connection: Connection) -> int:
        """Return how many its client has with its socket, itself included; 0 if it is not one of them."""
        return self._counts[_holder(connection)] if _trickles(connection) else 0

    @cached_property
    def _counts(self) -> Counter[_Holder]:
        if not is_few(self._analysis):
            return Counter()
        return Counter(_holder(one) for one in self._analysis.connections() if _trickles(one))


def _holder(one: Connection) -> _Holder:
    return one.client.address, one.server.address, one.server.port


def _trickles(one: Connection) -> bool:
    """Say whether its client has sent little for long, and has got nothing but acknowledgements."""
    asked, last = one.client, one.client.last_time_ns
    took = (last or one.first_time_ns) - one.first_time_ns
    slow = took >= _LONG and asked.bytes * SECOND < _LITTLE * took
    is_open = asked.state is State.ESTABLISHED and one.server.state is State.ESTABLISHED
    return is_open and slow and asked.bytes > 0 and not one.server.bytes and not asked.unacknowledged_bytes
