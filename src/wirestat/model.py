"""The nouns that every part of wirestat shares.

They are plain frozen records. Times are integers: nanoseconds since the Unix epoch. Lengths are bytes of TCP
payload unless a name says otherwise. Frame numbers count from 1, as Wireshark does; where several captures are
read as one they count on through all of them.
"""

from enum import StrEnum

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


class Side(StrEnum):
    """One end of a connection: the active opener or the passive one."""

    CLIENT = "client"
    SERVER = "server"


class Evidence(StrEnum):
    """How a transition is known."""

    SEEN = "seen"
    """The endpoint's own segment shows it."""
    PRESUMED = "presumed"
    """A segment that causes it was captured on its way to the endpoint, and nothing contradicts its arrival."""
    IMPLIED = "implied"
    """Its cause was not captured, but later segments prove that it happened."""
    TIMER = "timer"
    """A documented timer ran out, with nothing to the contrary."""


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


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """A fact about a connection, with the frame that showed it."""

    fact: Fact
    """``syn-ack-resent-after-ack``; ``wirestat.facts`` says in words what it means."""
    endpoint: Side | None
    """The endpoint that did it, or ``None`` for a fact about the connection as a whole."""
    frame: int
    """The frame that showed it first."""
    time_ns: int
    figure: int | None = None
    """The number that belongs to it, where ``wirestat.facts.FIGURES`` names one: the length of a silence, a count."""


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """One end of a connection as best known at the end of the capture."""

    address: str
    port: int
    state: State
    evidence: Evidence | None
    """How the last transition is known; ``None`` where there was none."""
    confirmed: bool
    """Whether the present state is proven: seen, or presumed and confirmed since."""
    or_since: tuple[State, ...]
    """Other states that fit the evidence as well: ``(CLOSED,)`` reads "``state``, or gone since"."""
    since_ns: int | None
    """When it entered its state; ``None`` where no transition is known."""
    first_state: State
    """The state it was in before the first segment."""
    frames: int
    """Segments that it sent, captured duplicates left out."""
    bytes: int
    """Payload bytes that it sent, each counted as often as it was sent."""
    retransmitted_frames: int
    retransmitted_bytes: int
    out_of_order_frames: int
    duplicate_frames: int
    """Frames that the capture holds twice."""
    unseen_bytes: int
    """Bytes that the other end acknowledged and that were never captured."""
    unacknowledged_bytes: int
    """Bytes sent and not yet acknowledged: netstat's Send-Q as the wire shows it (FIN and SYN not counted)."""
    first_time_ns: int | None
    last_time_ns: int | None
    isn: int | None
    mss: int | None
    window_scale: int | None
    window: int | None
    """The receive window that it last advertised, in bytes, scaled where the scale is known."""
    ttl: int | None


class DirectionReason(StrEnum):
    """How the client was told from the server, strongest first."""

    SYN = "SYN"
    SYN_ACK = "SYN-ACK"
    LISTENER = "listens elsewhere in the capture"
    WELL_KNOWN_PORT = "well-known port"
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
    """The id of the incarnation before."""
    direction_reason: DirectionReason
    tunnel: str | None
    """Kinds of tunnel that it travels in, from the outside inward, with the network where only one was met in all
    such tunnels: ``vxlan 42``; ``None`` outside tunnels."""
    first_time_ns: int
    last_time_ns: int
    first_frame: int
    last_frame: int
    handshake_rtt_ns: int | None
    """SYN to the acknowledgement of the SYN-ACK: one round trip as the client sees it, wherever the tap is."""
    transitions: tuple[Transition, ...]
    """In the order in which they were inferred, retracted ones included."""
    facts: tuple[Sighting, ...]


