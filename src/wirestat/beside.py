"""Compares the states inferred from the wire with those of this host's kernel.

Both are compared at the instant of the kernel's answer, but a second later, when everything sent by then has been
captured. An inferred state within :data:`TOLERANCE_NS` of that instant counts as agreement.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from wirestat.model import Connection, Side, State
from wirestat.tables import read
from wirestat.testimony import Process, Socket, key
from wirestat.tracker import Tracker

if TYPE_CHECKING:
    from wirestat.host.kernel import Kernel
    from wirestat.host.poll import Update

TOLERANCE_NS = 200_000_000
"""Captured packets arrive in blocks of 50 ms, and the kernel answers while segments are under way."""
_LASTING = 2
"""Consecutive polls that must show a difference before it is reported."""
_SILENT = frozenset({State.UNKNOWN, State.LISTEN})
"""The inferred states of an end without evidence."""


class Ends(NamedTuple):
    """The kernel's keys of a connection, for either end; ``None`` if that end is not on this host."""

    client: bytes | None
    server: bytes | None


class Difference(msgspec.Struct, frozen=True):
    """An end on which wire and kernel differ, or on which the kernel settles what the wire leaves open."""

    connection: int
    side: Side
    wire: State
    kernel: State | None
    """``None`` if the kernel has no socket."""
    since_ns: int
    looks: int


class Score(msgspec.Struct):
    """How often wire and kernel agreed, over all polls of all ends."""

    agreed: int = 0
    in_time: int = 0
    """Agreed within the tolerance, but not at the exact instant."""
    left_open: int = 0
    """The wire listed the kernel's state as an alternative."""
    differed: Counter[State] = msgspec.field(default_factory=Counter)
    """Disagreements, by the inferred state."""
    untold: int = 0
    """The wire gave no state: not part of the score."""

    @property
    def total(self) -> int:
        """Polls that count."""
        return self.agreed + self.in_time + self.left_open + sum(self.differed.values())


