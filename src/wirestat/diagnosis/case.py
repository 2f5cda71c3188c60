"""One connection as a rule sees it: facts and states at once, exact figures on request.

The facts and states are those of a signature and the same for every connection that shares it. The first use of
anything exact (an address, a frame number, a duration) fetches the connection.
"""

from collections.abc import Callable, Collection
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from wirestat.diagnosis.analysis import Analysis
from wirestat.diagnosis.members import is_few
from wirestat.diagnosis.shown import round_trips_ns, sighting
from wirestat.diagnosis.study.common import in_common
from wirestat.diagnosis.study.known import matching_timeouts, path_timeouts
from wirestat.diagnosis.study.populations import Populations
from wirestat.diagnosis.study.tap import place
from wirestat.diagnosis.study.ways import Ways, ways
from wirestat.model import Connection, Endpoint, Fault, Side, Sighting, State, Transition
from wirestat.spans import span
from wirestat.summary import Listener, Path, Signature
from wirestat.vocabulary import Fact
from wirestat.words import socket

if TYPE_CHECKING:
    from wirestat.diagnosis.study import Study
    from wirestat.diagnosis.study.ages import Limit
    from wirestat.diagnosis.study.behind import Backend
    from wirestat.diagnosis.study.displaced import Displacement
    from wirestat.diagnosis.study.hearing import Hearing
    from wirestat.diagnosis.study.silences import Bracket

T = TypeVar("T")


class End:
    """One end of the connection: what it did, and where it stands."""

    def __init__(self, case: "Case", side: Side, signature: Signature) -> None:
        """Stand for ``side`` of ``case``, a connection that looks like ``signature``."""
        is_client = side is Side.CLIENT
        self._case = case
        self.facts = signature.client_facts if is_client else signature.server_facts
        self.side = side
        self.state = signature.client_state if is_client else signature.server_state
        self.confirmed = signature.client_confirmed if is_client else signature.server_confirmed

    # --- what the signature tells

    def has(self, *facts: Fact) -> bool:
        """Say whether any of these facts is on record about this end."""
        return not self.facts.isdisjoint(facts)

    @property
    def other(self) -> "End":
        """The other end."""
        return self._case.server if self.side is Side.CLIENT else self._case.client

    @property
    def fault(self) -> Fault:
        """The word for "this end is at fault"."""
        return Fault(self.side.value)

    @property
    def is_mid_stream(self) -> bool:
        """Whether the connection began before the capture."""
        return self._case.has(Fact.MID_STREAM)

    @property
    def sees_both_directions(self) -> bool:
        """Whether the capture holds both directions of any connection: else silence tells nothing."""
        return any(
            Fact.ONE_WAY not in item.facts and State.UNKNOWN not in (item.client_state, item.server_state)
            for item in self._case.analysis.summary.signatures
        )

    # --- what only the connection tells

    @property
    def record(self) -> Endpoint:
        """Its exact figures."""
        connection = self._case.connection
        return connection.client if self.side is Side.CLIENT else connection.server

    @property
    def address(self) -> str:
        """Its IP address."""
        return self.record.address

    @property
    def port(self) -> int:
        """Its TCP port."""
        return self.record.port

    @property
    def system(self) -> str:
        """The timer profile of the capture, for its operating system: ``linux``, ``windows``, ``bsd``, ..."""
        return self._case.analysis.timers.name

    @property
    def socket(self) -> str:
        """Address and port: ``10.0.0.2:80``, ``[2001:db8::2]:80``."""
        return socket(self.address, self.port)

    def __str__(self) -> str:
        """Return its name within a sentence: ``server 10.0.0.2:80``."""
        return f"{self.side} {self.socket}"

    @property
    def subject(self) -> str:
        """Return its name at the beginning of a sentence: ``Server 10.0.0.2:80``."""
        return f"{self.side.capitalize()} {self.socket}"

    def fact(self, *facts: Fact) -> Sighting | None:
        """Return when and where a fact about this end showed: the first of these that did."""
        for fact in facts:
            # One that its signature lacks, no connection of that signature shows.
            if fact in self.facts and (seen := sighting(self._case.connection, fact, self.side)):
                return seen
        return None

    def figure(self, *facts: Fact) -> int | None:
        """Return the number that belongs to the first of these facts that has one."""
        for fact in facts:
            if (seen := self.fact(fact)) and seen.figure is not None:
                return seen.figure
        return None

    def frame(self, *facts: Fact) -> int | None:
        """Return the frame that first showed any of these facts."""
        seen = self.fact(*facts)
        return seen.frame if seen else None

    def entered(self, *states: State) -> Transition | None:
        """Return the last believed transition of this end into one of these states."""
        for step in reversed(self._case.connection.transitions):
            if step.endpoint is self.side and step.to in states and step.retracted_by is None:
                return step
        return None

    def frame_into(self, *states: State) -> int | None:
        """Return the frame that took it into one of these states last, as far as that is believed."""
        step = self.entered(*states)
        return step.frame if step else None

    def left(self, state: State) -> Transition | None:
        """Return the last believed transition of this end out of a state."""
        steps = (
            step
            for step in reversed(self._case.connection.transitions)
            if step.endpoint is self.side and step.from_state is state and step.retracted_by is None
        )
        return next(steps, None)

    @property
    def ttls_take_turns(self) -> bool:
        """Whether its packets come with several TTLs in turn, of whatever kind they are: none is a stranger's."""
        if self.side is Side.CLIENT:
            return self.has(Fact.TTL_TAKES_TURNS)
        return self._case.ways.take_turns

    def was_served_with(self, ttl: int | None) -> bool:
        """Say whether the same client got data from the server's socket with a TTL, on another connection."""
        if self.side is Side.CLIENT or ttl is None:
            return False
        return self._case.ways.served_beside(self._case.connection, ttl)

    def was_refuted(self, *states: State) -> bool:
        """Say whether it was assumed to be in one of these states, and turned out not to be."""
        return any(
            step.endpoint is self.side and step.to in states and step.retracted_by is not None
            for step in self._case.connection.transitions
        )

    def retracted_by(self, frame: int) -> Transition | None:
        """Return the last transition of this end that a frame disproved."""
        steps = (
            step
            for step in reversed(self._case.connection.transitions)
            if step.endpoint is self.side and step.retracted_by == frame
        )
        return next(steps, None)

    @property
    def unseen_answer(self) -> int:
        """How many bytes its numbers tell of, where none were captured of it, and none acknowledged."""
        return 0 if self.record.bytes else self.record.unacknowledged_bytes

    @property
    def held_ns(self) -> int:
        """How long it had been in its present state when the capture ended; 0 if that is not known."""
        since = self.record.since_ns
        return 0 if since is None else max(0, self._case.now_ns - since)

    @property
    def held(self) -> str:
        """The same in words; the capture ended, the state did not, so it is a lower bound."""
        return f"at least {span(self.held_ns)}"