class Event(msgspec.Struct, frozen=True, gc=False):
    """Something that has just happened to a connection, as far as it is known by now."""

    connection: int
    """The connection's id."""
    what: Transition | Sighting
    client: tuple[str, int]
    """Address and port."""
    server: tuple[str, int]
    client_state: State
    """The state after it, and after all else that the same segment changed."""
    server_state: State
    place: int
    """Where the tracker keeps the connection, for ``Tracker.connection_at``."""


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
    """Frames, or the rest of frames, that were not understood, by layer and reason."""

    layer: str
    reason: str
    frames: int
    first_frame: int
    offset: int
    """Where in the first such frame the header begins, in bytes."""
    need: int
    """Bytes that were needed there; 0 where length was not the reason."""
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
    """Packets that the interface received, by its statistics block."""
    dropped: int | None
    """Packets that the capture lost, by its statistics block."""
    decoded: bool
    """Whether frames of this link type can be decoded; where not they are counted, and tell nothing."""


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
    """Frames of which less was captured than was on the wire."""
    backward_steps: int
    """How often time ran backward from one frame to the next."""
    comments: tuple[str, ...]
    defects: tuple[str, ...]
    """What is wrong with the file and did not stop the reading, in words, each with its offset."""
    error: str | None
    """What stopped the reading before the end, in words, with offset and reason; ``None`` if nothing did."""

    @property
    def title(self) -> str:
        """What to call it in a text: its name, without anything that a terminal would obey."""
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
        """Whether there are frames, and all of them of link types that cannot be decoded."""
        lost = sum(interface.frames for _, interface in self.undecoded_interfaces)
        return 0 < lost == self.frames


class TransitionCount(msgspec.Struct, frozen=True, gc=False):
    """How often one transition was believed at the end, over all connections."""

    endpoint: Side
    from_state: State
    to: State
    count: int
    seen: int
    confirmed: int
    presumed: int
    implied: int
    timer: int
    retracted: int
    """How many more were believed for a while and disproved; not part of ``count``."""
    examples: tuple[int, ...]
    """Ids of the first connections that made it."""


class Signature(msgspec.Struct, frozen=True, gc=False):
    """All connections that look alike to a rule: the same states, the same facts.

    A rule runs once a signature, not once a connection.
    """

    client_state: State
    server_state: State
    client_confirmed: bool
    server_confirmed: bool
    count: int
    examples: tuple[int, ...]
    """Ids of a few such connections, the lowest first."""
    facts: frozenset[Fact] = frozenset()
    """Those about the connection as a whole."""
    client_facts: frozenset[Fact] = frozenset()
    server_facts: frozenset[Fact] = frozenset()


MOST_CLIENTS = 1_000
"""So many different clients of a listener are told apart; where there are more, this is what is counted."""


MOST_SOCKETS = 256
"""So many different sockets that a client asked for are told apart; where there are more, this is what is counted."""


class Spell(msgspec.Struct, frozen=True, gc=False):
    """When something happened first, and when last."""

    first_ns: int
    last_ns: int


class Spread(msgspec.Struct, frozen=True, gc=False):
    """How long something took, over many times."""

    count: int
    least_ns: int
    usual_ns: int
    """About the median: within a factor of 1.5."""
    most_ns: int
    counts: dict[int, int]
    """How many took less than so many ns, and no less than half of that; the last step, of 2^35 ns, has all that took
    longer, too."""


class Lasted(msgspec.Struct, frozen=True, gc=False):
    """How long something lasted, and of which connection."""

    ns: int
    connection: int
    """The connection's id."""


class FatalSilence(msgspec.Struct, frozen=True, gc=False):
    """A silence of both ends that a connection did not survive, once."""

    ns: int
    connection: int
    reset: bool
    """Whether what ended it was answered by a reset; else nothing answered it."""


class CloseWaits(msgspec.Struct, frozen=True, gc=False):
    """The sockets of a listener that were in CLOSE_WAIT for a second or longer."""

    peak: int
    """The most of them at one time."""
    peak_ns: int | None
    """When that was reached first."""
    by_fin: int
    """Those that left CLOSE_WAIT by a FIN of their own."""
    by_reset: int
    """Those that left it otherwise: a reset ended the connection."""
    leaving_peak: int
    """The most that left it within one second: where it is nearly the peak, the process was ended."""
    leaving_ns: int | None
    """When those left."""
    examples: tuple[int, ...]


class Period(msgspec.Struct, frozen=True, gc=False):
    """How regularly something comes."""

    ns: int
    """The middle one of the gaps between one and the next."""
    alike: int
    """Gaps that differ from it by a tenth at most."""
    gaps: int


