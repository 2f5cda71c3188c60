"""Connections written down by hand: their facts, their states, and figures that hang together.

A look is what a rule sees first: ``look("one-way", "client:syn-resent", client=SYN_SENT)``. Its facts appear in
frames 10, 11, ... one second apart; the capture ends ten minutes after its first frame.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from wirestat.diagnosis import diagnose
from wirestat.model import (
    Capture,
    Connection,
    DirectionReason,
    Endpoint,
    Evidence,
    Finding,
    Interface,
    Side,
    Sighting,
    State,
    Transition,
)
from wirestat.summary import Listener, Signature, Spell, Summary
from wirestat.timers import LINUX, SECOND, Timers
from wirestat.vocabulary import Cue, Fact

T0 = 1_700_000_000 * SECOND
LENGTH = 600 * SECOND
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"


def endpoint(address: str, port: int, state: State, **changes: object) -> Endpoint:
    """An end that has sent five frames and a hundred bytes, all acknowledged."""
    plain = Endpoint(
        address=address,
        port=port,
        state=state,
        evidence=Evidence.SEEN,
        confirmed=True,
        or_since=(),
        since_ns=T0 + 2 * SECOND,
        first_state=State.CLOSED,
        frames=5,
        bytes=100,
        retransmitted_frames=0,
        retransmitted_bytes=0,
        out_of_order_frames=0,
        duplicate_frames=0,
        unseen_bytes=0,
        unacknowledged_bytes=0,
        first_time_ns=T0,
        last_time_ns=T0 + 20 * SECOND,
        isn=1000,
        mss=1460,
        window_scale=7,
        window=64_240,
        ttl=64,
    )
    return replace(plain, **changes)


def step(side: Side, from_state: State, to: State, frame: int, **changes: object) -> Transition:
    """A change of state that was seen in a frame, a second for each frame."""
    time_ns = T0 + frame * SECOND
    plain = Transition(side, from_state, to, time_ns, frame, Cue.SENT_SYN, Evidence.SEEN, None, None)
    return replace(plain, **changes)


class Look(NamedTuple):
    """One connection to be."""

    facts: tuple[str, ...]
    client: State
    server: State
    figures: dict[str, int]
    changes: Mapping[str, Mapping[str, object]]
    steps: tuple[Transition, ...]
    frame_of: dict[str, int]
    address: str
    server_address: str
    port: int
    times: int

    def also(self, *facts: str) -> "Look":
        """The same with more facts."""
        return self._replace(facts=self.facts + facts)


def look(
    *facts: str,
    client: State = State.ESTABLISHED,
    server: State = State.ESTABLISHED,
    figures: dict[str, int] | None = None,
    steps: tuple[Transition, ...] = (),
    frame_of: dict[str, int] | None = None,
    address: str = CLIENT,
    server_address: str = SERVER,
    port: int = 80,
    times: int = 1,
    **changes: Mapping[str, object],
) -> Look:
    """Describe a connection; ``client_end``, ``server_end`` and ``whole`` change figures of its ends and its own."""
    return Look(
        facts,
        client,
        server,
        figures or {},
        changes,
        steps,
        frame_of or {},
        address,
        server_address,
        port,
        times,
    )


def connection(look: Look, id: int = 1) -> Connection:
    """Make the connection of a look."""
    facts = tuple(_fact(look, name, number) for number, name in enumerate(look.facts))
    last = {fact.endpoint: {"last_time_ns": fact.time_ns} for fact in facts if fact.fact is Fact.RST_SENT}
    own = {"isn": 1000 + id}
    ends = {side: {**own, **last.get(side, {}), **look.changes.get(f"{side}_end", {})} for side in Side}
    client = endpoint(look.address, 40_000 + id, look.client, **ends[Side.CLIENT])
    server = endpoint(look.server_address, look.port, look.server, **ends[Side.SERVER])
    plain = Connection(
        id=id,
        client=client,
        server=server,
        incarnation=1,
        previous=None,
        direction_reason=DirectionReason.SYN,
        tunnel=None,
        first_time_ns=T0,
        last_time_ns=T0 + 20 * SECOND,
        first_frame=id,
        last_frame=20 + id,
        handshake_rtt_ns=1_000_000,
        transitions=look.steps or (step(Side.CLIENT, State.CLOSED, State.SYN_SENT, 1),),
        facts=facts,
    )
    return replace(plain, **look.changes.get("whole", {}))


def _fact(look: Look, spelled: str, number: int) -> Sighting:
    side, _, name = spelled.rpartition(":")
    frame = look.frame_of.get(spelled, 10 + number)
    return Sighting(
        Fact(name), Side(side) if side else None, frame, T0 + frame * SECOND, look.figures.get(spelled)
    )


class Analysed:
    """An analysis of hand-made connections, which counts how often one is fetched."""

    def __init__(
        self,
        looks: tuple[Look, ...],
        captures: tuple[Capture, ...],
        listeners: tuple[Listener, ...],
        timers: Timers,
    ) -> None:
        self.captures = captures
        self.timers = timers
        self.fetched: Counter[int] = Counter()
        self._connections = {id: connection(look, id) for id, look in enumerate(looks, start=1)}
        self.summary = _summary(looks, listeners)
        self.now_ns = self.summary.last_time_ns

    def connection(self, id: int) -> Connection:
        self.fetched[id] += 1
        return self._connections[id]

    def connections(self) -> Iterator[Connection]:
        return iter(self._connections.values())


def analysed(
    *looks: Look,
    dropped: int = 0,
    captures: tuple[Capture, ...] | None = None,
    listeners: tuple[Listener, ...] = (),
    timers: Timers = LINUX,
) -> Analysed:
    """Track these connections, so to say."""
    return Analysed(looks, (capture(dropped=dropped),) if captures is None else captures, listeners, timers)


def found(
    *looks: Look, dropped: int = 0, listeners: tuple[Listener, ...] = (), timers: Timers = LINUX
) -> dict[str, Finding]:
    """Diagnose these connections, the most severe finding of each diagnosis by its id."""
    findings: dict[str, Finding] = {}
    for finding in diagnose(analysed(*looks, dropped=dropped, listeners=listeners, timers=timers)):
        findings.setdefault(finding.id, finding)
    return findings


def capture(dropped: int = 0, **changes: object) -> Capture:
    """A capture without a flaw, but for packets dropped."""
    interface = Interface("eth0", 1, "ETHERNET", None, 1000, 1000 + dropped, dropped, decoded=True)
    plain = Capture("a.pcap", "pcap", None, 100_000, (interface,), 1000, T0, T0 + LENGTH, 0, 0, (), (), None)
    return replace(plain, **changes)


def _of(facts: frozenset[str], side: str) -> frozenset[Fact]:
    """The facts of a look that are about one end, or with no side about the connection as a whole."""
    spelled = (fact.rpartition(":") for fact in facts)
    return frozenset(Fact(name) for of, _, name in spelled if of == side)


def _summary(looks: tuple[Look, ...], listeners: tuple[Listener, ...]) -> Summary:
    alike: defaultdict[tuple[State, State, bool, bool, frozenset[str]], list[int]] = defaultdict(list)
    weights: Counter[tuple[State, State, bool, bool, frozenset[str]]] = Counter()
    for id, look in enumerate(looks, start=1):
        proven = [
            bool(look.changes.get(end, {}).get("confirmed", True)) for end in ("client_end", "server_end")
        ]
        key = look.client, look.server, proven[0], proven[1], frozenset(look.facts)
        alike[key].append(id)
        weights[key] += look.times
    signatures = tuple(
        Signature(
            *key[:4],
            count=weights[key],
            examples=tuple(ids[:8]),
            facts=_of(key[4], ""),
            client_facts=_of(key[4], "client"),
            server_facts=_of(key[4], "server"),
        )
        for key, ids in alike.items()
    )
    return Summary(
        frames=1000,
        tcp_segments=1000,
        data_segments=400,
        bare_acknowledgements=400,
        udp_datagrams=0,
        icmp_errors=0,
        other_frames={},
        undecoded=(),
        duplicate_frames=sum("frames-duplicated" in look.facts for look in looks),
        connections=sum(weights.values()),
        incarnations=0,
        udp_conversations=0,
        first_time_ns=T0,
        last_time_ns=T0 + LENGTH,
        states={},
        transitions=(),
        signatures=signatures,
        evicted={},
        released=0,
        listeners=listeners,
    )


def listener(**changes: object) -> Listener:
    """A web server in good health."""
    plain = Listener(
        address=SERVER,
        port=80,
        connections=100,
        clients=10,
        answered=100,
        refused=0,
        unanswered=0,
        embryonic=0,
        embryonic_peak=2,
        short_lived=0,
        states={State.ESTABLISHED: 100},
        client_states={State.ESTABLISHED: 100},
        time_wait_peak=0,
        time_wait_client=None,
        first_frame=1,
        examples=(1,),
        answers=Spell(T0, T0 + LENGTH) if changes.get("answered", 100) else None,
    )
    return replace(plain, **changes)