class Beside:
    """Compares wire and kernel, poll by poll."""

    def __init__(self, kernel: Kernel, tracker: Tracker) -> None:
        """Begin with nothing compared."""
        self.kernel = kernel
        self.scores: defaultdict[State, Score] = defaultdict(Score)
        """By the kernel's state; ``CLOSED`` if it has no socket."""
        self._tracker = tracker
        self._ends: dict[int, Ends] = {}
        self._differences: dict[tuple[int, Side], Difference] = {}
        self._older: tuple[Update | None, list[Socket]] | None = None
        """The last poll compared, and its result."""

    def look(self) -> None:
        """Take the kernel's new answer, and compare its previous one with the wire."""
        before = self.kernel.last
        if before is None:
            self.kernel.learn()
            return
        if self.kernel.has_news():
            self._compare(before)
            self.kernel.learn()

    def differences(self) -> Iterator[Difference]:
        """Yield the lasting differences."""
        return (one for one in self._differences.values() if one.looks >= _LASTING)

    def difference(self, connection: int, side: Side) -> Difference | None:
        """Return the difference about an end, if it lasts."""
        found = self._differences.get((connection, side))
        return found if found and found.looks >= _LASTING else None

    def socket(self, connection: Connection, side: Side) -> Socket | None:
        """Return the kernel's socket of an end; ``None`` if it has none, or the end is not on this host."""
        found = self.key(connection, side)
        return self.kernel.socket(found) if found else None

    def holder(self, connection: Connection, side: Side) -> Process | None:
        """Return the process that owns an end, or owned it."""
        found = self.key(connection, side)
        return self.kernel.holder(found) if found else None

    def holders(self, client: tuple[str, int], server: tuple[str, int]) -> list[Process | None]:
        """Return the processes that own, or owned, the client's and the server's end, if on this host.

        For a connection that was over between two polls it is the process of the listener.
        """
        found = [self.kernel.holder(key(one, other)) for one, other in ((client, server), (server, client))]
        if found[1] is None and self.kernel.is_local(server[0]):
            listener = self.kernel.listener(*server)
            found[1] = self.kernel.holder_of(listener) if listener else None
        return found

    def key(self, connection: Connection, side: Side) -> bytes | None:
        """Return the kernel's key for an end of the connection; ``None`` if that end is not on this host."""
        one, other = connection.client, connection.server
        if side is Side.SERVER:
            one, other = other, one
        if not self.kernel.is_local(one.address):
            return None
        return key((one.address, one.port), (other.address, other.port))

    def _compare(self, update: Update) -> None:
        seen = set()
        for where, (id, side, wire) in self._newest(update.answered_ns).items():
            socket = self.kernel.socket(where)
            if not update.is_whole and (socket is None or socket.state is State.ESTABLISHED):
                seen.add((id, side))
                continue  # the kernel was not asked about ESTABLISHED sockets
            if self._judge(id, side, wire, socket.state if socket else State.CLOSED, update):
                seen.add((id, side))
        for which in self._differences.keys() - seen:
            del self._differences[which]

    def _newest(self, at_ns: int) -> dict[bytes, tuple[int, Side, State]]:
        """Find the newest connection of each key at this host, which end is here, and its state at an instant."""
        chosen = self._learn_ends()
        newest: dict[bytes, tuple[int, Side, State]] = {}
        if chosen is None:
            return newest
        wanted = {"instant": ("id", "client_state", "server_state")}
        then = read(self._tracker, wanted, chosen=chosen, at_ns=at_ns)["instant"]
        for id, client, server in zip(
            then["id"].data, then["client_state"], then["server_state"], strict=True
        ):
            if client is None:
                continue  # it had not begun
            ends = self._ends[id]
            if ends.client:
                newest[ends.client] = id, Side.CLIENT, State(str(client))
            if ends.server:
                newest[ends.server] = id, Side.SERVER, State(str(server))
        return newest

    def _judge(self, id: int, side: Side, wire: State, kernel: State, update: Update) -> bool:
        """Score one end; return whether it differs."""
        score = self.scores[kernel]
        if wire is kernel:
            score.agreed += 1
            return False
        if wire in _SILENT:
            score.untold += kernel is not State.CLOSED
            return False
        connection = self.connection(id)
        if connection is None:
            return False
        if kernel in _states(
            connection, side, update.asked_ns - TOLERANCE_NS, update.answered_ns + TOLERANCE_NS
        ):
            score.in_time += 1
            return False
        end = connection.client if side is Side.CLIENT else connection.server
        if kernel in end.or_since:
            score.left_open += 1
        else:
            score.differed[wire] += 1
        before = self._differences.get((id, side))
        is_same = before is not None and before.kernel == (None if kernel is State.CLOSED else kernel)
        self._differences[id, side] = Difference(
            connection=id,
            side=side,
            wire=wire,
            kernel=None if kernel is State.CLOSED else kernel,
            since_ns=before.since_ns if before and is_same else update.answered_ns,
            looks=before.looks + 1 if before and is_same else 1,
        )
        return True

    def known(self) -> dict[bytes, tuple[int, Side]]:
        """Return the captured connections by their keys at this host, with the end that is here."""
        return {
            key: (id, side)
            for id, ends in self._ends.items()
            for key, side in zip(ends, Side, strict=True)
            if key
        }

    def older(self) -> list[Socket]:
        """Return the sockets of connections without a captured packet, youngest first."""
        last = self.kernel.last
        if self._older is None or self._older[0] is not last:
            known = self.known()
            found = (one for one in self.kernel.sockets() if one.key not in known)
            self._older = last, sorted(found, key=lambda one: -one.since_ns)
        return self._older[1]

    def connection(self, id: int) -> Connection | None:
        """Return a captured connection; ``None`` if it has left the table."""
        try:
            return self._tracker.connection(id)
        except KeyError:
            return None

    def _learn_ends(self) -> bytes | None:
        """Find which ends of connections are on this host: a byte for each connection, 0 where neither is.

        ``None`` where no end of any connection is. Most connections that a tap sees may be others': the core leaves
        them out, so that they cost next to nothing.
        """
        known, self._ends = self._ends, {}
        chosen = self._tracker.having_ends(self.kernel.locals)
        if chosen is not None:
            columns = ("client_address", "client_port", "server_address", "server_port")
            table = read(self._tracker, {"connections": ("id", *columns)}, chosen=chosen)["connections"]
            for row, id in enumerate(table["id"].data):
                self._ends[id] = known.get(id) or self._where(*(table[name][row] for name in columns))
        return chosen

    def _where(self, *ends: object) -> Ends:
        client, server = (str(ends[0]), int(str(ends[1]))), (str(ends[2]), int(str(ends[3])))
        return Ends(
            key(client, server) if self.kernel.is_local(client[0]) else None,
            key(server, client) if self.kernel.is_local(server[0]) else None,
        )


def _states(connection: Connection, side: Side, begin_ns: int, end_ns: int) -> set[State]:
    """Return the states of an end between two instants, as believed now."""
    state = (connection.client if side is Side.CLIENT else connection.server).first_state
    found = set()
    for step in connection.transitions:
        if step.endpoint is not side or step.retracted_by is not None:
            continue
        if step.time_ns > end_ns:
            break
        if step.time_ns >= begin_ns:
            found.add(state)
        state = step.to
    return found | {state}