class Listener(msgspec.Struct, frozen=True, gc=False):
    """One socket that connections were opened to, or meant to be: ``netstat -l`` from the wire, with its load."""

    address: str
    port: int
    connections: int
    """Connections opened or tried, all incarnations."""
    clients: int
    """Different client addresses; counted up to a bound, so at least so many."""
    answered: int
    """Connections that it answered with a SYN-ACK: it listens."""
    refused: int
    unanswered: int
    """SYNs, retries not counted, that nothing answered."""
    embryonic: int
    """Connections whose server end is in SYN_RECV at the end."""
    embryonic_peak: int
    """The most that were in SYN_RECV at one time."""
    short_lived: int
    """Connections that were opened and over within one second."""
    states: dict[State, int]
    """Of the server ends at the end."""
    client_states: dict[State, int]
    time_wait_peak: int
    """The most connections between it and one client address that were in TIME_WAIT, at either end, at one time."""
    time_wait_client: str | None
    """That client address."""
    first_frame: int
    examples: tuple[int, ...]
    """Ids of its first connections."""
    opened: int = 0
    """Connections whose handshake was finished, by an acknowledgement of the client."""
    embryonic_peak_ns: int | None = None
    """When the peak of SYN_RECV was reached first."""
    answers: Spell | None = None
    """When it answered with a SYN-ACK: ``None`` where no SYN-ACK was captured."""
    refusals: Spell | None = None
    """When it refused. Where ``answers`` begins before and ends after, it accepted before and after."""
    silences: Spell | None = None
    """When SYNs were sent, retries not counted, that nothing answered."""
    reset: int = 0
    """Connections that it reset after the handshake."""
    reset_wordless: int = 0
    """Those among them on which it had not sent a byte."""
    hung_up: int = 0
    """Connections that it closed, before the client did, without having sent a byte."""
    wordless_examples: tuple[int, ...] = ()
    """Ids of the first that it reset or closed so."""
    slow: int = 0
    """Connections, of the ``opened`` ones, whose opening took a second SYN or SYN-ACK, or a second at least."""
    slowest: tuple[Lasted, ...] = ()
    """The slowest of them, from the first SYN until the client had a SYN-ACK."""
    syn_to_syn_ack: Spread | None = None
    """From the tap to the server and back, and how long the server took; of openings in which nothing was resent."""
    syn_ack_to_ack: Spread | None = None
    """From the tap to the clients and back."""
    close_waits: CloseWaits | None = None
    """Its sockets in CLOSE_WAIT; ``states`` has how many are there at the end. ``None`` where none stayed there."""
    ttls: tuple[int, ...] = ()
    """TTLs, or hop limits, that its connections ended with, resets left out."""


class Client(msgspec.Struct, frozen=True, gc=False):
    """One address that asked for connections, or meant to."""

    address: str
    connections: int
    """Connections asked for, all incarnations."""
    answered: int
    """Those that were answered with a SYN-ACK."""
    opened: int
    """Those whose handshake was finished."""
    refused: int
    unanswered: int
    """Those that nothing answered."""
    reset: int
    """Those that the client reset after the handshake."""
    wordless: int
    """Those whose handshake was finished, and on which nobody sent a byte."""
    wordless_period: Period | None
    """How regularly the first of those came to the socket that most of them asked for; ``None`` below three."""
    wordless_examples: tuple[int, ...]
    sockets: int
    """Different sockets asked for; counted up to a bound, so at least so many."""
    spell: Spell | None
    """When the first and the last of its connections began."""
    examples: tuple[int, ...]
    """Ids of its first connections."""


class Talk(msgspec.Struct, frozen=True, gc=False):
    """What the answered connections of a path tell of it. Of each list, the eight that stand out most."""

    survivals: int
    """Connections that survived a silence of both ends of half a second or longer: both spoke after it."""
    survived: tuple[Lasted, ...]
    """The longest such silences, the longest first: one a connection, whatever made it."""
    deaths: int
    """Connections that ended with a silence: what ended it was answered by a reset, or not at all."""
    died: tuple[FatalSilence, ...]
    """The shortest such silences, the shortest first. Only those longer than the profile's idle gap are known."""
    resets: int
    """Connections that either end reset after the handshake."""
    reset: tuple[Lasted, ...]
    """Their ages at the first reset, the greatest first."""
    oldest: tuple[Lasted, ...]
    """The longest lived connections, however they ended, from the opening to the last segment."""
    syn_to_syn_ack: Spread | None
    """From the tap to the server and back, and how long the server took; of openings in which nothing was resent."""
    syn_ack_to_ack: Spread | None
    """From the tap to the client and back: where it is far less than the other half, the tap is at the client."""
    handshake: Spread | None
    """Both together."""


