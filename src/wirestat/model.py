"""The records that every part of wirestat shares.

They are plain frozen records. Times are integers: nanoseconds since the Unix epoch. Lengths are bytes of TCP
payload unless a name says otherwise. Frame numbers count from 1, as in Wireshark; if several captures are read as
one, the count continues through all.
"""

from enum import StrEnum
from functools import cache

import msgspec

from wirestat.titles import title
from wirestat.vocabulary import Cue, Fact


class State(StrEnum):
    """A state of one end of a connection (RFC 9293, 3.3.2), spelled as Linux netstat does.

    ``UNKNOWN`` is a state: it means that the capture does not say.
    """

    UNKNOWN = "UNKNOWN"
    CLOSED = "CLOSED"
    LISTEN = "LISTEN"
    SYN_SENT = "SYN_SENT"
    SYN_RECV = "SYN_RECV"
    ESTABLISHED = "ESTABLISHED"
    FIN_WAIT1 = "FIN_WAIT1"
    FIN_WAIT2 = "FIN_WAIT2"
    CLOSE_WAIT = "CLOSE_WAIT"
    CLOSING = "CLOSING"
    LAST_ACK = "LAST_ACK"
    TIME_WAIT = "TIME_WAIT"


GONE = frozenset({State.CLOSED, State.UNKNOWN, State.LISTEN})
"""States that netstat does not list as a connection."""


class Side(StrEnum):
    """One end of a connection: the active opener or the passive one."""

    CLIENT = "client"
    SERVER = "server"


class Evidence(StrEnum):
    """The kind of evidence for a transition."""

    SEEN = "seen"
    """The endpoint's own segment shows it."""
    PRESUMED = "presumed"
    """A segment that causes it was captured on its way to the endpoint, and nothing contradicts its arrival."""
    IMPLIED = "implied"
    """Its cause was not captured, but later segments prove that it happened."""
    TIMER = "timer"
    """A documented timer expired, and nothing contradicts it."""


class Transition(msgspec.Struct, frozen=True, gc=False):
    """One change of state of one endpoint."""

    endpoint: Side
    from_state: State
    to: State
    time_ns: int
    frame: int
    cue: Cue
    evidence: Evidence
    confirmed_by: int | None
    """The frame that proved a presumed transition; ``None`` while it is not proven."""
    retracted_by: int | None
    """The frame that disproved it; a retracted transition did not happen."""

    @property
    def moment(self) -> tuple[int, int]:
        """Its place in the order of events; frame numbers of several captures tell no order."""
        return self.time_ns, self.frame


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """A fact about a connection, with the frame that showed it."""

    fact: Fact
    """The name, such as ``syn-ack-resent-after-ack``; ``wirestat.facts`` has its meaning in words."""
    endpoint: Side | None
    """The endpoint that did it, or ``None`` for a fact about the connection as a whole."""
    frame: int
    """The frame that showed it first."""
    time_ns: int
    figure: int | None = None
    """The number of the fact, if ``wirestat.facts.FIGURES`` names one: the length of a silence, a count."""

    @property
    def moment(self) -> tuple[int, int]:
        """Its place in the order of events; frame numbers of several captures tell no order."""
        return self.time_ns, self.frame


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """One end of a connection as best known at the end of the capture."""

    address: str
    port: int
    state: State
    evidence: Evidence | None
    """The evidence for the last transition; ``None`` if there was none."""
    confirmed: bool
    """Whether the present state is proven: seen, or presumed and confirmed since."""
    or_since: tuple[State, ...]
    """Other states that fit the evidence as well: ``(CLOSED,)`` reads "``state``, or gone since"."""
    since_ns: int | None
    """When it entered its state; ``None`` if no transition is known."""
    first_state: State
    """The state it was in before the first segment."""
    frames: int
    """Segments that it sent, without captured duplicates."""
    bytes: int
    """Payload bytes that it sent, retransmissions included."""
    retransmitted_frames: int
    retransmitted_bytes: int
    out_of_order_frames: int
    duplicate_frames: int
    """Frames that the capture holds twice."""
    unseen_bytes: int
    """Bytes that the other end acknowledged but that were never captured."""
    unacknowledged_bytes: int
    """Bytes sent and not yet acknowledged: netstat's Send-Q as the wire shows it (FIN and SYN not counted)."""
    first_time_ns: int | None
    last_time_ns: int | None
    isn: int | None
    mss: int | None
    window_scale: int | None
    window: int | None
    """The receive window that it last advertised, in bytes, scaled if the window scale is known."""
    ttl: int | None
    turns: int = 0
    """The number of its turns: how often it began to send data, first or after data from the other end."""
    think_ns: int = 0
    """Its total think time before these turns, in ns: the waits for it, less a round trip between the tap and it per
    turn."""
    longest_think_ns: int = 0
    """The longest single think time, in ns."""


