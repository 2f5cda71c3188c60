"""A few captures told by hand, so that the renderings can be tested without a packet.

A connection is told as its transitions, one line each::

    at ms  frame  endpoint  to           evidence   cue                        [+confirmed_by | !retracted_by]
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from typing import Any

import msgspec

from tests.report.records import written
from tests.tables import reference
from wirestat.model import (
    Capture,
    Connection,
    DirectionReason,
    Endpoint,
    Evidence,
    Interface,
    LadderLine,
    Side,
    Sighting,
    Signature,
    State,
    Summary,
    Transition,
    TransitionCount,
    UdpConversation,
    Undecoded,
)
from wirestat.tables import Style, Table, Wanted, Words
from wirestat.timers import LINUX, MILLISECOND, Timers
from wirestat.vocabulary import Cue, Fact

START = 1_767_323_045_000_000_000  # 2026-01-02 03:04:05 UTC

CLIENT, SERVER = Side.CLIENT, Side.SERVER

OPENING = """
    0      1  client  SYN_SENT     seen      sent SYN
    0      1  server  SYN_RECV     presumed  received SYN                +2
    10     2  client  ESTABLISHED  presumed  received SYN,ACK            +3
    10     3  server  ESTABLISHED  presumed  received ACK of SYN,ACK     +5
"""

CLEAN = (
    OPENING
    + """
    500    6  client  FIN_WAIT1    seen      sent FIN
    500    6  server  CLOSE_WAIT   presumed  received FIN                +7
    501    7  client  FIN_WAIT2    presumed  received ACK of FIN     +9
    502    8  server  LAST_ACK     seen      sent FIN
    502    8  client  TIME_WAIT    presumed  received FIN                +9
    503    9  server  CLOSED       presumed  received ACK of FIN
"""
)

OVER = (
    CLEAN
    + """
    60502  9  client  CLOSED       timer     2MSL passed
"""
)

CLOSE_WAIT_HELD = (
    OPENING
    + """
    500    6  client  FIN_WAIT1    seen      sent FIN
    500    6  server  CLOSE_WAIT   presumed  received FIN                +7
    501    7  client  FIN_WAIT2    presumed  received ACK of FIN
"""
)

LAST_ACK_LOST = OVER.replace(
    "503    9  server  CLOSED       presumed  received ACK of FIN",
    "503    9  server  CLOSED       presumed  received ACK of FIN     !10",
)

THIRD_ACK_IGNORED = """
    0      1  client  SYN_SENT     seen      sent SYN
    0      1  server  SYN_RECV     presumed  received SYN                +2
    10     2  client  ESTABLISHED  presumed  received SYN,ACK            +3
    10     3  server  ESTABLISHED  presumed  received ACK of SYN,ACK     !4
"""

REFUSED = """
    0      1  client  SYN_SENT     seen      sent SYN
    1      2  client  CLOSED       presumed  received RST
    1      2  server  CLOSED       seen      sent RST
"""

UNANSWERED = """
    0      1  client  SYN_SENT     seen      sent SYN
"""

MIDDLE = """
    0      1  client  ESTABLISHED  presumed  sent a segment, the opening not captured
