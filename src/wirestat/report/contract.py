"""The JSON contract, schema 1: what ``json`` and ``ndjson`` write.

These records, and those of ``wirestat.model`` that they contain, are the schema. ``schema-1.json`` is generated from
them, and ``docs/json.md`` explains them. Within a schema number no field is renamed, removed or changes its meaning.

Times are integers, nanoseconds since the Unix epoch. States are spelled as Linux netstat does, whatever ``--names``
says. Unknown values are ``null``, never left out.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from wirestat.model import (
    Capture,
    DirectionReason,
    Endpoint,
    Evidence,
    Finding,
    Side,
    State,
    UdpConversation,
    Undecoded,
)
from wirestat.summary import Client, Listener, Path

SCHEMA: Literal[1] = 1


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The base of every record of the contract."""


class Transition(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """One change of state of one endpoint. Made by position, as there are many."""

    endpoint: Side
    from_: State
    to: State
    time_ns: int
    frame: int
    cue: Annotated[str, Meta(description="What the segment meant to this endpoint.")]
    evidence: Evidence
    confirmed_by: Annotated[int | None, Meta(description="The frame that proved a presumed transition.")]
    retracted_by: Annotated[int | None, Meta(description="The frame that disproved it: it did not happen.")]
    documented: Annotated[
        bool,
        Meta(description="Whether RFC 9293 knows this change of state; it knows none to or from UNKNOWN."),
    ]
    section: Annotated[str | None, Meta(description="Where RFC 9293 says so.")]


class Fact(msgspec.Struct, frozen=True):
    """A yes/no observation about a connection, without judgement."""

    name: str
    endpoint: Side | None
    frame: int
    time_ns: int
    figure: int | None = None


class Connection(Record, frozen=True):
    """One incarnation of a pair of addresses and ports."""

    id: int
    incarnation: int
    previous: Annotated[int | None, Meta(description="The id of the incarnation before.")]
    direction_reason: Annotated[DirectionReason, Meta(description="How the client was told from the server.")]
    tunnel: str | None
    first_time_ns: int
    last_time_ns: int
    first_frame: int
    last_frame: int
    handshake_rtt_ns: int | None
    connect_ns: Annotated[
        int | None,
        Meta(
            description="From the first SYN to the first acknowledgement of a SYN-ACK, copies of the SYN included."
        ),
    ]
    syn_copies: int
    syn_ack_copies: int
    syn_to_syn_ack_ns: Annotated[
        int | None,
        Meta(description="From the last SYN before it to the SYN-ACK: the server's half of a round trip."),
    ]
    syn_ack_to_ack_ns: Annotated[
        int | None, Meta(description="From the SYN-ACK to its acknowledgement: the client's half.")
    ]
    first_byte_ns: Annotated[
        int | None, Meta(description="How long it was waited for the server's first data.")
    ]
    network_ns: Annotated[
        int, Meta(description="Spent on the way: to connect, and a round trip in each turn.")
    ]
    client: Endpoint
    server: Endpoint
    stopped: Annotated[
        bool, Meta(description="Whether it stopped on the way instead of ending as documented.")
    ]
    waits: Annotated[tuple[str, ...], Meta(description="What its ends wait for, in words, if it stopped.")]
    transitions: tuple[Transition, ...]
    facts: tuple[Fact, ...]
    findings: Annotated[tuple[str, ...], Meta(description="Ids of the findings that name it.")]


class Observed(Record, frozen=True, rename={"from_": "from"}):
    """One change of state, with the number of its occurrences."""

    from_: State
    to: State
    sections: tuple[str, ...]
    count: int
    client: int
    server: int
    retracted: Annotated[int, Meta(description="Believed for a while and disproved; not part of count.")]
    connections: Annotated[tuple[int, ...], Meta(description="Ids of the first connections that made it.")]


class NeverSeen(Record, frozen=True, rename={"from_": "from"}):
    """One statement of RFC 9293 that no connection of the captures followed."""

    from_: State
    to: State
    event: str
    section: str
    silent: Annotated[bool, Meta(description="No capture can show it.")]


class Conformance(Record, frozen=True):
    """The changes of state compared with RFC 9293."""

    documented: tuple[Observed, ...]
    never_seen: tuple[NeverSeen, ...]
    undocumented: tuple[Observed, ...]
    not_comparable: Annotated[tuple[Observed, ...], Meta(description="To or from UNKNOWN.")]


class Stopped(Record, frozen=True):
    """Connections that stopped on the way, by the states in which they stopped."""

    client_state: State
    server_state: State
    count: int
    examples: tuple[int, ...]


class Summary(Record, frozen=True):
    """The captures in numbers."""

    frames: int
    tcp_segments: int
    udp_datagrams: int
    icmp_errors: int
    other_frames: dict[str, int]
    undecoded: tuple[Undecoded, ...]
    fragments: Annotated[
        dict[str, int],
        Meta(
            description="Fragmented packets held, given_up and reassembled, of which tcp_incomplete and "
            "tcp_reassembled are TCP segments; IP fragments overlapping and differing."
        ),
    ]
    beyond_limits: Annotated[dict[str, int], Meta(description="What was counted and not listed.")]
    duplicate_frames: int
    connections: int
    incarnations: int
    udp_conversations: int
    first_time_ns: int | None
    last_time_ns: int | None
    states: dict[Side, dict[State, int]]
    stopped: tuple[Stopped, ...]
    evicted: dict[str, int]
    released: int
    listeners: tuple[Listener, ...]
    clients: tuple[Client, ...]
    paths: tuple[Path, ...]


class KernelProcess(Record, frozen=True):
    """The process that owns a socket of this host."""

    pid: int
    program: str
    user: str
    unit: str


class KernelSocket(Record, frozen=True):
    """A socket of this host, as its kernel reports it."""

    connection: Annotated[
        int | None,
        Meta(description="The connection of which it is an end; null where no packet was captured."),
    ]
    side: Side | None
    local: Annotated[tuple[str, int], Meta(description="Address and port of this host's end.")]
    remote: tuple[str, int]
    state: State
    since_ns: Annotated[int, Meta(description="When it was first seen in that state.")]
    recv_q: int
    send_q: int
    timer: Literal["retransmission", "keepalive", "time_wait", "probe"] | None
    due_ns: int | None
    retransmits: int
    process: KernelProcess | None


class KernelScore(Record, frozen=True):
    """How often wire and kernel agreed, for one state of the kernel."""

    looks: int
    agreed: int
    in_time: int
    left_open: int
    differed: dict[State, int]
    untold: int


class KernelDifference(Record, frozen=True):
    """An end of this host on which wire and kernel differ."""

    connection: int
    side: Side
    wire: State
    kernel: State | None
    since_ns: int
    explanation: str


class Kernel(Record, frozen=True):
    """The kernel's record of this host's own ends."""

    agreement: dict[State, KernelScore]
    differences: tuple[KernelDifference, ...]
    sockets: Annotated[
        tuple[KernelSocket, ...],
        Meta(description="Those of the connections captured; with -a all that have another end."),
    ]


class Head(Record, frozen=True, kw_only=True):
    """Everything but the lists."""

    schema: Literal[1]
    wirestat: Annotated[str, Meta(description="The version that wrote this.")]
    timers: Annotated[str, Meta(description="The timer profile.")]
    filter: Annotated[
        str | msgspec.UnsetType, Meta(description="What chose the frames; absent where all were read.")
    ] = msgspec.UNSET
    where: Annotated[
        str | msgspec.UnsetType,
        Meta(description="What chose the connections that are listed; absent where all are."),
    ] = msgspec.UNSET
    captures: tuple[Capture, ...]
    summary: Summary
    conformance: Conformance


class Document(Head, frozen=True, kw_only=True):
    """A wirestat report, schema 1. Connections and UDP conversations are left out with --summary."""

    findings: tuple[Finding, ...]
    kernel: Annotated[
        Kernel | msgspec.UnsetType,
        Meta(description="Of a live capture, where the kernel of this host is asked."),
    ] = msgspec.UNSET
    connections: tuple[Connection, ...] | msgspec.UnsetType = msgspec.UNSET
    udp: tuple[UdpConversation, ...] | msgspec.UnsetType = msgspec.UNSET