def _by_incarnation_before(connections: list[Connection]) -> dict[int, Connection]:
    """Return the connections that have an incarnation before them, by the id of that."""
    return {one.previous: one for one in reversed(connections) if one.previous is not None}


class Case:
    """A connection before the rules."""

    def __init__(
        self, signature: Signature, example: int, analysis: Analysis, study: "Study | None" = None
    ) -> None:
        """Present connection ``example``, which looks like ``signature``; the ``study`` is of all of them."""
        self._study = study
        self.facts = signature.facts
        self.example = example
        self.analysis = analysis
        self.client = End(self, Side.CLIENT, signature)
        self.server = End(self, Side.SERVER, signature)
        self.ends = (self.client, self.server)
        self.is_exact = False
        """Whether anything was asked for that others of its signature need not share."""

    def has(self, *facts: Fact) -> bool:
        """Say whether any of these facts is on record about the connection as a whole."""
        return not self.facts.isdisjoint(facts)

    @property
    def connection(self) -> Connection:
        """Its exact figures."""
        self.is_exact = True
        return self._connection

    @property
    def before(self) -> Connection | None:
        """The incarnation before, where there is one and it was kept."""
        self.is_exact = True
        return self._before

    @property
    def after(self) -> Connection | None:
        """The incarnation after, where there is one and its socket's connections are few enough."""
        return self.of_socket(_by_incarnation_before).get(self.connection.id)

    @cached_property
    def _connection(self) -> Connection:
        return self.analysis.connection(self.example)

    @cached_property
    def _before(self) -> Connection | None:
        previous = self.connection.previous
        try:
            return None if previous is None else self.analysis.connection(previous)
        except KeyError:
            return None

    @property
    def now_ns(self) -> int:
        """When the capture ended: the only "now" there is."""
        now = self.analysis.now_ns
        return self.connection.last_time_ns if now is None else now

    def round_trips_ns(self, count: int, least_ns: int) -> int:
        """Return how long so many round trips take, in ns, by the handshake's; at least ``least_ns``."""
        return round_trips_ns(self.connection, count, least_ns)

    @property
    def listener(self) -> Listener | None:
        """The capture's record of the server's socket as a whole."""
        return self._populations.listener(self.server.address, self.server.port)

    @property
    def path(self) -> Path | None:
        """The capture's record of its two hosts."""
        return self._populations.path(self.client.address, self.server.address)

    @property
    def _populations(self) -> Populations:
        return self._study.populations if self._study else Populations(self.analysis.summary)

    @property
    def bracket(self) -> "Bracket | None":
        """The silences between which an idle time-out of its two hosts lies, if other connections tell."""
        return self._study.silences.between(self.connection) if self._study else None

    def timeouts_in(self, bracket: "Bracket") -> tuple[str, ...]:
        """Name the idle time-outs of devices on the way that lie in a bracket."""
        return self._study.silences.names(bracket) if self._study else ()

    @property
    def age_limit(self) -> "Limit | None":
        """The age at which it was reset, if others of its socket were reset at the same age."""
        return self._study.ages.limit(self.connection) if self._study else None

    @property
    def displaced_after_ns(self) -> int | None:
        """How long after another connection of its socket was opened the server reset it, where it often does so."""
        return self._study.displacements.after_opening(self.connection) if self._study else None

    @property
    def displaced_by(self) -> "Displacement | None":
        """The other connection of its socket for which the server closed it, if it often does so."""
        return self._study.displacements.closed_for(self.connection) if self._study else None

    @property
    def trickles(self) -> int:
        """How many connections of its client to its socket are open, slow and unanswered, if it is one of them."""
        return self._study.trickles.beside(self.connection) if self._study else 0

    @property
    def tap(self) -> Side | None:
        """The end that the tap is at, as its own handshake tells, or others between the same hosts."""
        own = place(self.connection)
        return own or (self._study.taps.between(self.connection) if self._study else None)

    def in_common(self, bad_ids: Collection[int]) -> tuple[str, ...]:
        """Name what these connections of the server's socket share, unlike its others."""
        return in_common(self.of_socket(list), bad_ids, self.of_client(list))

    def of_socket(self, draw: Callable[[list[Connection]], T]) -> T:
        """Return what a function makes of all connections of the server's socket, itself among them.

        It is called once, and not for each of them again: so time does not grow with the square of their number. It
        gets none where there are too many.
        """
        return self._study.once.of_socket(self._socket, draw) if self._study else draw([])

    def of_client(self, draw: Callable[[list[Connection]], T]) -> T:
        """Return the same of all connections of the client's address."""
        return self._study.once.of_client(self.client.address, draw) if self._study else draw([])

    def of_both(self, draw: Callable[[list[Connection]], T]) -> T:
        """Return the same of all connections of the client's address to the server's socket."""
        return self._study.once.of_both(self.client.address, self._socket, draw) if self._study else draw([])

    def between_hosts(self, draw: Callable[[list[Connection]], T]) -> T:
        """Return the same of all connections of the client's address to the server's."""
        hosts = self.client.address, self.server.address
        return self._study.once.between(*hosts, draw) if self._study else draw([])

    @property
    def ways(self) -> Ways:
        """The ways by which the server's packets come to this client."""
        return self.of_both(ways) or Ways([self.connection])

    @property
    def has_stand_in(self) -> bool:
        """Whether somebody near its client answers in the names of all servers."""
        return self._study is not None and self.client.address in self._study.stand_ins

    def is_heard(self, host: str, from_ns: int, until_ns: int) -> bool:
        """Say whether a host was heard between two instants, on any connection; yes where there are too many."""
        if self._study is None or not is_few(self.analysis):
            return True
        return self._study.hearing.is_heard(host, from_ns, until_ns)

    def spoke_within(self, host: str, from_ns: int, until_ns: int) -> bool:
        """Say whether a host surely spoke between two instants, on any connection; no where there are too many."""
        if self._study is None or not is_few(self.analysis):
            return False
        return self._study.hearing.spoke_within(host, from_ns, until_ns)

    @property
    def backend(self) -> "Backend | None":
        """The socket that was asked in vain each time as the server's accepted whom it hung up on, if one was."""
        self.is_exact = True
        return self._study.behind.asked_in_vain(self._socket) if self._study else None

    @property
    def is_refused_again(self) -> bool:
        """Whether it was refused, and is here behind a translation as well."""
        again = self._study.twins.refused_again if self._study else frozenset()
        return bool(again) and self.connection.id in again

    @property
    def asked_before_translation(self) -> Connection | None:
        """The same connection before a translation, where it was refused behind that."""
        before = self._study.twins.asked_before if self._study else {}
        return before.get(self.connection.id) if before else None

    @property
    def translated(self) -> Connection | None:
        """The same connection on the other side of a translation of addresses, where the capture holds both."""
        sides = self._study.twins.other_sides if self._study else {}
        return sides.get(self.connection.id) if sides else None

    @property
    def _socket(self) -> tuple[str, int]:
        return self.server.address, self.server.port

    @property
    def _hearing_of_few(self) -> "Hearing | None":
        return self._study.hearing if self._study and is_few(self.analysis) else None

    def accepted_beside(self, within_ns: int) -> str | None:
        """Return the other host that accepted connections to the same port each time when this one was asked."""
        return hearing.accepted_beside(self._socket, within_ns) if (hearing := self._hearing_of_few) else None

    def accepted_next(self, within_ns: int) -> str | None:
        """Return the other host that accepted connects to the same port each time soon after this one was asked."""
        return hearing.accepted_next(self._socket, within_ns) if (hearing := self._hearing_of_few) else None

    def spoke_each_time(self) -> Endpoint | None:
        """Return who else sent to the client's very port at once after each of its SYNs, which nobody answered."""
        return hearing.spoke_each_time(self.connection) if (hearing := self._hearing_of_few) else None

    def answered_between(self, from_ns: int, until_ns: int) -> int:
        """Count the connections of the server's socket that were answered, and began between two instants."""
        return self._study.hearing.answered_between(self._socket, from_ns, until_ns) if self._study else 0

    def accepted_between(self, from_ns: int, until_ns: int) -> int:
        """Count those of them whose SYN was answered by a SYN-ACK."""
        return self._study.hearing.accepted_between(self._socket, from_ns, until_ns) if self._study else 0

    @property
    def answered_clients(self) -> frozenset[str]:
        """The addresses whose SYN the server's socket answered; none where there are too many connections."""
        return self._study.hearing.answered_clients(self._socket) if self._study else frozenset()

    @property
    def answers(self) -> tuple[int, int]:
        """How many SYNs the capture shows answered: by the server's socket, and by any socket of its host.

        Sockets of which no SYN-ACK was captured do not count: that they answered follows from their clients alone.
        """
        return self._populations.answered(self.server.address, self.server.port)

    @property
    def calls(self) -> tuple[int, int]:
        """How many connections the server's host opened itself: to the client's, and to any host."""
        called = self._populations.called(self.server.address)
        here = sum(item.opened for item in called if item.server == self.client.address)
        return here, sum(item.opened for item in called)

    @property
    def duration(self) -> str:
        """From its first segment to its last, in words."""
        return span(self.connection.last_time_ns - self.connection.first_time_ns)

    def timeouts_near(self, gap_ns: int | None, *, own: bool = False) -> tuple[str, ...]:
        """Name the idle time-outs of devices on the way that a silence matches; ``own``: the device ended it
        itself."""
        known = path_timeouts(self.analysis.timers)
        return () if gap_ns is None else matching_timeouts(gap_ns, known, own=own)

    def evidence(self, *frames: int | None) -> tuple[int, ...]:
        """Return these frames, oldest first, without those that are not known."""
        return tuple(sorted({frame for frame in frames if frame is not None}))