"""


def story(start_ms: int, first_frame: int, text: str) -> tuple[Transition, ...]:
    """Read the transitions of one connection that begins at a time and with a frame."""
    now: dict[Side, State] = {CLIENT: State.CLOSED, SERVER: State.LISTEN}
    if "not captured" in text:
        now = dict.fromkeys(Side, State.UNKNOWN)
    transitions = []
    for line in filter(None, map(str.strip, text.splitlines())):
        at, frame, endpoint, to, evidence, cue = line.split(maxsplit=5)
        marks = {word[0]: int(word[1:]) for word in cue.split() if word[0] in "+!"}
        words = " ".join(word for word in cue.split() if word[0] not in "+!")
        shifted = {mark: number + first_frame - 1 for mark, number in marks.items()}
        side = Side(endpoint)
        transitions.append(
            Transition(
                endpoint=side,
                from_state=now[side],
                to=State(to),
                time_ns=START + (start_ms + int(at)) * MILLISECOND,
                frame=int(frame) + first_frame - 1,
                cue=Cue(words),
                evidence=Evidence(evidence),
                confirmed_by=shifted.get("+"),
                retracted_by=shifted.get("!"),
            )
        )
        if "!" not in shifted:
            now[side] = State(to)
    return tuple(transitions)


def endpoint(side: Side, transitions: tuple[Transition, ...], **known: Any) -> Endpoint:
    """Make the end that a story leaves; ``known`` replaces what is ordinary."""
    believed = [t for t in transitions if t.endpoint is side and t.retracted_by is None]
    last = believed[-1] if believed else None
    first_state = believed[0].from_state if believed else State.UNKNOWN
    ordinary: dict[str, Any] = {
        "address": "192.0.2.10" if side is CLIENT else "198.51.100.80",
        "port": 40000 if side is CLIENT else 443,
        "state": last.to if last else first_state,
        "evidence": last.evidence if last else None,
        "confirmed": bool(last and (last.evidence is Evidence.SEEN or last.confirmed_by)),
        "or_since": (),
        "since_ns": last.time_ns if last else None,
        "first_state": first_state,
        "frames": 5,
        "bytes": 517 if side is CLIENT else 4200,
        "retransmitted_frames": 0,
        "retransmitted_bytes": 0,
        "out_of_order_frames": 0,
        "duplicate_frames": 0,
        "unseen_bytes": 0,
        "unacknowledged_bytes": 0,
        "first_time_ns": transitions[0].time_ns,
        "last_time_ns": transitions[-1].time_ns,
        "isn": 1000 if side is CLIENT else 9000,
        "mss": 1460,
        "window_scale": 7,
        "window": 64240,
        "ttl": 64,
    }
    return Endpoint(**(ordinary | known))


def connection(number: int, text: str, **known: Any) -> Connection:
    """Make a connection out of a story; ``facts`` are (name, endpoint or None, frame); the rest replaces fields."""
    start_ms, first_frame = known.pop("start_ms", 100 * number), known.pop("first_frame", 10 * number - 9)
    transitions = story(start_ms, first_frame, text)
    client = endpoint(CLIENT, transitions, port=40000 + number, **known.pop("client", {}))
    server = endpoint(SERVER, transitions, **known.pop("server", {}))
    facts = tuple(
        Sighting(
            fact=Fact(name), endpoint=side, frame=frame + first_frame - 1, time_ns=transitions[0].time_ns
        )
        for name, side, frame in known.pop("facts", ())
    )
    ordinary: dict[str, Any] = {
        "id": number,
        "client": client,
        "server": server,
        "incarnation": 1,
        "previous": None,
        "direction_reason": DirectionReason.SYN,
        "tunnel": None,
        "first_time_ns": transitions[0].time_ns,
        "last_time_ns": transitions[-1].time_ns,
        "first_frame": first_frame,
        "last_frame": first_frame + 9,
        "handshake_rtt_ns": 10 * MILLISECOND,
        "transitions": transitions,
        "facts": facts,
    }
    return Connection(**(ordinary | known))


@dataclass(frozen=True)
class HandMade:
    """An analysis as the report sees one."""

    captures: tuple[Capture, ...]
    summary: Summary
    told: tuple[Connection, ...] = ()
    conversations: tuple[UdpConversation, ...] = ()
    lines: tuple[LadderLine, ...] = ()
    timers: Timers = LINUX
    keep: str = "all"

    @property
    def now_ns(self) -> int | None:
        """Tell everything as of the last frame."""
        return self.summary.last_time_ns

    def connections(self) -> Iterator[Connection]:
        """Yield every connection in the order of ids."""
        yield from self.told

    def connection(self, id: int) -> Connection:
        """Find one connection; KeyError where there is none."""
        return {connection.id: connection for connection in self.told}[id]

    def tables(
        self, wanted: Wanted, chosen: bytes | None = None, at_ns: int | None = None
    ) -> dict[str, Table]:
        """Make the tables that are wanted."""
        return reference.tables(self.told, wanted, chosen, at_ns)

    def records(self, words: Words, style: Style, chosen: bytes | None = None) -> Iterator[bytes]:
        """Write connections down."""
        told = self.told if chosen is None else compress(self.told, chosen)
        return written(told, words.findings, style)

    def udp(self) -> Iterator[UdpConversation]:
        """Yield the UDP conversations."""
        yield from self.conversations

    def ladder(self) -> tuple[LadderLine, ...]:
        """Give the traced connection's segments."""
        return self.lines


def capture(name: str = "web.pcap", **known: Any) -> Capture:
    """Make a capture without defects; ``known`` replaces what is ordinary."""
    ethernet = Interface(
        name=None,
        link_type=1,
        link_name="ETHERNET",
        snaplen=262144,
        frames=80,
        received=None,
        dropped=None,
        decoded=True,
    )
    ordinary: dict[str, Any] = {
        "name": name,
        "format": "pcap",
        "compression": None,
        "size": 12_345,
        "interfaces": (ethernet,),
        "frames": 80,
        "first_time_ns": START,
        "last_time_ns": START + 75_000 * MILLISECOND,
        "snapped_frames": 0,
        "backward_steps": 0,
        "comments": (),
        "defects": (),
        "error": None,
    }
    return Capture(**(ordinary | known))