class DirectionReason(StrEnum):
    """How the client was identified, strongest evidence first."""

    SYN = "SYN"
    SYN_ACK = "SYN-ACK"
    LISTENER = "listens elsewhere in the capture"
    WELL_KNOWN_PORT = "well-known port"
    EPHEMERAL_PORT = "ephemeral port"
    FIRST_SENDER = "first sender"


class Connection(msgspec.Struct, frozen=True, gc=False):
    """One incarnation of a 4-tuple."""

    id: int
    """Counts from 1 in the order of first segments."""
    client: Endpoint
    server: Endpoint
    incarnation: int
    """1 for the first connection on this 4-tuple, 2 for the next, ..."""
    previous: int | None
    """The id of the previous incarnation."""
    direction_reason: DirectionReason
    tunnel: str | None
    """Its tunnels, from the outside in, with the network if all such tunnels had the same: ``vxlan 42``; ``None``
    without a tunnel."""
    first_time_ns: int
    last_time_ns: int
    first_frame: int
    last_frame: int
    handshake_rtt_ns: int | None
    """SYN to the acknowledgement of the SYN-ACK: one round trip as the client sees it, wherever the tap is."""
    transitions: tuple[Transition, ...]
    """Transitions in the order in which they were inferred, retracted ones included."""
    facts: tuple[Sighting, ...]
    connect_ns: int | None = None
    """From the first SYN to the first acknowledgement of a SYN-ACK: the connect time, retransmissions included."""
    syn_copies: int = 0
    """Copies of the SYN after the first."""
    syn_ack_copies: int = 0
    syn_to_syn_ack_ns: int | None = None
    """From the last SYN before it to the first SYN-ACK: from the tap to the server and back."""
    syn_ack_to_ack_ns: int | None = None
    """From the first SYN-ACK to its acknowledgement: from the tap to the client and back."""
    first_byte_ns: int | None = None
    """From the last segment of the client before it to the first data of the server."""
    network_ns: int = 0
    """Time spent on the path, in ns: to connect, plus a round trip to the next speaker per turn. With ``think_ns`` of
    both ends it makes up the time that the ends waited for each other; transfers and idle time are left out."""

    @property
    def frames(self) -> int:
        """Frames of both ends."""
        return self.client.frames + self.server.frames


class Event(msgspec.Struct, frozen=True, gc=False):
    """A change that has just happened to a connection, as known so far."""

    connection: int
    """The connection's id."""
    what: Transition | Sighting
    client: tuple[str, int]
    """Address and port."""
    server: tuple[str, int]
    client_state: State
    """The state after the event, and after everything else that the same segment changed."""
    server_state: State
    place: int
    """The connection's place in the tracker, for ``Tracker.connection_at``."""


class UdpConversation(msgspec.Struct, frozen=True, gc=False):
    """A pair of UDP endpoints, listed as netstat lists UDP: without a state."""

    address_a: str
    port_a: int
    address_b: str
    port_b: int
    frames_a: int
    bytes_a: int
    frames_b: int
    bytes_b: int
    first_time_ns: int
    last_time_ns: int


class Undecoded(msgspec.Struct, frozen=True, gc=False):
    """Frames, or the rest of frames, that could not be decoded, by layer and reason."""

    layer: str
    reason: str
    frames: int
    first_frame: int
    offset: int
    """The offset of the header in the first such frame, in bytes."""
    need: int
    """Bytes that were needed there; 0 if length was not the reason."""
    have: int


class Interface(msgspec.Struct, frozen=True, gc=False):
    """One interface of a capture."""

    name: str | None
    link_type: int
    link_name: str
    snaplen: int | None
    """Bytes; ``None`` where unlimited."""
    frames: int
    received: int | None
    """Packets that the interface received, from its statistics block."""
    dropped: int | None
    """Packets that the capture dropped, from its statistics block."""
    decoded: bool
    """Whether frames of this link type can be decoded; otherwise they are only counted."""