class Path(msgspec.Struct, frozen=True, gc=False):
    """Two hosts, one of which asked the other for connections."""

    client: str
    server: str
    connections: int
    opened: int
    client_ttls: tuple[int, ...]
    """TTLs, or hop limits, that the clients' packets came with last, resets left out."""
    server_ttls: tuple[int, ...]
    talk: Talk | None
    """``None`` where nothing was answered."""
    examples: tuple[int, ...]
    """Ids of the first connections."""


class Summary(msgspec.Struct, frozen=True, gc=False):
    """What the flow table holds, in numbers."""

    frames: int
    tcp_segments: int
    udp_datagrams: int
    icmp_errors: int
    other_frames: dict[str, int]
    """Frames that are understood and carry neither TCP nor UDP, by protocol."""
    undecoded: tuple[Undecoded, ...]
    duplicate_frames: int
    connections: int
    incarnations: int
    """Connections that reuse the 4-tuple of an earlier one."""
    udp_conversations: int
    first_time_ns: int | None
    last_time_ns: int | None
    states: dict[Side, dict[State, int]]
    """At the time of the last frame."""
    transitions: tuple[TransitionCount, ...]
    signatures: tuple[Signature, ...]
    evicted: dict[str, int]
    """Connections let go to stay within the limits, by what they were: ``closed``; ``embryonic``, never opened;
    ``unproven``, mid-stream without an answer that proves anything; ``idle``, the longest silent of the rest; and, as
    ``superseded``, those of a 4-tuple that was used again more often than incarnations of one are kept."""
    released: int
    """Connections that were over and of which only the counts were kept."""
    fragments: dict[str, int] = {}
    """IP fragments ``held``, ``given_up`` and ``overlapping``, and packets ``reassembled``."""
    beyond_limits: dict[str, int] = {}
    """What was counted and not listed for want of room: ``udp_datagrams``; ``connections`` of kinds
    beyond the limit, which are not judged, and how many of these were ``conversations``: they exchanged data;
    connections of ``listeners``, ``clients`` and ``paths`` beyond the limit; SYN-ACKs of ``listening_sockets`` that
    could not be remembered; connections with longer ``histories`` than are kept; ``ladder_segments`` of the
    connection that is traced."""
    listeners: tuple[Listener, ...] = ()
    """The sockets with the most connections, most first; as many as the limits allow."""
    clients: tuple[Client, ...] = ()
    """The client addresses with the most connections, most first; as many as the limits allow."""
    paths: tuple[Path, ...] = ()
    """The pairs of hosts with the most connections, most first; as many as the limits allow."""


class LadderLine(msgspec.Struct, frozen=True, gc=False):
    """One segment of a traced connection, as a ladder shows it."""

    frame: int
    time_ns: int
    sender: Side
    flags: int
    """Control bits as in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ECE 64, CWR 128."""
    seq: int
    """Relative to the sender's ISN where it is known, else to the first number captured."""
    ack: int | None
    payload: int
    window: int
    """In bytes, scaled where the scale is known."""
    notes: tuple[str, ...]
    """What the tracker made of it: ``retransmission``, ``duplicate``, ``keepalive``, ``out of order``, ..."""


class Scale(StrEnum):
    """Words that stand in an order: the one in which they are listed."""

    @property
    def rank(self) -> int:
        """Its place on the scale, from 0."""
        return list(type(self)).index(self)


class Severity(Scale):
    """How much a finding matters, least first."""

    INFO = "info"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Confidence(Scale):
    """How sure a finding is."""

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
    """What happened here, in one or two sentences with this case's numbers."""
    rivals: tuple[str, ...]
    """What else it might have been, each with why it is ruled out or still open."""
    advice: str
    display_filter: str
    """A Wireshark display filter that shows its frames."""
    count: int = 1
    """How many connections it speaks of."""
    examples: tuple[int, ...] = ()
    """Ids of some of them, where it speaks of several."""
    doubts: tuple[str, ...] = ()
    """Why the confidence is not higher, each in a phrase; empty where it is certain."""
    where: str = ""
    """The socket that it is about; a host, or a number of servers, where it is about more; empty for a capture."""
    of: int | None = None
    """How many connections that socket had, tried ones included, where ``where`` is one socket."""
    since_ns: int | None = None
    """When the first of its evidence was captured, in Unix ns."""