def signatures(told: tuple[Connection, ...]) -> tuple[Signature, ...]:
    """Put connections that look alike together."""
    groups: dict[Signature, list[int]] = {}
    for c in told:
        alike = Signature(
            client_state=c.client.state,
            server_state=c.server.state,
            client_confirmed=c.client.confirmed,
            server_confirmed=c.server.confirmed,
            count=0,
            examples=(),
            facts=frozenset(item.fact for item in c.facts if item.endpoint is None),
            client_facts=frozenset(item.fact for item in c.facts if item.endpoint is CLIENT),
            server_facts=frozenset(item.fact for item in c.facts if item.endpoint is SERVER),
        )
        groups.setdefault(alike, []).append(c.id)
    return tuple(
        msgspec.structs.replace(alike, count=len(ids), examples=tuple(ids[:5]))
        for alike, ids in groups.items()
    )


def transition_counts(told: tuple[Connection, ...]) -> tuple[TransitionCount, ...]:
    """Count the transitions that were believed at the end."""
    groups: dict[tuple[Side, State, State], list[tuple[int, Transition]]] = {}
    for c in told:
        for t in c.transitions:
            groups.setdefault((t.endpoint, t.from_state, t.to), []).append((c.id, t))
    counts = []
    for key, members in groups.items():
        believed = [(id, t) for id, t in members if t.retracted_by is None]
        kinds = Counter(t.evidence for _, t in believed)
        confirmed = sum(t.evidence is Evidence.PRESUMED and t.confirmed_by is not None for _, t in believed)
        counts.append(
            TransitionCount(
                *key,
                count=len(believed),
                seen=kinds[Evidence.SEEN],
                confirmed=confirmed,
                presumed=kinds[Evidence.PRESUMED] - confirmed,
                implied=kinds[Evidence.IMPLIED],
                timer=kinds[Evidence.TIMER],
                retracted=len(members) - len(believed),
                examples=tuple(id for id, _ in believed[:5]),
            )
        )
    return tuple(counts)


def summary(told: tuple[Connection, ...], **known: Any) -> Summary:
    """Sum connections up; ``known`` replaces what is ordinary."""
    states: dict[Side, dict[State, int]] = {
        CLIENT: dict(Counter(c.client.state for c in told)),
        SERVER: dict(Counter(c.server.state for c in told)),
    }
    ordinary: dict[str, Any] = {
        "frames": 80,
        "tcp_segments": 74,
        "udp_datagrams": 0,
        "icmp_errors": 0,
        "other_frames": {},
        "undecoded": (),
        "duplicate_frames": 0,
        "connections": len(told),
        "incarnations": 0,
        "udp_conversations": 0,
        "first_time_ns": START,
        "last_time_ns": START + 75_000 * MILLISECOND,
        "states": states,
        "transitions": transition_counts(told),
        "signatures": signatures(told),
        "evicted": {},
        "released": 0,
    }
    return Summary(**(ordinary | known))


def lost_ack() -> HandMade:
    """Tell of one connection whose last ACK was lost, with its ladder."""
    still_waiting = LAST_ACK_LOST[: LAST_ACK_LOST.index("    60502")]
    c = connection(1, still_waiting, first_frame=1, start_ms=0, facts=[("fin-resent-after-ack", SERVER, 10)])
    lines = (
        line(1, 0, CLIENT, 0x02, seq=0, ack=None),
        line(2, 10, SERVER, 0x12, seq=0, ack=1),
        line(3, 10, CLIENT, 0x10, seq=1, ack=1),
        line(4, 11, CLIENT, 0x18, seq=1, ack=1, payload=517),
        line(5, 21, SERVER, 0x18, seq=1, ack=518, payload=4200),
        line(6, 500, CLIENT, 0x11, seq=518, ack=4201),
        line(7, 501, SERVER, 0x10, seq=4201, ack=519),
        line(8, 502, SERVER, 0x11, seq=4201, ack=519),
        line(9, 503, CLIENT, 0x10, seq=519, ack=4202),
        line(10, 703, SERVER, 0x11, seq=4201, ack=519, notes=("retransmission",)),
    )
    told = (c,)
    end = START + 703 * MILLISECOND
    one = capture("lost-last-ack.pcap", frames=10, last_time_ns=end, size=1180)
    return HandMade((one,), summary(told, frames=10, tcp_segments=10, last_time_ns=end), told, lines=lines)