class Capture(msgspec.Struct, frozen=True, gc=False):
    """One capture file or stream, with its own defects."""

    name: str
    """The path as given; ``-`` for standard input."""
    format: str
    """``pcap``, ``pcapng``, or what an engine read."""
    compression: str | None
    size: int | None
    """Bytes on disk; ``None`` for a stream."""
    interfaces: tuple[Interface, ...]
    frames: int
    first_time_ns: int | None
    last_time_ns: int | None
    snapped_frames: int
    """Frames that the snaplen truncated."""
    backward_steps: int
    """How often time ran backward from one frame to the next."""
    comments: tuple[str, ...]
    defects: tuple[str, ...]
    """Defects of the file that did not stop reading, in words, each with its offset."""
    error: str | None
    """The defect that stopped reading before the end, in words, with offset and reason; ``None`` for none."""
    longest_gap_ns: int = 0
    """The longest time from one frame of any kind to the next, in ns."""
    longest_gap_from_ns: int | None = None
    """When that gap began, in Unix ns; ``None`` with fewer than two frames, or if the engine does not say."""

    @property
    def is_live(self) -> bool:
        """Whether it is captured on an interface, and not read from a file."""
        return self.format == "live"

    @property
    def title(self) -> str:
        """The name, made safe to print: control characters are spelled out."""
        return title(self.name)

    @property
    def undecoded_interfaces(self) -> tuple[tuple[int, Interface], ...]:
        """The interfaces with frames of a link type that cannot be decoded, each with its number in the capture."""
        return tuple(
            (number, interface)
            for number, interface in enumerate(self.interfaces)
            if interface.frames and not interface.decoded
        )

    @property
    def tells_nothing(self) -> bool:
        """Whether the capture has frames, but none with a link type that can be decoded."""
        lost = sum(interface.frames for _, interface in self.undecoded_interfaces)
        return 0 < lost == self.frames


class LadderLine(msgspec.Struct, frozen=True, gc=False):
    """One segment of a traced connection, as a ladder shows it."""

    frame: int
    time_ns: int
    sender: Side
    flags: int
    """Control bits as in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128, AE 256."""
    seq: int
    """Relative to the sender's ISN if known, else to the first sequence number captured."""
    ack: int | None
    payload: int
    window: int
    """In bytes, scaled if the window scale is known."""
    notes: tuple[str, ...]
    """The tracker's notes on the segment: ``retransmission``, ``duplicate``, ``keepalive``, ``out of order``, ..."""


@cache
def _ranks(scale: "type[Scale]") -> "dict[Scale, int]":
    return {word: rank for rank, word in enumerate(scale)}


class Scale(StrEnum):
    """Words with an order: that of their definition."""

    @property
    def rank(self) -> int:
        """The position in that order, from 0."""
        return _ranks(type(self))[self]


class Severity(Scale):
    """How much a finding matters, least first."""

    INFO = "info"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Confidence(Scale):
    """The confidence of a finding."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Fault(StrEnum):
    """Where the cause lies."""

    CLIENT = "client"
    SERVER = "server"
    PATH = "path"
    CAPTURE = "capture"
    UNDECIDED = "undecided"


class Finding(msgspec.Struct, frozen=True):
    """A judgement drawn from facts."""

    id: str
    """The diagnosis in the catalogue: ``D14``."""
    title: str
    severity: Severity
    confidence: Confidence
    fault: Fault
    connection: int | None
    """The id of the connection, or ``None`` for a finding about the capture or a whole group."""
    frames: tuple[int, ...]
    """The evidence, oldest first."""
    explanation: str
    """A description in one or two sentences, with the numbers of this case."""
    rivals: tuple[str, ...]
    """Other explanations, each with why it is ruled out or still open."""
    advice: str
    display_filter: str
    """A Wireshark display filter that shows these frames."""
    count: int = 1
    """The number of connections it is about."""
    examples: tuple[int, ...] = ()
    """Ids of some of them, if there are several."""
    doubts: tuple[str, ...] = ()
    """Why the confidence is not higher, one phrase each; empty if certain."""
    where: str = ""
    """The socket it is about; a host, or a number of servers, if it is about more; empty for a capture."""
    of: int | None = None
    """The number of connections to that socket, attempts included, if ``where`` is one socket."""
    since_ns: int | None = None
    """When the first evidence was captured, in Unix ns."""
    asks_nothing: bool = False
    """Whether it is mere information, with nothing to do about it: text output only names it, unless told `-v`."""