def line(frame: int, at_ms: int, sender: Side, flags: int, **known: Any) -> LadderLine:
    """Make one line of a ladder."""
    ordinary: dict[str, Any] = {"payload": 0, "window": 64240, "notes": ()}
    return LadderLine(
        frame=frame, time_ns=START + at_ms * MILLISECOND, sender=sender, flags=flags, **(ordinary | known)
    )


def clean() -> HandMade:
    """Tell of two connections that ended as they should."""
    told = (connection(1, OVER), connection(2, OVER))
    return HandMade((capture("clean.pcap", frames=20),), summary(told, frames=20, tcp_segments=20), told)


def outage() -> HandMade:
    """Tell of a small capture in which several things are wrong."""
    gone = {"or_since": (State.CLOSED,)}
    held = [("close-wait-held", SERVER, 7), ("fin-wait2-held", CLIENT, 7)]
    told = (
        connection(1, OVER),
        connection(2, OVER),
        connection(3, CLOSE_WAIT_HELD, client=gone, facts=held),
        connection(4, CLOSE_WAIT_HELD, client=gone, facts=held),
        connection(5, THIRD_ACK_IGNORED, facts=[("syn-ack-resent-after-ack", SERVER, 4)]),
        connection(6, LAST_ACK_LOST, facts=[("fin-resent-after-ack", SERVER, 10)]),
        connection(7, REFUSED, server={"port": 8443}, facts=[("refused", SERVER, 2)]),
        connection(8, OPENING),
    )
    dns = UdpConversation(
        "192.0.2.10", 51515, "192.0.2.53", 53, 1, 40, 1, 120, START, START + 12 * MILLISECOND
    )
    return HandMade((capture(),), summary(told, udp_datagrams=2, udp_conversations=1), told, (dns,))


def odd() -> HandMade:
    """Tell of a client that went a way that RFC 9293 does not know."""
    leap = "500    6  client  SYN_SENT     seen      sent SYN"
    told = (connection(1, OVER), connection(2, OPENING + leap))
    return HandMade((capture("odd.pcap", frames=20),), summary(told, frames=20, tcp_segments=20), told)


def unfit() -> HandMade:
    """Tell of a capture that is itself the problem: one direction, drops, cut short."""
    told = tuple(
        connection(
            n,
            MIDDLE,
            facts=[("one-way", None, 1), ("mid-stream", None, 1), ("frames-missing", None, 1)],
            direction_reason=DirectionReason.WELL_KNOWN_PORT,
            handshake_rtt_ns=None,
            client={"isn": None, "mss": None, "window_scale": None},
            server={"frames": 0, "bytes": 0, "first_time_ns": None, "isn": None, "unseen_bytes": 90_000},
        )
        for n in (1, 2)
    )
    wan = Interface(
        name="wan0",
        link_type=1,
        link_name="ETHERNET",
        snaplen=64,
        frames=80,
        received=1000,
        dropped=920,
        decoded=True,
    )
    bad = capture(
        "span.pcapng.gz",
        format="pcapng",
        compression="gzip",
        interfaces=(wan,),
        snapped_frames=70,
        backward_steps=3,
        defects=("block 12 at byte 4096: its two lengths differ (96 and 0); skipped",),
        error="cut short at byte 9000: a packet block of 96 bytes is announced and 40 remain",
    )
    ipv6 = Undecoded(
        layer="ipv6", reason="extension header cut off", frames=4, first_frame=7, offset=54, need=8, have=2
    )
    return HandMade(
        (bad,),
        summary(
            told,
            undecoded=(ipv6,),
            duplicate_frames=12,
            other_frames={"arp": 3},
            evicted={"embryonic": 9, "superseded": 2},
            beyond_limits={"connections": 1200, "conversations": 3},
        ),
        told,
    )


def crowd(size: int = 500) -> HandMade:
    """Tell of many connections stuck in the same way, of which only examples were kept."""
    told = tuple(
        connection(n, THIRD_ACK_IGNORED, facts=[("syn-ack-resent-after-ack", SERVER, 4)])
        for n in range(1, size + 1)
    )
    one = capture("flood.pcap", frames=4 * size)
    return HandMade((one,), summary(told, frames=4 * size, tcp_segments=4 * size), told[:5], keep="summary")


def empty() -> HandMade:
    """Tell of a capture without any TCP."""
    one = capture("arp.pcap", frames=3)
    return HandMade((one,), summary((), frames=3, tcp_segments=0, other_frames={"arp": 3}))
